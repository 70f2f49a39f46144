// Memory of one capture worker: counters, flow sketches and samples of its hosts, shared with whoever reads speeds.
//
// The worker is the only writer (of `watch` the reader is), counters wrap at 2^32, and the reader subtracts: no locks, no
// atomics per packet. Everything is reserved at its bound and costs physical memory only where it was touched.

import { sampleRingMemory } from './sample-ring.ts'

/** Words of a host's record: one line of 16 words (64 bytes, a cache line) per direction. */
export const RECORD = 32
export const RECORD_OUT = 16
/** Classes are exclusive, two words each (packets, bytes): totals are sums made when read. */
export const CLASS = { other: 0, udp: 2, tcp: 4, syn: 6, icmp: 8 } as const
/** Counted in addition to the class. */
export const FRAGMENT = 10
export const DROPPED = 12
/** Epoch in which this line was last written. */
export const STAMP = 14
/** Written by the reader: 0, or a power of two n: copy every n-th packet of each class to the watched ring. */
export const WATCH = 15

/** Words of a flow record, one per direction: estimate, chance (both float), estimate of the window before (float), window. */
export const FLOW_RECORD = 4
export const FLOW = { estimate: 0, chance: 1, before: 2, window: 3 } as const
/** 128 registers of four bits per direction. */
export const SKETCH_BYTES = 64
export const SKETCH_REGISTERS = 128

export const PAGE_SLOTS = 256

/** Words of the control block. */
export const CONTROL = {
  /** Written by the reader: number of the current tick, from 1. */
  epoch: 0,
  /** Written by the reader: number of the current flow window. */
  window: 1,
  /** Written by the reader: 1 asks the worker to end. */
  stop: 2,
  /** Entries ever written to `touched`. */
  touchedHead: 8,
  /** Counts up while the worker lives. */
  heartbeat: 9,
  slotsUsed: 10,
  hostsRefused: 11,
  hostsEvicted: 12,
  hostsReleased: 13,
  watchSkipped: 14,
  blocks: 15,
  kernelPackets: 16,
  kernelDrops: 17,
  kernelFreezes: 18,
  linkState: 19,
  /** Microseconds of work (not of waiting), wrapping. */
  busyMicros: 20,
  hostsV6: 21,
} as const
const CONTROL_WORDS = 64

/** Words of the totals: for each direction packets and bytes, IPv4 then IPv6, then packets by decode outcome. */
export const TOTAL = {
  incoming: 0,
  outgoing: 2,
  internal: 4,
  other: 6,
  ipv6: 8,
  outcome: 16,
  ignored: 20,
} as const
export const TOTAL_WORDS = 32

/** What a page of 256 slots is used for. */
export const PAGE_FREE = 0
/** An IPv4 /24: the low three bytes are its first three octets, first octet lowest. */
export const PAGE_V4 = 0x0100_0000
/** 256 single IPv6 hosts. */
export const PAGE_V6 = 0x0200_0000

export interface HostTables {
  readonly slots: number
  readonly snapBytes: number
  readonly control: Int32Array<SharedArrayBuffer>
  readonly totals: Int32Array<SharedArrayBuffer>
  readonly counters: Int32Array<SharedArrayBuffer>
  readonly sketches: Uint8Array<SharedArrayBuffer>
  /** Flow records as floats, and the same memory as integers for the window number. */
  readonly flows: Float32Array<SharedArrayBuffer>
  readonly flowWindows: Int32Array<SharedArrayBuffer>
  /** Counts up twice when a slot changes its host; odd while it does. */
  readonly generations: Int32Array<SharedArrayBuffer>
  readonly pageKinds: Int32Array<SharedArrayBuffer>
  readonly pageSeen: Int32Array<SharedArrayBuffer>
  /** IPv6 addresses of the slots in IPv6 pages, four little-endian words each. */
  readonly keys: Int32Array<SharedArrayBuffer>
  /** Ring of line numbers (2 x slot + direction), written when a line is first used in an epoch. */
  readonly touched: Int32Array<SharedArrayBuffer>
  readonly recent: Int32Array<SharedArrayBuffer>
  readonly watched: Int32Array<SharedArrayBuffer>
}

const words = (count: number) => new Int32Array(new SharedArrayBuffer(count * 4))

/** Reserves the tables of one worker. `slots` is rounded up to whole pages; page 0 stays unused so that slot 0 means none. */
export function createHostTables(wanted: number, snapBytes: number): HostTables {
  const slots = Math.ceil(wanted / PAGE_SLOTS) * PAGE_SLOTS + PAGE_SLOTS
  const flows = new SharedArrayBuffer(slots * FLOW_RECORD * 2 * 4)
  return {
    slots,
    snapBytes,
    control: words(CONTROL_WORDS),
    totals: words(TOTAL_WORDS),
    counters: words(slots * RECORD),
    sketches: new Uint8Array(new SharedArrayBuffer(slots * SKETCH_BYTES * 2)),
    flows: new Float32Array(flows),
    flowWindows: new Int32Array(flows),
    generations: words(slots),
    pageKinds: words(slots / PAGE_SLOTS),
    pageSeen: words(slots / PAGE_SLOTS),
    keys: words(slots * 4),
    touched: words(touchedCapacity(slots)),
    recent: sampleRingMemory(snapBytes),
    watched: sampleRingMemory(snapBytes),
  }
}

/** Two lines per slot, two epochs in flight: the ring cannot overflow while its reader keeps one epoch behind. */
function touchedCapacity(slots: number): number {
  let capacity = 4096
  while (capacity < slots * 4) capacity *= 2
  return capacity
}

/** Touches the memory of the first hosts so that the first second of an attack pays no page faults. */
export function prefault(tables: HostTables, slots: number): void {
  const count = Math.min(slots + PAGE_SLOTS, tables.slots)
  tables.counters.fill(0, 0, count * RECORD)
  tables.sketches.fill(0, 0, count * SKETCH_BYTES * 2)
  tables.flowWindows.fill(0, 0, count * FLOW_RECORD * 2)
  tables.recent.fill(0)
  tables.watched.fill(0)
}
