// Slots of hosts in plain memory for tests: addresses as the wire has them, look-ups as the hot path does them.

import { parseAddress } from '#lib/ip/address.ts'
import { type Prefix, parsePrefix } from '#lib/ip/prefix.ts'
import { foldAddress, mixFolded, otherSeed } from './address-hash.ts'
import { HostSlots } from './host-slots.ts'
import { createHostTables, type HostTables, LINE, lineOf, PAGE_SLOTS, STAMP } from './host-tables.ts'
import { Ipv4Levels, Ipv6Filter, wireWords } from './network-table.ts'

const SEED = 0x5eed

export const prefixesFor = (...texts: string[]): Prefix[] => texts.map(text => parsePrefix(text)!)

/** An IPv4 address as the little-endian word of the wire. */
export const wordFor = (text: string): number => wireWords(parseAddress(text)!.value << 96n)[0]

/** An IPv6 address as the four words of the wire. */
export const wordsFor = (text: string): [number, number, number, number] =>
  wireWords(parseAddress(text)!.value)

export interface SlotSetup {
  readonly tables: HostTables
  readonly slots: HostSlots
  /** Goes to this flow window: what is unseen for `idleWindows` is taken back. */
  window(number: number, idleWindows?: number): void
  /** The slot an IPv4 host has or gets, with traffic in the current window; 0 when it is not ours, one of page 0 without room. */
  see4(text: string): number
  /** The slot an IPv6 host has or gets, with traffic in the current window. */
  see6(words: readonly number[]): number
  /** The slot an IPv6 host has, 0 for none. */
  find6(words: readonly number[]): number
}

/** Tables for whole pages: `pagesV4` for IPv4, `pagesV6` for IPv6. */
export function slotSetup(networks: readonly string[], pagesV4: number, pagesV6: number): SlotSetup {
  const prefixes = prefixesFor(...networks)
  const tables = createHostTables((pagesV4 + pagesV6) * PAGE_SLOTS, 128)
  const slots = new HostSlots(
    tables,
    pagesV4 * PAGE_SLOTS,
    new Ipv4Levels(prefixes),
    new Ipv6Filter(prefixes),
    SEED,
  )
  let window = 1
  const seen = (slot: number): number => {
    if (slot < PAGE_SLOTS) return slot
    tables.counters[lineOf(slot, 1) * LINE + STAMP] = window
    tables.pageSeen[slot >> 8] = window
    return slot
  }
  const find6 = ([a = 0, b = 0, c = 0, d = 0]: readonly number[]): number => {
    const hash = mixFolded(foldAddress(a, b, c, d, SEED, otherSeed(SEED)))
    for (let home = hash & slots.mask6; ; home = (home + 1) & slots.mask6) {
      const slot = slots.hash6[home]!
      if (slot === 0 || isKey(tables, slot, [a, b, c, d])) return slot
    }
  }
  return {
    tables,
    slots,
    window: (number, idleWindows = 1 << 20) => {
      window = number
      slots.sweep(number, idleWindows)
    },
    see4: text => seen(slots.missV4(wordFor(text))),
    see6: words => {
      const [a = 0, b = 0, c = 0, d = 0] = words
      return seen(find6(words) || slots.missV6(a, b, c, d))
    },
    find6,
  }
}

const isKey = (tables: HostTables, slot: number, words: readonly number[]): boolean =>
  words.every((word, at) => tables.keys[slot * 4 + at] === word)
