// Hosts that found no room are counted together by prefix, so that a flood over more addresses than the table holds still
// has a place where its packets add up.
//
// Page 0 of a worker's tables belongs to no host. Its slots 2 to 255 each count one prefix: an IPv4 /24 (a page is given
// or refused as a whole), an IPv6 /48 or the longer network of ours. Slot 1 counts what is left when all are taken.

import type { Prefix } from '#lib/ip/prefix.ts'
import {
  CLASS,
  COUNTED_WORDS,
  FRAGMENT,
  type HostTables,
  LINE,
  lineOf,
  NO_ROOM,
  PAGE_SLOTS,
  type SideNumber,
  STAMP,
} from './host-tables.ts'
import { METRIC, ROW } from './metric.ts'
import { addressOfWord, addressOfWords, type Ipv6Member } from './network-table.ts'

/** IPv6 hosts without room are counted by prefixes no longer than this. */
const LENGTH_V6 = 48
/** Keys of IPv6 networks longer than that lie above all 48-bit prefixes; those of IPv4 below zero. */
const LONGER_V6 = 2 ** 48

/** The worker's side: which slot of page 0 counts a host. */
export class UnlistedSlots {
  readonly #tables: HostTables
  readonly #slotOf = new Map<number, number>()
  readonly #keyOf = new Float64Array(PAGE_SLOTS)
  readonly #free = Array.from({ length: PAGE_SLOTS - 2 }, (_, at) => PAGE_SLOTS - 1 - at)

  constructor(tables: HostTables) {
    this.#tables = tables
  }

  /** For an IPv4 host, a little-endian word of the wire. */
  slotV4(ip: number): number {
    const page = ip & 0xff_ffff
    const key = -1 - page
    return this.#slotOf.get(key) ?? this.#take(key, [page, 0, 0, 0], 4 * 256 + 24)
  }

  /** For an IPv6 host with these first two words, in this network of ours (number `index` of the filter). */
  slotV6(a: number, b: number, member: Ipv6Member, index: number): number {
    const isLonger = member.length > LENGTH_V6
    const key = isLonger ? LONGER_V6 + index : (a >>> 0) * 65_536 + (b & 0xffff)
    const known = this.#slotOf.get(key)
    if (known !== undefined) return known
    return isLonger
      ? this.#take(key, member.words, 6 * 256 + member.length)
      : this.#take(key, [a, b & 0xffff, 0, 0], 6 * 256 + LENGTH_V6)
  }

  #take(key: number, words: readonly number[], shape: number): number {
    const slot = this.#free.pop()
    if (slot === undefined) return NO_ROOM
    this.#slotOf.set(key, slot)
    this.#keyOf[slot] = key
    for (let at = 0; at < 4; at++) this.#tables.keys[slot * 4 + at] = words[at] ?? 0
    // Last, so that the reader never sees the shape of one prefix with the words of another.
    Atomics.store(this.#tables.unlistedShapes, slot, shape)
    return slot
  }

  /** The networks have changed, and with them the numbers of the filter. What is given back is used again last. */
  forgetNetworks(): void {
    for (const [key, slot] of this.#slotOf) {
      if (key < LONGER_V6) continue
      this.#slotOf.delete(key)
      this.#free.unshift(slot)
      Atomics.store(this.#tables.unlistedShapes, slot, 0)
    }
  }

  /** Once per flow window: gives back what was not seen for `idleWindows`. Counters go on from where they stand. */
  sweep(window: number, idleWindows: number): void {
    const { counters, unlistedShapes } = this.#tables
    for (const [key, slot] of this.#slotOf) {
      const seen = Math.max(
        counters[lineOf(slot, 0) * LINE + STAMP]!,
        counters[lineOf(slot, 1) * LINE + STAMP]!,
      )
      if (window - seen <= idleWindows) continue
      this.#slotOf.delete(key)
      this.#free.push(slot)
      Atomics.store(unlistedShapes, slot, 0)
    }
  }
}

/** Which metrics a pair of counters belongs to; all classes are packets and bytes besides. */
const METRICS_OF: readonly (readonly [word: number, metrics: readonly number[]])[] = [
  [CLASS.other, [METRIC.packets]],
  [CLASS.udp, [METRIC.packets, METRIC.udpPackets]],
  [CLASS.tcp, [METRIC.packets, METRIC.tcpPackets]],
  [CLASS.syn, [METRIC.packets, METRIC.tcpPackets, METRIC.synPackets]],
  [CLASS.icmp, [METRIC.packets, METRIC.icmpPackets]],
  [FRAGMENT, [METRIC.fragmentPackets]],
]

const SIDES = [0, 1] as const

/** The reader's side: what was counted for each prefix since it was last asked, over all workers. */
export class UnlistedCounts {
  readonly #workers: readonly {
    readonly tables: HostTables
    readonly samplingRate: number
    /** By side: counters of the slots when they were last read. */
    readonly before: readonly [Int32Array, Int32Array]
  }[]
  readonly #row = new Float64Array(ROW)

  constructor(sources: readonly { readonly tables: HostTables; readonly samplingRate: number }[]) {
    this.#workers = sources.map(({ tables, samplingRate }) => ({
      tables,
      samplingRate,
      before: [new Int32Array(PAGE_SLOTS * LINE), new Int32Array(PAGE_SLOTS * LINE)],
    }))
  }

  /** Shows each prefix and side (0 incoming, 1 outgoing) with traffic its row by METRIC, valid until the next one. */
  each(visit: (prefix: Prefix, side: SideNumber, row: Float64Array) => void): void {
    for (const { tables, samplingRate, before } of this.#workers) {
      for (let slot = NO_ROOM + 1; slot < PAGE_SLOTS; slot++) {
        const prefix = unlistedPrefix(tables, slot)
        if (prefix === undefined) continue
        for (const side of SIDES) {
          const at = lineOf(slot, side) * LINE
          if (this.#read(tables.counters, at, before[side], slot * LINE, samplingRate))
            visit(prefix, side, this.#row)
        }
      }
    }
  }

  #read(counters: Int32Array, at: number, before: Int32Array, kept: number, samplingRate: number): boolean {
    const row = this.#row.fill(0)
    const passed = (word: number) => ((counters[at + word]! - before[kept + word]!) >>> 0) * samplingRate
    for (const [word, metrics] of METRICS_OF) {
      for (const metric of metrics) {
        row[metric]! += passed(word)
        row[metric + 1]! += passed(word + 1)
      }
    }
    for (let word = 0; word < COUNTED_WORDS; word++) before[kept + word] = counters[at + word]!
    return row[METRIC.packets]! > 0
  }
}

/** The prefix a slot of page 0 counts, `undefined` for none. */
function unlistedPrefix(tables: HostTables, slot: number): Prefix | undefined {
  const shape = Atomics.load(tables.unlistedShapes, slot)
  if (shape === 0) return undefined
  const { keys } = tables
  const at = slot * 4
  const { family, value } =
    shape >> 8 === 4
      ? addressOfWord(keys[at]!)
      : addressOfWords(keys[at]!, keys[at + 1]!, keys[at + 2]!, keys[at + 3]!)
  return { family, value, length: shape & 255 }
}
