// Samples of all hosts, sorted: those of suspects are weighed, those of calm hosts make friends and habits known.
//
// Work per tick is bounded, however many hosts cross a limit at once: so many samples, so many suspects with samples of
// their own, so many weighed anew. Whoever finds no place is judged by a neutral suspicion.

import type { Sample } from '#2-decode/sample.ts'
import { hash128 } from '#3-traffic/address-hash.ts'
import { wireWords } from '#3-traffic/network-table.ts'
import type { Address } from '#lib/ip/address.ts'
import type { Prefix } from '#lib/ip/prefix.ts'
import type { Suspicion } from './attack.ts'
import { CalmMixes } from './calm-mix.ts'
import { CalmNetworks } from './calm-networks.ts'
import { type CalmPacket, CalmRecord } from './calm-packet.ts'
import { CalmWaiting } from './calm-waiting.ts'
import { Friends } from './friends.ts'
import { SuspectSamples } from './suspect-samples.ts'

export interface SuspectsOptions {
  readonly networks: readonly Prefix[]
  readonly friendsSeconds: number
  /** Whether packets of both directions are counted at all. */
  readonly countsBothWays: boolean
  readonly seed: number
  readonly addressOf: (host: number) => Address
}

/** Suspects with samples of their own; about 14 kB each. */
const CASES_MAX = 512
/** Weighed anew in one tick: about 0.1 ms each. */
const WEIGHED_MAX = 64
/** Taken in one tick, of all hosts. */
const SAMPLES_MAX = 8192
/** Taken in one tick while they tell of calm alone: some 3,000 a second, however fast packets come. */
const CALM_MAX = 320
/** For so many ticks a fresh suspect is known by packets of all, unless its own are copied sooner. */
const UNWATCHED_TICKS = 10
/** Habits looked up in one tick. */
const FAMILIAR_MAX = 16
/** Of so many calm samples at least one in a hundred must come from our hosts, or their packets do not pass here. */
const ONE_WAY_SAMPLES = 1000
const ONE_WAY_SHARE = 0.01

const RST = 4
const SYN = 2
const ACK = 16
const TCP = 6

interface Case {
  readonly host: number
  readonly key: number
  readonly samples: SuspectSamples
  /** Tick in which it began. */
  readonly began: number
}

export class Suspects {
  readonly #options: SuspectsOptions
  #networks: CalmNetworks
  readonly #friends: Friends
  readonly #mixes: CalmMixes
  /** A sample has a host of ours at each end at most. */
  readonly #waiting = new CalmWaiting(2 * SAMPLES_MAX)
  readonly #record = new CalmRecord()
  readonly #cases = new Map<number, Case>()
  readonly #byKey = new Map<number, Case>()
  readonly #pool: SuspectSamples[] = []
  /** Keys of all suspects by host, also of those without samples of their own: what they do is not calm. */
  readonly #keys = new Map<number, number>()
  readonly #suspectKeys = new Set<number>()
  /** Attacked as wholes: what their hosts do is not calm. */
  #attacked: CalmNetworks | undefined
  #seconds = 0
  #tick = 0
  #samplesLeft = SAMPLES_MAX
  #weighedLeft = WEIGHED_MAX
  #familiarLeft = FAMILIAR_MAX
  #incoming = 0
  #outgoing = 0
  /** Suspects that found no place for samples of their own. */
  refused = 0
  /** Samples that were left out because a tick had taken enough. */
  skipped = 0

  constructor(options: SuspectsOptions) {
    this.#options = options
    this.#networks = new CalmNetworks(options.networks)
    this.#friends = new Friends(options.friendsSeconds)
    this.#mixes = new CalmMixes(options.seed)
  }

  /** Our networks are others from now on. */
  set networks(networks: readonly Prefix[]) {
    this.#networks = new CalmNetworks(networks)
  }

  /** Prefixes that are under attack as wholes from now on. */
  set attacked(prefixes: readonly Prefix[]) {
    this.#attacked = prefixes.length === 0 ? undefined : new CalmNetworks(prefixes)
  }

  #isAttacked({ family, a, b, c, d }: CalmRecord): boolean {
    return this.#attacked?.holds(family, a, b, c, d) ?? false
  }

  /** The host crossed a limit in this direction: its samples are kept from now on. */
  began(host: number, side: 0 | 1): void {
    const key = keyOf(this.#options.addressOf(host))
    this.#keys.set(host, key)
    this.#suspectKeys.add(key)
    if (this.#cases.size >= CASES_MAX || this.#byKey.has(key)) {
      this.refused++
      return
    }
    const samples = this.#pool.pop() ?? new SuspectSamples()
    samples.begin(side, this.#familiarOf(key))
    const one: Case = { host, key, samples, began: this.#tick }
    this.#cases.set(host, one)
    this.#byKey.set(key, one)
  }

  #familiarOf(key: number): ReadonlySet<number> | undefined {
    if (this.#familiarLeft <= 0) return undefined
    this.#familiarLeft--
    return this.#mixes.familiar(key)
  }

  ended(host: number): void {
    this.#suspectKeys.delete(this.#keys.get(host) ?? 0)
    this.#keys.delete(host)
    const one = this.#cases.get(host)
    if (one === undefined) return
    this.#cases.delete(host)
    this.#byKey.delete(one.key)
    this.#pool.push(one.samples)
  }

  /** How many packets of all are worth a look in this tick: every one of them may be of a suspect that has no copies yet. */
  get looksAtMost(): number {
    for (const { samples, began } of this.#cases.values())
      if (!samples.hasWatched && this.#tick - began <= UNWATCHED_TICKS) return SAMPLES_MAX
    return CALM_MAX
  }

  /** Begins the tick that ends at `nowSeconds`. */
  beginTick(nowSeconds: number): void {
    this.#tick++
    this.#samplesLeft = SAMPLES_MAX
    this.#weighedLeft = WEIGHED_MAX
    this.#familiarLeft = FAMILIAR_MAX
    this.#seconds = nowSeconds
    this.#friends.age(nowSeconds)
    this.#waiting.release(record => {
      if (!this.#isSuspect(record.key) && !this.#isAttacked(record)) this.#mixes.add(record, nowSeconds)
    })
  }

  /**
   * A packet that was copied for a suspect (`isWatched`), or one of all. `sample` was decoded from `frame`, which ends at
   * `end`. One of all is taken for a suspect only until its own are copied, so that none counts twice. `told`: packets a flow
   * record told of, 0 for one that was seen.
   */
  offer(
    sample: Sample,
    frame: DataView,
    end: number,
    weight: number,
    isWatched: boolean,
    told: number,
  ): void {
    if (this.#samplesLeft <= 0) {
      this.skipped++
      return
    }
    this.#samplesLeft--
    const target = hash128(sample.targetA, sample.targetB, sample.targetC, sample.targetD)
    const source = hash128(sample.sourceA, sample.sourceB, sample.sourceC, sample.sourceD)
    const attacked = this.#byKey.get(target)
    const attacker = this.#byKey.get(source)
    if (attacked?.samples.takes(isWatched)) {
      const isFriend = this.#friends.isFriend(pairOf(target, source))
      attacked.samples.add(true, sample, frame, end, weight, isFriend)
    }
    if (attacker?.samples.takes(isWatched)) {
      const isFriend = this.#friends.isFriend(pairOf(source, target))
      attacker.samples.add(false, sample, frame, end, weight, isFriend)
    }
    if (!isWatched) this.#learn(sample, frame, target, source, told)
  }

  /** What a calm packet tells: of a host of ours whose suspicion is not open. */
  #learn(sample: Sample, frame: DataView, target: number, source: number, told: number): void {
    const { family, protocol, tcpFlags } = sample
    const record = this.#record
    const isToUs = this.#networks.holds(
      family,
      sample.targetA,
      sample.targetB,
      sample.targetC,
      sample.targetD,
    )
    const isFromUs = this.#networks.holds(
      family,
      sample.sourceA,
      sample.sourceB,
      sample.sourceC,
      sample.sourceD,
    )
    if (isToUs) this.#incoming++
    if (isFromUs) this.#outgoing++
    const talks = protocol !== TCP || ((tcpFlags & ACK) !== 0 && (tcpFlags & (RST | SYN)) === 0)
    if (isToUs && !this.#isSuspect(target)) {
      if (talks) this.#friends.saw(pairOf(target, source), true)
      record.fill(sample, frame, true, target, told)
      this.#waiting.add(record)
    }
    if (isFromUs && !this.#isSuspect(source)) {
      if (talks) this.#friends.saw(pairOf(source, target), false)
      record.fill(sample, frame, false, source, told)
      this.#waiting.add(record)
    }
  }

  #isSuspect(key: number): boolean {
    return this.#suspectKeys.has(key)
  }

  /** How suspicious the host is by now; `undefined` while nothing can be said. */
  weigh(host: number): Suspicion | undefined {
    const samples = this.#cases.get(host)?.samples
    if (samples === undefined) return undefined
    const everyTicks = Math.ceil(this.#cases.size / WEIGHED_MAX)
    if (this.#weighedLeft <= 0 || this.#tick - samples.weighedTick < everyTicks) return samples.last
    this.#weighedLeft--
    samples.weighedTick = this.#tick
    return samples.weigh(this.seesAnswers)
  }

  /** Whether packets the other way pass here: some topologies show one direction only. */
  get seesAnswers(): boolean {
    if (!this.#options.countsBothWays) return false
    return this.#incoming < ONE_WAY_SAMPLES || this.#outgoing >= this.#incoming * ONE_WAY_SHARE
  }

  /** Samples of the host's calm that are known. */
  calmSamplesOf(address: Address): number {
    return this.#mixes.samplesOf(keyOf(address))
  }

  /** Calm packets to the hosts of these prefixes, or from them, learned before a moment. */
  calmPacketsOf(
    prefixes: readonly Prefix[],
    isIncoming: boolean,
    most: number,
    beforeSeconds: number,
  ): CalmPacket[] {
    return this.#mixes.packetsOf(prefixes, isIncoming, most, { nowSeconds: this.#seconds, beforeSeconds })
  }

  /** Whether the peer talked with the host both ways in calm. */
  isFriend(host: Address, peer: Address): boolean {
    return this.#friends.isFriend(pairOf(keyOf(host), keyOf(peer)))
  }

  get counts() {
    return { cases: this.#cases.size, mixes: this.#mixes.count, refused: this.refused, skipped: this.skipped }
  }
}

/** Spreads an address over 32 bits: which host it is, as far as samples are concerned. */
function keyOf({ family, value }: Address): number {
  if (family === 6) return hash128(...wireWords(value))
  return hash128(wireWords(value << 96n)[0], 0, 0, 0)
}

const pairOf = (own: number, peer: number): number => {
  const mixed = Math.imul(own ^ Math.imul(peer, 0x9e37_79b1), 0x85eb_ca6b)
  return mixed ^ (mixed >>> 15)
}
