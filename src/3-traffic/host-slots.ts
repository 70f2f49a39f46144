// Which host has which slot: pages of 256 slots for IPv4 /24s, single slots for IPv6 hosts, given and taken back by
// the worker alone. The hot path looks up; whatever it does not find comes here.
//
// A slot that changes its host bumps its generation before and after, so a reader never takes the numbers of two hosts
// for those of one. At the bound the slot or page longest unseen makes room; if all are in use the host is not counted
// on its own (its packets are in the totals still, and with those of its prefix: unlisted.ts) and `hostsRefused` says so.

import type { Prefix } from '#lib/ip/prefix.ts'
import { foldAddress, mixFolded, otherSeed } from './address-hash.ts'
import {
  CONTROL,
  EXTRA_WORDS,
  type HostTables,
  LINE,
  lineOf,
  NO_ROOM,
  PAGE_FREE,
  PAGE_SLOTS,
  PAGE_V4,
  PAGE_V6,
  STAMP,
} from './host-tables.ts'
import { type Ipv4Levels, type Ipv6Filter, NOT_OURS, OURS, WHOLE_CHUNK } from './network-table.ts'
import { UnlistedSlots } from './unlisted.ts'

/** Pages or slots looked at for one that may be evicted, before the host is refused. */
const EVICTION_PROBES = 64
/** Only what was not seen for so many flow windows may be evicted: a host under flood never is. */
const EVICTION_WINDOWS = 2

export class HostSlots {
  readonly #tables: HostTables
  readonly #levels: Ipv4Levels
  readonly #filter: Ipv6Filter
  /** Of the hashes of IPv6 hosts. */
  readonly #seed: number
  readonly #other: number
  /** Open addressing over IPv6 slots: 0 is empty. Twice the slots, so half stays empty. */
  readonly hash6: Int32Array
  readonly mask6: number
  /** For each page: its entry in `levels.second`, or -(partial index). */
  readonly #pageEntry: Int32Array
  /** Which slots of IPv6 pages have a host. */
  readonly #held6: Uint8Array
  readonly #bounds: { readonly pagesV4: number; readonly pagesV6: number }
  readonly #pages = { v4: 0, v6: 0 }
  readonly #freePages: number[] = []
  readonly #unlisted: UnlistedSlots
  readonly #freeSlots6: number[] = []
  #pagesUsed = 1
  #hand = 1
  #hand6 = 0
  #sweep = 1
  #window = 1

  /** `slotsV4` of the tables' slots may go to IPv4 pages, the rest to IPv6 hosts: neither family can starve the other. */
  constructor(tables: HostTables, slotsV4: number, levels: Ipv4Levels, filter: Ipv6Filter, seed: number) {
    this.#tables = tables
    const pages = tables.slots / PAGE_SLOTS - 1
    const pagesV4 = Math.min(pages, Math.ceil(slotsV4 / PAGE_SLOTS))
    this.#bounds = { pagesV4, pagesV6: pages - pagesV4 }
    this.#held6 = new Uint8Array(tables.slots)
    this.#unlisted = new UnlistedSlots(tables)
    this.#levels = levels
    this.#filter = filter
    this.#seed = seed
    this.#other = otherSeed(seed)
    let size = 1024
    while (size < this.#bounds.pagesV6 * PAGE_SLOTS * 2) size *= 2
    this.hash6 = new Int32Array(size)
    this.mask6 = size - 1
    this.#pageEntry = new Int32Array(tables.slots / PAGE_SLOTS)
  }

  /** Slot of an IPv4 host whose /24 has no page yet or is ours only in part; 0 when it is not ours, one of page 0 without room. */
  missV4(ip: number): number {
    const levels = this.#levels
    const index = ip & 0xffff
    const third = (ip >>> 16) & 255
    if (levels.first[index] === WHOLE_CHUNK) levels.chunkOf(index)
    const at = levels.first[index]! * 256 + third
    const entry = levels.second[at]!
    if (entry === NOT_OURS) return 0
    if (entry >= PAGE_SLOTS) return entry + (ip >>> 24)
    if (entry < 0) return this.#partialV4(-entry, ip)
    const page = this.#takePageV4(ip, at)
    if (page === 0) return this.#unlisted.slotV4(ip)
    levels.second[at] = page * PAGE_SLOTS
    return page * PAGE_SLOTS + (ip >>> 24)
  }

  #partialV4(partial: number, ip: number): number {
    const levels = this.#levels
    if (!levels.isPartlyOurs(partial, ip >>> 24)) return 0
    let base = levels.partialPages[partial]!
    if (base === 0) {
      base = this.#takePageV4(ip, -partial) * PAGE_SLOTS
      if (base === 0) return this.#unlisted.slotV4(ip)
      levels.partialPages[partial] = base
    }
    return base + (ip >>> 24)
  }

  /** Slot of an IPv6 host that the hash does not hold yet; 0 when it is not ours, one of page 0 without room. */
  missV6(a: number, b: number, c: number, d: number): number {
    const member = this.#filter.memberOf(a, b, c, d)
    if (member < 0) return 0
    const slot = this.#takeSlot6()
    if (slot === NO_ROOM) return this.#unlisted.slotV6(a, b, this.#filter.members[member]!, member)
    const { keys } = this.#tables
    const at = slot * 4
    keys[at] = a
    keys[at + 1] = b
    keys[at + 2] = c
    keys[at + 3] = d
    // A slot without a stamp would look unseen for ever and be evicted at once.
    this.#tables.counters[lineOf(slot, 0) * LINE + STAMP] = this.#window - 1
    let home = this.#home(slot)
    while (this.hash6[home] !== 0) home = (home + 1) & this.mask6
    this.hash6[home] = slot
    this.#held6[slot] = 1
    this.#count(CONTROL.hostsV6, 1)
    return slot
  }

  /** The networks have changed: hosts outside of them lose their slots, all others keep theirs and what they have counted. */
  changeNetworks(prefixes: readonly Prefix[]): void {
    this.#levels.rewrite(prefixes)
    this.#filter.rewrite(prefixes)
    this.#unlisted.forgetNetworks()
    for (let page = 1; page < this.#pagesUsed; page++) {
      const kind = this.#tables.pageKinds[page]!
      if (kind === PAGE_V6) this.#keepOurs6(page)
      else if (kind !== PAGE_FREE) this.#keepOurs(page, kind & 0xff_ffff)
    }
  }

  /** Has a /24's page stand in the levels again, as far as it is ours. `ip` is its first three octets. */
  #keepOurs(page: number, ip: number): void {
    const levels = this.#levels
    const index = ip & 0xffff
    if (levels.first[index] === WHOLE_CHUNK) levels.chunkOf(index)
    const at = levels.first[index]! * 256 + (ip >>> 16)
    const entry = levels.second[at]!
    if (entry === NOT_OURS) {
      this.#count(CONTROL.hostsReleased, this.#freePage(page))
      return
    }
    this.#pageEntry[page] = entry < 0 ? entry : at
    if (entry === OURS) levels.second[at] = page * PAGE_SLOTS
    else levels.partialPages[-entry] = page * PAGE_SLOTS
    for (let octet = 0; entry < 0 && octet < PAGE_SLOTS; octet++) {
      const slot = page * PAGE_SLOTS + octet
      if (levels.isPartlyOurs(-entry, octet) || this.#lastSeen(slot) === 0) continue
      this.#clear(slot, 1)
      this.#count(CONTROL.hostsReleased, 1)
    }
  }

  #keepOurs6(page: number): void {
    const { keys } = this.#tables
    for (let slot = page * PAGE_SLOTS; slot < (page + 1) * PAGE_SLOTS; slot++) {
      const at = slot * 4
      if (this.#held6[slot] === 0) continue
      if (this.#filter.holds(keys[at]!, keys[at + 1]!, keys[at + 2]!, keys[at + 3]!)) continue
      this.#release6(slot)
      this.#freeSlots6.push(slot)
      this.#count(CONTROL.hostsReleased, 1)
    }
  }

  /** Once per flow window: takes back a share of what was not seen for `idleWindows`, so that all is visited within a quarter of that. */
  sweep(window: number, idleWindows: number): void {
    this.#window = window
    this.#unlisted.sweep(window, idleWindows)
    const pages = Math.ceil(this.#pagesUsed / Math.max(1, idleWindows >> 2))
    for (let i = 0; i < pages; i++) {
      this.#sweep = this.#sweep + 1 < this.#pagesUsed ? this.#sweep + 1 : 1
      this.#sweepPage(this.#sweep, window, idleWindows)
    }
  }

  #sweepPage(page: number, window: number, idleWindows: number): void {
    const kind = this.#tables.pageKinds[page]!
    if (kind === PAGE_FREE || page >= this.#pagesUsed) return
    if (kind !== PAGE_V6) {
      if (((window - this.#tables.pageSeen[page]!) | 0) <= idleWindows) return
      this.#count(CONTROL.hostsReleased, this.#releasePage(page))
      return
    }
    for (let slot = page * PAGE_SLOTS; slot < (page + 1) * PAGE_SLOTS; slot++) {
      if (this.#held6[slot] === 0 || this.#unseenWindows(slot) <= idleWindows) continue
      this.#release6(slot)
      this.#freeSlots6.push(slot)
      this.#count(CONTROL.hostsReleased, 1)
    }
  }

  /** A page for the /24 of `ip`, 0 when there is none. `entry` is where its first slot will stand. */
  #takePageV4(ip: number, entry: number): number {
    if (this.#pages.v4 >= this.#bounds.pagesV4 && !this.#evictPage()) {
      this.#count(CONTROL.hostsRefused, 1)
      return 0
    }
    const page = this.#takePage(PAGE_V4 | (ip & 0xff_ffff))
    this.#pageEntry[page] = entry
    return page
  }

  /** The bounds of both families together are the pages there are: a family below its bound always finds one. */
  #takePage(kind: number): number {
    const page = this.#freePages.pop() ?? this.#pagesUsed++
    this.#tables.pageKinds[page] = kind
    this.#tables.pageSeen[page] = this.#window
    if (kind === PAGE_V6) this.#pages.v6++
    else this.#pages.v4++
    this.#count(CONTROL.slotsUsed, PAGE_SLOTS)
    return page
  }

  #evictPage(): boolean {
    for (let probe = 0; probe < EVICTION_PROBES; probe++) {
      this.#hand = this.#hand + 1 < this.#pagesUsed ? this.#hand + 1 : 1
      const kind = this.#tables.pageKinds[this.#hand]!
      if (kind === PAGE_FREE || kind === PAGE_V6) continue
      if (((this.#window - this.#tables.pageSeen[this.#hand]!) | 0) < EVICTION_WINDOWS) continue
      this.#count(CONTROL.hostsEvicted, this.#releasePage(this.#hand))
      return true
    }
    return false
  }

  /** Gives an IPv4 page back; returns how many of its hosts had traffic. */
  #releasePage(page: number): number {
    const entry = this.#pageEntry[page]!
    if (entry >= 0) this.#levels.second[entry] = OURS
    else this.#levels.partialPages[-entry] = 0
    return this.#freePage(page)
  }

  #freePage(page: number): number {
    this.#tables.pageKinds[page] = PAGE_FREE
    const first = page * PAGE_SLOTS
    let hosts = 0
    for (let slot = first; slot < first + PAGE_SLOTS; slot++) if (this.#lastSeen(slot) !== 0) hosts++
    this.#clear(first, PAGE_SLOTS)
    this.#pages.v4--
    this.#freePages.push(page)
    this.#count(CONTROL.slotsUsed, -PAGE_SLOTS)
    return hosts
  }

  #takeSlot6(): number {
    const free = this.#freeSlots6.pop()
    if (free !== undefined) return free
    if (this.#pages.v6 < this.#bounds.pagesV6) {
      const page = this.#takePage(PAGE_V6)
      for (let slot = page * PAGE_SLOTS + PAGE_SLOTS - 1; slot > page * PAGE_SLOTS; slot--)
        this.#freeSlots6.push(slot)
      return page * PAGE_SLOTS
    }
    return this.#evict6()
  }

  /** Steps over the IPv6 slots with a clock hand of its own and takes the first that is long enough unseen. */
  #evict6(): number {
    for (let probe = 0; probe < EVICTION_PROBES; probe++) {
      this.#hand6 = this.#nextSlot6(this.#hand6)
      if (this.#hand6 === 0) break
      if (this.#held6[this.#hand6] === 0 || this.#unseenWindows(this.#hand6) < EVICTION_WINDOWS) continue
      this.#release6(this.#hand6)
      this.#count(CONTROL.hostsEvicted, 1)
      return this.#hand6
    }
    this.#count(CONTROL.hostsRefused, 1)
    return NO_ROOM
  }

  #nextSlot6(slot: number): number {
    if ((slot + 1) % PAGE_SLOTS !== 0 && slot !== 0) return slot + 1
    let page = Math.floor(slot / PAGE_SLOTS)
    for (let step = 0; step < this.#pagesUsed; step++) {
      page = page + 1 < this.#pagesUsed ? page + 1 : 1
      if (this.#tables.pageKinds[page] === PAGE_V6) return page * PAGE_SLOTS
    }
    return 0
  }

  /** Backward-shift deletion: the entries behind move up, so a lookup never meets a gap. */
  #release6(slot: number): void {
    const { hash6, mask6 } = this
    let hole = this.#home(slot)
    while (hash6[hole] !== slot) hole = (hole + 1) & mask6
    let next = (hole + 1) & mask6
    while (hash6[next] !== 0) {
      const home = this.#home(hash6[next]!)
      if (((next - home) & mask6) >= ((next - hole) & mask6)) {
        hash6[hole] = hash6[next]!
        hole = next
      }
      next = (next + 1) & mask6
    }
    hash6[hole] = 0
    this.#clear(slot, 1)
    this.#held6[slot] = 0
    this.#count(CONTROL.hostsV6, -1)
  }

  #unseenWindows(slot: number): number {
    return (this.#window - this.#lastSeen(slot)) | 0
  }

  /** Flow window in which the slot's host last had traffic, 0 for never. */
  #lastSeen(slot: number): number {
    const incoming = this.#tables.counters[lineOf(slot, 0) * LINE + STAMP]!
    const outgoing = this.#tables.counters[lineOf(slot, 1) * LINE + STAMP]!
    if (incoming === 0 || outgoing === 0) return incoming | outgoing
    return ((incoming - outgoing) | 0) > 0 ? incoming : outgoing
  }

  #clear(first: number, count: number): void {
    const { generations, counters, extras } = this.#tables
    for (let slot = first; slot < first + count; slot++) Atomics.add(generations, slot, 1)
    for (const side of [0, 1] as const)
      counters.fill(0, lineOf(first, side) * LINE, (lineOf(first, side) + count) * LINE)
    if (extras !== undefined) clearExtras(extras, first, count)
    for (let slot = first; slot < first + count; slot++) Atomics.add(generations, slot, 1)
  }

  #home(slot: number): number {
    const { keys } = this.#tables
    const at = slot * 4
    const [a, b, c, d] = [keys[at]!, keys[at + 1]!, keys[at + 2]!, keys[at + 3]!]
    return mixFolded(foldAddress(a, b, c, d, this.#seed, this.#other)) & this.mask6
  }

  #count(word: number, by: number): void {
    this.#tables.control[word]! += by
  }
}

function clearExtras(extras: Int32Array, first: number, count: number): void {
  for (const side of [0, 1] as const)
    extras.fill(0, lineOf(first, side) * EXTRA_WORDS, (lineOf(first, side) + count) * EXTRA_WORDS)
}
