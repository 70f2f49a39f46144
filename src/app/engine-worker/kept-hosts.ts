// Which hosts have a history, and what they did in the last second: the first thousand by traffic, those near a limit, and
// those under attack. Nothing is counted for it: it reads the averages that the engine keeps, once a second.

import { HOST_SPEEDS } from '#3-traffic/speed.ts'
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
  /** Hosts that are looked at together, and their speeds. */
  readonly #numbers = new Int32Array(TOP_HOSTS + NEAR_HOSTS)
  readonly #speeds = new Float64Array((TOP_HOSTS + NEAR_HOSTS) * HOST_SPEEDS)
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
    this.#fillAll(numbers, Math.exp(-seconds / this.#averageSeconds))
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

  #look(from: number, end: number): void {
    const { hosts } = this.#engine.pass
    const numbers = this.#numbers
    let count = 0
    for (let host = from; host < end; host++) {
      if (!hosts.isAttached(host)) continue
      numbers[count++] = host
      if (count < numbers.length) continue
      this.#offerAll(count)
      count = 0
    }
    this.#offerAll(count)
  }

  #offerAll(count: number): void {
    this.#readSpeeds(count)
    for (let i = 0; i < count; i++) this.#offer(this.#numbers[i]!, i * HOST_SPEEDS)
  }

  #readSpeeds(count: number): void {
    const { now, pass } = this.#engine
    pass.speedsOf(this.#numbers, count, Math.floor(now.seconds * 1000), this.#speeds)
  }

  #offer(host: number, from: number): void {
    let weight = 0
    let share = 0
    for (let side = 0; side < 2; side++) {
      const at = from + side * 3
      const packets = this.#speeds[at]!
      const bytes = this.#speeds[at + 1]!
      weight += packets * PACKET_WEIGHT + bytes
      share = Math.max(share, this.#shareOf(host * 2 + side, packets, bytes, this.#speeds[at + 2]!))
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

  #fillAll(numbers: Float32Array, faded: number): void {
    let count = 0
    for (const host of this.#kept.keys()) this.#numbers[count++] = host
    this.#readSpeeds(count)
    let place = 0
    for (const kept of this.#kept.values()) this.#fill(numbers, place++, kept, faded)
  }

  /**
   * An average is the one before, faded, and what came since. So what came is the difference: the speed of that second
   * alone, though nobody counted it apart.
   */
  #fill(numbers: Float32Array, place: number, { averages }: Kept, faded: number): void {
    const speeds = this.#speeds
    for (let side = 0; side < 2; side++) {
      const at = place * COLUMNS + side * 3
      const from = place * HOST_SPEEDS + side * 3
      numbers[at] = since(averages, side * 2, speeds[from]!, faded)
      numbers[at + 1] = since(averages, side * 2 + 1, speeds[from + 1]!, faded) * 8
      numbers[at + 2] = speeds[from + 2]!
    }
  }
}

/** What came since the last look, when the average was `averages[place]`, of which `faded` is left. */
function since(averages: number[], place: number, average: number, faded: number): number {
  const before = averages[place]!
  averages[place] = average
  // A host that was not looked at before, or a look at the same moment, has its average.
  if (!(faded < 1) || Number.isNaN(before)) return average
  return Math.max(0, (average - before * faded) / (1 - faded))
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
