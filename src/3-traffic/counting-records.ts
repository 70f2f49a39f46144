// Joins what counting flow records needs: tables, networks and slots of one worker, bound to the hot module.

import type { Prefix } from '#lib/ip/prefix.ts'
import type { CountingOptions } from './counting.ts'
import { HostSlots } from './host-slots.ts'
import type { HostTables } from './host-tables.ts'
import { Ipv4Levels, Ipv6Filter } from './network-table.ts'
import { bindNextRecords, type RecordBinding } from './record-binding.ts'

/** The hot module's functions; the type alone, the module is imported when its memory is bound. */
export type RecordCounting = typeof import('./count-record.ts')

export type RecordCountingOptions = Omit<CountingOptions, 'link' | 'innerTunnels'> &
  Pick<RecordBinding, 'headerAt' | 'spreadMs' | 'wholeSyn'> & {
    readonly spreadBlocks?: number
  }

/** Counting whose networks may change between two batches. */
export interface ChangeableRecords {
  readonly counting: RecordCounting
  changeNetworks(prefixes: readonly Prefix[]): void
}

/** About 2 KiB of address space each, of which only what is used becomes memory. */
const SPREAD_BLOCKS = 32_768

/** Binds a fresh copy of the hot module to tables of `tablesForRecords` and to the memory datagrams lie in. */
export async function bindRecords(
  tables: HostTables,
  frames: ArrayBuffer,
  options: RecordCountingOptions,
): Promise<ChangeableRecords> {
  const { prefixes, hostsMax, seed, spreadBlocks = SPREAD_BLOCKS } = options
  const { extras } = tables
  if (extras === undefined) throw new TypeError('tables of tablesForRecords are needed')
  const levels = new Ipv4Levels(prefixes)
  const filter = new Ipv6Filter(prefixes)
  const slots = new HostSlots(tables, hostsMax, levels, filter, seed)
  const number = bindNextRecords({
    ...options,
    ...{ tables: { ...tables, extras }, frames, slots, levels, filter, spreadBlocks },
  })
  const counting = (await import(`./count-record.ts?${number}`)) as RecordCounting
  return { counting, changeNetworks: networks => slots.changeNetworks(networks) }
}
