// Memory of one capture worker: counters, flow sketches and samples of its hosts, shared with whoever reads speeds.
//
// The worker is the only writer (of `watch` the reader is), counters wrap at 2^32, and the reader subtracts: no locks, no
// atomics per packet. Everything is reserved at its bound and costs physical memory only where it was touched.

import { sampleRingMemory } from './sample-ring.ts'

/**
 * Words of a line: what is counted of one slot in one direction. It is two cache lines side by side, counters and then
 * the flow sketch: processors fetch such pairs together, and both lie on one page of memory.
 */
export const LINE = 32
/** Classes are exclusive, two words each (packets, bytes): totals are sums made when read. */
export const CLASS = { other: 0, udp: 2, tcp: 4, syn: 6, icmp: 8 } as const
/** Counted in addition to the class. */
export const FRAGMENT = 10
/** Words of a line that count; what follows is not subtracted. */
export const COUNTED_WORDS = 12
/** Flows of the current window as estimated so far (a single float), and the chance that a new one changes the sketch (flow-sketch.ts). */
export const ESTIMATE = 12
export const CHANCE = 13
/** Flow window in which this line was last written; 0 for never. */
export const STAMP = 14
/** Written by the reader: 0, or a power of two n: copy every n-th packet of each class to the watched ring. */
export const WATCH = 15
/** 120 registers of four bits, then the estimate of the window before as a float. */
export const SKETCH = 16
export const SKETCH_REGISTERS = 120
export const BEFORE = 31

/** Words beside a line where flow records are counted (record-tables.ts). */
export const EXTRA_WORDS = 9

export const PAGE_SLOTS = 256
/** Stands for a host of ours that found no room, as do all slots of page 0 from here on (unlisted.ts): no host has them. */
export const NO_ROOM = 1

/** 0 incoming, 1 outgoing. */
export type SideNumber = 0 | 1

/** Slots of a bank. The lines of a bank and direction fill 2 MiB, a large page of memory where the system has such. */
export const BANK_SLOTS = 16_384
const BANK_BYTES = BANK_SLOTS * LINE * 4

/**
 * Number of a slot's line in one direction. The incoming lines of a bank of slots come first, then its outgoing ones: a
 * direction without traffic costs no memory, and lines that are busy together lie together.
 */
export const lineOf = (slot: number, side: SideNumber): number =>
  slot + (slot & -BANK_SLOTS) + (side === 0 ? 0 : BANK_SLOTS)
/** The slot of a line, and the direction. */
export const slotOfLine = (line: number): number =>
  ((line & (-2 * BANK_SLOTS)) >>> 1) | (line & (BANK_SLOTS - 1))
export const sideOfLine = (line: number): SideNumber => ((line & BANK_SLOTS) === 0 ? 0 : 1)

/** Whether the host of a slot has had traffic: false once the slot was taken back, until another one has it. */
export const hasTraffic = ({ counters }: HostTables, slot: number): boolean =>
  (counters[lineOf(slot, 0) * LINE + STAMP]! | counters[lineOf(slot, 1) * LINE + STAMP]!) !== 0

/** Words of the control block. */
export const CONTROL = {
  /** Written by the reader: number of the current tick, from 1. */
  epoch: 0,
  /** Written by the reader: number of the current flow window, from 1. */
  window: 1,
  /** Written by the reader: a line that counts n packets of a class in a tick, n a power of two, is put on the busy list; this is n - 1. */
  busyMask: 3,
  /** Written by the reader: so is one that counts 2 to the power of this in bytes; 0: however many. */
  busyBits: 5,
  /** Written by the reader: 1 asks the worker to end. */
  stop: 2,
  /** Written by the main thread: counts up when it has sent a plan or asks for the end; looked at between two blocks. */
  said: 4,
  /** Entries ever written to `busy`. */
  busyHead: 22,
  /** Packets or datagrams that came to a worker and are counted. */
  captured: 24,
  /** And up to when what came is counted (counted-to.ts); 0: it does not say. */
  countedTo: 25,
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
  hostsV6: 21,
  /** By workers that count flow records: the mean rate of their sampling by packets, a single float (sampling-of.ts). */
  meanRate: 23,
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
  /** Packets and bytes that a rule of the whitelist leaves out (exempt.ts). */
  exempt: 22,
  /** Bytes of large flow records in units of LARGE_BYTES (record-tables.ts), a word for each direction, IPv4 then IPv6. */
  large: 24,
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
  /** Lines are numbered below this. */
  readonly lines: number
  readonly snapBytes: number
  readonly control: Int32Array<SharedArrayBuffer>
  readonly totals: Int32Array<SharedArrayBuffer>
  readonly counters: Int32Array<SharedArrayBuffer>
  /** The counters' memory for the words that hold floats. */
  readonly counterFloats: Float32Array<SharedArrayBuffer>
  /** The counters' memory for the registers of the sketches. */
  readonly counterBytes: Uint8Array<SharedArrayBuffer>
  /** Counts up twice when a slot changes its host; odd while it does. */
  readonly generations: Int32Array<SharedArrayBuffer>
  readonly pageKinds: Int32Array<SharedArrayBuffer>
  readonly pageSeen: Int32Array<SharedArrayBuffer>
  /** IPv6 addresses of the slots in IPv6 pages, four little-endian words each. */
  readonly keys: Int32Array<SharedArrayBuffer>
  /** By slot of page 0: family x 256 + length of the prefix it counts (unlisted.ts), 0 for none. */
  readonly unlistedShapes: Int32Array<SharedArrayBuffer>
  /** Ring of line numbers, written each time a line has counted so many packets; the same line may stand there often. */
  readonly busy: Int32Array<SharedArrayBuffer>
  readonly recent: Int32Array<SharedArrayBuffer>
  readonly watched: Int32Array<SharedArrayBuffer>
  /** Words beside each line, of workers that count flow records (record-tables.ts). */
  readonly extras?: Int32Array<SharedArrayBuffer>
}

const words = (count: number) => new Int32Array(new SharedArrayBuffer(count * 4))

/** Where a reservation begins in its buffer. */
export interface Reserved {
  readonly buffer: SharedArrayBuffer
  readonly offset: number
}
/** Reserves zeros that cost memory only where they are touched, from a multiple of `alignment` on if it can. */
export type Reserve = (bytes: number, alignment: number) => Reserved

const reservePlainly: Reserve = bytes => ({ buffer: new SharedArrayBuffer(bytes), offset: 0 })

/**
 * Reserves the tables of one worker. `slots` is rounded up to whole pages; page 0 has no hosts, so slot 0 means none.
 * `reserve` gets the memory of the counters, which is faster in large pages.
 */
export function createHostTables(
  wanted: number,
  snapBytes: number,
  reserve: Reserve = reservePlainly,
): HostTables {
  const slots = Math.ceil(wanted / PAGE_SLOTS) * PAGE_SLOTS + PAGE_SLOTS
  const lines = Math.ceil(slots / BANK_SLOTS) * BANK_SLOTS * 2
  const { buffer, offset } = reserve(lines * LINE * 4, BANK_BYTES)
  return {
    slots,
    lines,
    snapBytes,
    control: words(CONTROL_WORDS),
    totals: words(TOTAL_WORDS),
    counters: new Int32Array(buffer, offset, lines * LINE),
    counterFloats: new Float32Array(buffer, offset, lines * LINE),
    counterBytes: new Uint8Array(buffer, offset, lines * LINE * 4),
    generations: words(slots),
    pageKinds: words(slots / PAGE_SLOTS),
    pageSeen: words(slots / PAGE_SLOTS),
    keys: words(slots * 4),
    unlistedShapes: words(PAGE_SLOTS),
    busy: words(BUSY_ENTRIES),
    recent: sampleRingMemory(snapBytes),
    watched: sampleRingMemory(snapBytes),
  }
}

/** Busy lines announced between two ticks; beyond that the reader looks at all lines. */
export const BUSY_ENTRIES = 1 << 18
