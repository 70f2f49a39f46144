// All hosts with traffic at one moment, as columns of numbers that can be handed to another thread without a copy.

import { wireWords } from '#3-traffic/network-table.ts'
import type { Engine } from '../engine.ts'

/** Averages per second by host and direction: two numbers a row, incoming and outgoing. */
export interface HostTable {
  /** Wall clock, ms since 1970 UTC. */
  readonly at: number
  readonly count: number
  /** 4 or 6. */
  readonly families: Uint8Array
  /** Four words per host as on the wire (little-endian words); an IPv4 address is the first. */
  readonly addresses: Int32Array
  readonly packets: Float32Array
  readonly bytes: Float32Array
  /** Distinct flows per second in the window that ended last. */
  readonly flows: Float32Array
}

/** Gathers the hosts that are counted now. */
export function hostTableOf({ pass, now }: Engine): HostTable {
  const { hosts, windowSeconds } = pass
  const table: HostTable = {
    at: now.wallMs,
    count: hosts.count,
    families: new Uint8Array(hosts.count),
    addresses: new Int32Array(hosts.count * 4),
    packets: new Float32Array(hosts.count * 2),
    bytes: new Float32Array(hosts.count * 2),
    flows: new Float32Array(hosts.count * 2),
  }
  const nowMs = now.seconds * 1000
  let row = 0
  for (let host = 1; host < hosts.bound; host++) {
    if (!hosts.isAttached(host)) continue
    const { family, value } = hosts.address(host)
    table.families[row] = family
    table.addresses.set(family === 6 ? wireWords(value) : [wireWords(value << 96n)[0]], row * 4)
    for (let side = 0; side < 2; side++) {
      const line = host * 2 + side
      const at = row * 2 + side
      table.packets[at] = pass.average(line, 'packets', nowMs)
      table.bytes[at] = pass.average(line, 'bytes', nowMs)
      table.flows[at] = pass.flows(line) / windowSeconds
    }
    row++
  }
  return table
}

/** The memory that is handed over with a table. */
export const memoryOf = (table: HostTable): ArrayBuffer[] =>
  [table.families, table.addresses, table.packets, table.bytes, table.flows].map(
    ({ buffer }) => buffer as ArrayBuffer,
  )
