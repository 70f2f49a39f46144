// Joins what counting needs: tables, networks and slots of one worker, bound to the hot module.

import type { Prefix } from '#lib/ip/prefix.ts'
import { bindNext } from './count-binding.ts'
import { HostSlots } from './host-slots.ts'
import { createHostTables, type HostTables, PAGE_SLOTS, type Reserve } from './host-tables.ts'
import { Ipv4Levels, Ipv6Filter } from './network-table.ts'

/** The hot module's functions; the type alone, the module is imported when its memory is bound. */
export type Counting = typeof import('./count.ts')

export interface CountingOptions {
  readonly prefixes: readonly Prefix[]
  readonly hostsMax: number
  readonly seed: number
  readonly link: number
  readonly incoming: boolean
  readonly outgoing: boolean
  readonly internal: 'both' | 'totals'
  readonly flows: 'all' | 'tcp-udp-v4' | 'off'
  readonly lengthFromIp: boolean
  readonly innerTunnels: boolean
  readonly idleWindows: number
}

/** IPv4 slots the prefixes can use at most (whole /24s), within the bound. */
function slotsV4(prefixes: readonly Prefix[], hostsMax: number): number {
  let slots = 0
  for (const { family, length } of prefixes) {
    if (family === 4) slots += Math.max(PAGE_SLOTS, 2 ** (32 - length))
  }
  return Math.min(slots, hostsMax)
}

/** Reserves tables for the hosts of these prefixes: as many as there can be, `hostsMax` of each family at most. */
export function tablesFor(
  prefixes: readonly Prefix[],
  hostsMax: number,
  snapBytes: number,
  reserve?: Reserve,
): HostTables {
  const hasV6 = prefixes.some(prefix => prefix.family === 6)
  const slots = slotsV4(prefixes, hostsMax) + (hasV6 ? slotsV6(prefixes, hostsMax) : 0)
  return createHostTables(slots, snapBytes, reserve)
}

/** Reserves tables for any networks: `hostsMax` of each family. Memory that no host has touched costs nothing. */
export function tablesForAny(hostsMax: number, snapBytes: number, reserve?: Reserve): HostTables {
  return createHostTables(2 * Math.ceil(hostsMax / PAGE_SLOTS) * PAGE_SLOTS, snapBytes, reserve)
}

/** IPv6 slots: all addresses of small prefixes, else the bound. */
function slotsV6(prefixes: readonly Prefix[], hostsMax: number): number {
  let slots = 0
  for (const { family, length } of prefixes) if (family === 6) slots += 2 ** Math.min(32, 128 - length)
  return Math.min(slots, hostsMax)
}

/** Counting whose networks may change between two blocks. */
export interface ChangeableCounting {
  readonly counting: Counting
  /** Hosts that are in these prefixes too keep what they have counted; the others are let go. */
  changeNetworks(prefixes: readonly Prefix[]): void
}

/** Binds a fresh copy of the hot module to tables for any networks and to this frame memory. */
export async function bindChangeable(
  tables: HostTables,
  frames: ArrayBuffer,
  options: CountingOptions,
): Promise<ChangeableCounting> {
  const { slots, counting } = await bind(tables, frames, options, options.hostsMax)
  return { counting, changeNetworks: prefixes => slots.changeNetworks(prefixes) }
}

/** Binds a fresh copy of the hot module to tables for these networks and to this frame memory. */
export async function bindCounting(
  tables: HostTables,
  frames: ArrayBuffer,
  options: CountingOptions,
): Promise<Counting> {
  const { prefixes, hostsMax } = options
  return (await bind(tables, frames, options, slotsV4(prefixes, hostsMax))).counting
}

async function bind(tables: HostTables, frames: ArrayBuffer, options: CountingOptions, forV4: number) {
  const { prefixes, seed } = options
  const levels = new Ipv4Levels(prefixes)
  const filter = new Ipv6Filter(prefixes)
  const slots = new HostSlots(tables, forV4, levels, filter, seed)
  const number = bindNext({ frames, tables, slots, levels, filter, ...options })
  const counting = (await import(`./count.ts?${number}`)) as Counting
  return { slots, counting }
}
