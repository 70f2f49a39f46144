// Hosts with traffic at one moment, as columns of numbers that can be handed to another thread without a copy.
//
// They are asked for in portions, and the engine ticks between two of them: a million hosts hold up no decision.

import type { CountedSource } from '#3-traffic/speed.ts'
import type { Engine } from '../engine.ts'
import { CLASS_COLUMNS, ClassAverages } from './class-averages.ts'

/** Averages per second by host and direction: two numbers a row, incoming and outgoing. */
export interface HostTable {
  /** Wall clock, ms since 1970 UTC. */
  readonly at: number
  readonly count: number
  /** From where to ask for more; `undefined` when there are no more hosts. */
  readonly next: number | undefined
  /** 4 or 6. */
  readonly families: Uint8Array
  /** Four words per host as on the wire (little-endian words); an IPv4 address is the first. */
  readonly addresses: Int32Array
  readonly packets: Float32Array
  readonly bytes: Float32Array
  /** Distinct flows per second in the window that ended last. */
  readonly flows: Float32Array
  /** Packets and bytes by class (CLASS_COLUMN), a row for each direction; empty unless they were asked for. */
  readonly classes: Float32Array
}

export interface HostPortion {
  /** 0 to begin with, then `next` of the portion before. */
  readonly from: number
  /** So many host numbers are looked at, most of which may stand for no host. */
  readonly most: number
  readonly classes: boolean
}

/** Host numbers in a portion. */
export const PORTION = 8192

export class HostTables {
  readonly #engine: Engine
  readonly #sources: readonly CountedSource[]
  readonly #averageSeconds: number
  #classes: ClassAverages | undefined

  constructor(engine: Engine, sources: readonly CountedSource[], averageSeconds: number) {
    this.#engine = engine
    this.#sources = sources
    this.#averageSeconds = averageSeconds
  }

  /** The hosts that have traffic now, from a number on. Those at less than one packet, byte and flow per second are left out. */
  read({ from, most, classes }: HostPortion): HostTable {
    const { pass, now } = this.#engine
    const { hosts } = pass
    if (classes) this.#classes ??= new ClassAverages(this.#sources, this.#averageSeconds)
    const end = Math.min(hosts.bound, from + most)
    const table = emptyTable(now.wallMs, Math.min(hosts.count, Math.max(0, end - from)), classes)
    let row = 0
    for (let host = Math.max(1, from); host < end; host++) {
      if (!hosts.isAttached(host) || !this.#fill(table, row, host)) continue
      table.families[row] = hosts.wireAddress(host, table.addresses, row * 4)
      if (classes) this.#fillClasses(table.classes, row, host)
      row++
    }
    return { ...table, count: row, next: end < hosts.bound ? end : undefined }
  }

  /** False: nothing that would be shown. */
  #fill({ packets, bytes, flows }: HostTable, row: number, host: number): boolean {
    const { pass, now } = this.#engine
    const nowMs = now.seconds * 1000
    let isBusy = false
    for (let side = 0; side < 2; side++) {
      const line = host * 2 + side
      const at = row * 2 + side
      packets[at] = pass.average(line, 'packets', nowMs)
      bytes[at] = pass.average(line, 'bytes', nowMs)
      flows[at] = pass.flows(line) / pass.windowSeconds
      isBusy ||= packets[at]! >= 1 || bytes[at]! >= 1 || flows[at]! >= 1
    }
    return isBusy
  }

  #fillClasses(classes: Float32Array, row: number, host: number): void {
    const { pass, now } = this.#engine
    for (const side of [0, 1] as const) {
      const at = (row * 2 + side) * CLASS_COLUMNS
      this.#classes?.addTo(classes, at, pass.hosts, host, side, now.seconds * 1000)
    }
  }
}

const emptyTable = (at: number, rows: number, classes: boolean): HostTable => ({
  at,
  count: 0,
  next: undefined,
  families: new Uint8Array(rows),
  addresses: new Int32Array(rows * 4),
  packets: new Float32Array(rows * 2),
  bytes: new Float32Array(rows * 2),
  flows: new Float32Array(rows * 2),
  classes: new Float32Array(classes ? rows * 2 * CLASS_COLUMNS : 0),
})

/** The memory that is handed over with a table. */
export const memoryOf = (table: HostTable): ArrayBuffer[] =>
  [table.families, table.addresses, table.packets, table.bytes, table.flows, table.classes].map(
    ({ buffer }) => buffer as ArrayBuffer,
  )
