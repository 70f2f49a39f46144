// Which hosts have a history, and what they did in the last second: the first thousand by traffic, those near a limit, and
// those under attack. Nothing is counted for it: it reads the averages that the engine keeps, once a second.

import { TopList } from '#3-traffic/top-talkers.ts'
import type { Limit, LimitSet } from '#4-detection/limit.ts'
import { formatAddress } from '#lib/ip/address.ts'
import type { Engine } from '../engine.ts'
import { COLUMNS } from './columns.ts'

/** Hosts with the most traffic, and further ones near a limit or under attack. */
export const TOP_HOSTS = 1000
export const NEAR_HOSTS = 500
/** So near to a limit that a host is kept whatever others do. */
const NEAR_SHARE = 0.1
/** Host numbers that are looked at in a second, in some milliseconds: a table of a million takes four minutes. */
const LOOKED_MAX = 4096
/** Who is kept makes way for a host with so many times its traffic: of many alike others are the first each time. */
const STAYS = 1.5
/** A packet weighs as much as so many bytes, so that floods of small packets rank with those of large ones. */
const PACKET_WEIGHT = 500

export interface HostRates {
  /** Another one when the hosts are others. */
  readonly version: number
  /** Canonical addresses; missing: those of this version are known. */
  readonly names?: readonly string[]
  /** COLUMNS for each of them. */
  readonly numbers: Float32Array
  /** Hosts with traffic that have no history. */
  readonly left: number
}

/** A host that is kept, with its averages at the last look. Arrays of numbers take a third of what typed ones do. */
interface Kept {
  readonly host: number
  readonly name: string
  readonly words: readonly number[]
  readonly averages: number[]
}

interface Look {
  /** What is left of the averages of the look before. */
  readonly faded: number
  /** Whole, so that it is the same kind of number each time. */
  readonly nowMs: number
}

export class KeptHosts {
  readonly #engine: Engine
  readonly #averageSeconds: number
  #kept = new Map<number, Kept>()
  #version = 0
  #lookedAt = Number.NaN
  #from = 1
  #top = new TopList(TOP_HOSTS)
  #near = new TopList(NEAR_HOSTS)
  readonly #words = new Int32Array(4)
  #least = NO_LEAST

  constructor(engine: Engine, averageSeconds: number) {
    this.#engine = engine
    this.#averageSeconds = averageSeconds
  }

  /** Call once a second. `known`: the version whose hosts need not be told. */
  read(known: number): HostRates {
    this.#walk()
    const { now, pass } = this.#engine
    const seconds = now.seconds - this.#lookedAt
    this.#lookedAt = now.seconds
    const numbers = new Float32Array(this.#kept.size * COLUMNS)
    this.#fillAll(numbers, {
      ...{ faded: Math.exp(-seconds / this.#averageSeconds), nowMs: Math.floor(now.seconds * 1000) },
    })
    const isKnown = known === this.#version
    return {
      version: this.#version,
      ...(isKnown ? {} : { names: [...this.#kept.values()].map(({ name }) => name) }),
      numbers,
      left: Math.max(0, pass.hosts.count - this.#kept.size),
    }
  }

  /** Some more of the table; at its end who is kept is settled anew. */
  #walk(): void {
    const { bound } = this.#engine.pass.hosts
    if (this.#from === 1) this.#least = leastOf(this.#engine.detector.limitSets)
    const end = Math.min(bound, this.#from + LOOKED_MAX)
    this.#look(this.#from, end)
    this.#from = end
    const { detector } = this.#engine
    const open = detector.open.map(({ host }) => detector.numberOf(host)).filter(number => number !== 0)
    if (end < bound) {
      if (open.length === 0 && this.#areStill()) return
      // Who is attacked is kept at once. Whoever left meanwhile has another's number, or none.
      this.#settle([...open.slice(-NEAR_HOSTS), ...this.#kept.keys()])
      return
    }
    const wanted = [...open.slice(-NEAR_HOSTS), ...this.#near.sorted(), ...this.#top.sorted()]
    // Whoever was kept stays while there is room: a host that pauses has a history of silence, not a gap.
    this.#settle([...wanted, ...this.#kept.keys()])
    this.#from = 1
    this.#top = new TopList(TOP_HOSTS)
    this.#near = new TopList(NEAR_HOSTS)
  }

  /** Apart from what is done once a second: V8 compiles a loop with all around it, and anew when that looks otherwise. */
  #look(from: number, end: number): void {
    const nowMs = Math.floor(this.#engine.now.seconds * 1000)
    for (let host = from; host < end; host++) this.#offer(host, nowMs)
  }

  #offer(host: number, nowMs: number): void {
    const { pass } = this.#engine
    if (!pass.hosts.isAttached(host)) return
    let weight = 0
    let share = 0
    for (let line = host * 2; line < host * 2 + 2; line++) {
      const packets = pass.average(line, 'packets', nowMs)
      const bytes = pass.average(line, 'bytes', nowMs)
      weight += packets * PACKET_WEIGHT + bytes
      share = Math.max(share, this.#shareOf(line, packets, bytes, pass.flows(line) / pass.windowSeconds))
    }
    if (weight === 0) return
    const stays = this.#kept.has(host) ? STAYS : 1
    this.#top.offer(host, weight * stays)
    if (share >= NEAR_SHARE) this.#near.offer(host, share * stays)
  }

  /** How near a line is to its nearest limit. Most are far from any limit there is, so theirs need not be looked up. */
  #shareOf(line: number, packets: number, bits: number, flows: number): number {
    const least = this.#least
    const isFar =
      packets < least.packets * NEAR_SHARE &&
      bits < least.bits * NEAR_SHARE &&
      flows < least.flows * NEAR_SHARE
    if (isFar) return 0
    const set = this.#engine.detector.limitsOf(this.#engine.pass.address(line >> 1))
    return shareOf(set?.bySide[line & 1] ?? [], { packets, bits, flows })
  }

  #settle(wanted: readonly number[]): void {
    const { hosts } = this.#engine.pass
    const next = new Map<number, Kept>()
    let isOther = false
    for (const host of wanted) {
      if (next.size >= TOP_HOSTS + NEAR_HOSTS) break
      if (next.has(host) || !hosts.isAttached(host)) continue
      const known = this.#kept.get(host)
      const isSame = known !== undefined && this.#isStill(known)
      isOther ||= !isSame
      next.set(host, isSame ? known : this.#keptOf(host))
    }
    if (!isOther && next.size === this.#kept.size) return
    this.#kept = next
    this.#version++
  }

  /** Whether all that are kept are still there. */
  #areStill(): boolean {
    const { hosts } = this.#engine.pass
    for (const kept of this.#kept.values())
      if (!hosts.isAttached(kept.host) || !this.#isStill(kept)) return false
    return true
  }

  #isStill({ host, words }: Kept): boolean {
    const now = this.#words
    now.fill(0)
    this.#engine.pass.hosts.wireAddress(host, now, 0)
    return words[0] === now[0] && words[1] === now[1] && words[2] === now[2] && words[3] === now[3]
  }

  #keptOf(host: number): Kept {
    const { hosts } = this.#engine.pass
    const words = new Int32Array(4)
    hosts.wireAddress(host, words, 0)
    const name = formatAddress(hosts.address(host))
    return { host, name, words: [...words], averages: new Array<number>(4).fill(Number.NaN) }
  }

  #fillAll(numbers: Float32Array, look: Look): void {
    let at = 0
    for (const kept of this.#kept.values()) {
      this.#fill(numbers, at, kept, look)
      at += COLUMNS
    }
  }

  /**
   * An average is the one before, faded, and what came since. So what came is the difference: the speed of that second
   * alone, though nobody counted it apart.
   */
  #fill(numbers: Float32Array, at: number, { host, averages }: Kept, { faded, nowMs }: Look): void {
    const { pass } = this.#engine
    const since = (which: 'packets' | 'bytes', side: number, place: number) => {
      const average = pass.average(host * 2 + side, which, nowMs)
      const before = averages[place]!
      averages[place] = average
      // A host that was not looked at before, or a look at the same moment, has its average.
      if (!(faded < 1) || Number.isNaN(before)) return average
      return Math.max(0, (average - before * faded) / (1 - faded))
    }
    for (let side = 0; side < 2; side++) {
      numbers[at + side * 3] = since('packets', side, side * 2)
      numbers[at + side * 3 + 1] = since('bytes', side, side * 2 + 1) * 8
      numbers[at + side * 3 + 2] = pass.flows(host * 2 + side) / pass.windowSeconds
    }
  }
}

const NAMES = ['packets', 'bits', 'flows'] as const
/** Packets, bytes (as the limit `bits` is kept) and flows per second. */
type Speeds = Readonly<Record<(typeof NAMES)[number], number>>

/** How near speeds are to the nearest of these limits; limits of classes of traffic are not looked at. */
const shareOf = (limits: readonly Limit[], speeds: Speeds): number =>
  Math.max(
    0,
    ...NAMES.map(
      name => speeds[name] / (limits.find(one => one.name === name)?.perSecond ?? Number.POSITIVE_INFINITY),
    ),
  )

const NO_LEAST: Speeds = {
  packets: Number.POSITIVE_INFINITY,
  bits: Number.POSITIVE_INFINITY,
  flows: Number.POSITIVE_INFINITY,
}

/** The lowest limits there are for anybody. */
function leastOf(sets: readonly LimitSet[]): Speeds {
  const least = { ...NO_LEAST }
  for (const { limits } of sets)
    for (const { name, perSecond } of limits)
      if (name === 'packets' || name === 'bits' || name === 'flows')
        least[name] = Math.min(least[name], perSecond)
  return least
}
