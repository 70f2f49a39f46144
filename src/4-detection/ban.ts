// The life of attacks: when one opens, how long its ban holds, when it ends. Ban times run on the monotonic clock.

import { INCOMING, METRIC, NO_SPEEDS, OUTGOING, speedsOf } from '#3-traffic/metric.ts'
import { type Address, formatAddress, parseAddress } from '#lib/ip/address.ts'
import { formatPrefix, prefixOf } from '#lib/ip/prefix.ts'
import {
  type AttackEvent,
  type AttackFacts,
  type Crossing,
  type EndReason,
  type Finding,
  factsOf,
  type HostSpeeds,
  type OpenAttack,
  type Scope,
} from './attack.ts'
import { classify } from './classify.ts'
import type { Standing, Verdict, Weighed } from './judge.ts'
import { inUnit } from './limit.ts'
import type { WideVerdict } from './wide.ts'

/** A moment on both clocks: seconds that never jump, and the time of day in ms since 1970 UTC. */
export interface Moment {
  readonly seconds: number
  readonly wallMs: number
}

export interface BanSettings {
  readonly mode: 'budget' | 'plain'
  readonly banSeconds: number
  readonly holdSeconds: number
  readonly unbanOnlyIfAttackFinished: boolean
}

interface Ban {
  /** As it was last told. */
  attack: OpenAttack
  /** As it is now. */
  peak: number
  speed: number
  isOver: boolean
  lastOverAt: number
  /** Host number while it has traffic, 0 otherwise. */
  host: number
  readonly openedSeconds: number
  lastOverSeconds: number
  lastToldSeconds: number
  /** Until then it counts as over a limit whatever is measured: a restored one, until averages have risen again. */
  readonly presumedUntilSeconds: number
}

/** An open attack is reported again at most so often, and only when something changed. */
const UPDATE_SECONDS = 1
/** Another speed alone is reported less often; it is one when it differs from the one told by this share of it. */
const SPEED_SECONDS = 5
const OTHER_SPEED_SHARE = 0.2

export class Bans {
  #settings: BanSettings
  readonly #released: (host: number) => void
  readonly #bans = new Map<string, Ban>()
  /** Those on hosts: a scan makes hosts by the hundred thousand, and each is looked up, so no texts are made for it. */
  readonly #byAddress = new Map<bigint, Ban>()
  /** Those whose hosts have traffic, by host number. */
  readonly #byHost = new Map<number, Ban>()
  #ids = 0

  /** `released` is told the number of a host whose attack ended. */
  constructor(settings: BanSettings, released: (host: number) => void = () => {}) {
    this.#settings = settings
    this.#released = released
  }

  /** `undefined` when the host has an open attack already, which then goes on under this number. */
  open(verdict: Verdict, address: Address, now: Moment): AttackEvent | undefined {
    const host = formatAddress(address)
    const known = this.#bans.get(host)
    if (known !== undefined) {
      this.#setHost(known, verdict.host)
      return undefined
    }
    const prefixes = [formatPrefix(prefixOf(address, address.family === 4 ? 32 : 128))]
    const target = { scope: 'host', host, prefixes, family: address.family } as const
    return this.#begin(this.#detected(target, verdict, verdict.averages, now), verdict.host, now)
  }

  /** An attack on prefixes, a network or a hostgroup; `undefined` when one with the same first prefix is open. */
  openWide(verdict: WideVerdict, now: Moment): AttackEvent | undefined {
    const prefixes = verdict.prefixes.map(formatPrefix)
    const [first] = verdict.prefixes
    const [host] = prefixes
    if (first === undefined || host === undefined || this.#bans.has(host)) return undefined
    const target = { scope: verdict.scope, host, prefixes, family: first.family }
    // The speeds of a window are what was measured; there is no longer average of what crossed just now.
    return this.#begin(this.#detected(target, { ...verdict, mode: 'budget' }, verdict.speeds, now), 0, now)
  }

  #detected(
    target: Pick<AttackFacts, 'scope' | 'host' | 'prefixes' | 'family'>,
    verdict: Omit<Verdict, 'host' | 'averages'> & { readonly mode?: 'budget' },
    averages: Float64Array,
    now: Moment,
  ): AttackFacts {
    const speeds = pairOf(verdict.speeds)
    const { limit, hostgroup, overSeconds, mode = this.#settings.mode } = verdict
    const crossing: Crossing = {
      limit: limit.name,
      direction: limit.direction,
      value: inUnit(limit, verdict.perSecond),
      threshold: limit.threshold,
      hostgroup,
      mode,
      overSeconds,
      ...weighedFields(verdict.weighed),
    }
    return {
      id: this.#id(now),
      ...target,
      origin: 'detected',
      hostgroup,
      crossing,
      ...classify(speeds, this.#settings.mode),
      finding: undefined,
      speeds,
      averages: pairOf(averages),
      openedAt: now.wallMs,
      banSeconds: this.#settings.banSeconds,
    }
  }

  /** A ban by hand: direction `other`, power 0. It lasts until it is ended, or `seconds` if given. */
  openByHand(
    address: Address,
    hostgroup: string,
    seconds: number | undefined,
    now: Moment,
  ): AttackEvent | undefined {
    const host = formatAddress(address)
    if (this.#bans.has(host)) return undefined
    const silent: HostSpeeds = { incoming: NO_SPEEDS, outgoing: NO_SPEEDS }
    const facts: AttackFacts = {
      id: this.#id(now),
      scope: 'host',
      host,
      prefixes: [formatPrefix(prefixOf(address, address.family === 4 ? 32 : 128))],
      family: address.family,
      origin: 'manual',
      hostgroup,
      crossing: undefined,
      direction: 'other',
      type: 'unknown',
      protocol: 'unknown',
      finding: undefined,
      power: 0,
      speeds: silent,
      averages: silent,
      openedAt: now.wallMs,
      banSeconds: seconds ?? 0,
    }
    return this.#begin(facts, 0, now)
  }

  #begin(facts: AttackFacts, host: number, now: Moment): AttackEvent {
    const isOver = facts.origin === 'detected'
    const attack: OpenAttack = {
      ...facts,
      state: 'open',
      peak: facts.power,
      speed: facts.power,
      isOver,
      lastOverAt: now.wallMs,
    }
    const ban: Ban = {
      attack,
      peak: attack.peak,
      speed: attack.speed,
      isOver,
      lastOverAt: now.wallMs,
      host: 0,
      openedSeconds: now.seconds,
      lastOverSeconds: now.seconds,
      lastToldSeconds: now.seconds,
      presumedUntilSeconds: now.seconds,
    }
    this.#keep(ban)
    this.#setHost(ban, host)
    return { kind: 'opened', attack }
  }

  #setHost(ban: Ban, host: number): void {
    this.#byHost.delete(ban.host)
    ban.host = host
    if (host !== 0) this.#byHost.set(host, ban)
  }

  /** A host with an open attack came back under this number. */
  rejoin(address: Address, host: number): boolean {
    const ban = this.#byAddress.get(keyOf(address))
    if (ban !== undefined) this.#setHost(ban, host)
    return ban !== undefined
  }

  left(host: number): void {
    const ban = this.#byHost.get(host)
    if (ban !== undefined) this.#setHost(ban, 0)
  }

  /** Brings all open attacks up to date; ended ones leave. `standing` says how a host is now. */
  tick(now: Moment, standing: (host: number, attack: OpenAttack) => Standing | undefined): AttackEvent[] {
    const events: AttackEvent[] = []
    for (const [host, ban] of this.#bans) {
      const isSilent = ban.host === 0 && ban.attack.scope === 'host'
      this.#refresh(ban, isSilent ? undefined : standing(ban.host, ban.attack), now, events)
      if (this.#isDue(ban, now)) events.push(this.#close(host, ban, 'finished', now))
    }
    return events
  }

  #refresh(ban: Ban, standing: Standing | undefined, now: Moment, events: AttackEvent[]): void {
    const { attack } = ban
    const isMeasuredOver = standing?.isOver === true
    ban.isOver = attack.origin === 'detected' && (isMeasuredOver || now.seconds < ban.presumedUntilSeconds)
    if (ban.isOver) {
      ban.lastOverSeconds = now.seconds
      ban.lastOverAt = now.wallMs
      ban.peak = Math.max(ban.peak, powerOf(standing, attack))
    }
    ban.speed = powerOf(standing, attack)
    const silence = now.seconds - ban.lastToldSeconds
    const isSame = ban.isOver === attack.isOver && ban.peak === attack.peak
    if (silence < UPDATE_SECONDS || (isSame && !(silence >= SPEED_SECONDS && isOtherSpeed(ban)))) return
    ban.lastToldSeconds = now.seconds
    const { peak, speed, isOver, lastOverAt } = ban
    ban.attack = { ...attack, peak, speed, isOver, lastOverAt }
    events.push({ kind: 'updated', attack: ban.attack })
  }

  #isDue(ban: Ban, now: Moment): boolean {
    const { banSeconds, origin } = ban.attack
    if (banSeconds === 0 || secondsSince(ban.openedSeconds, now) < banSeconds) return false
    if (origin === 'manual' || !this.#settings.unbanOnlyIfAttackFinished) return true
    if (this.#settings.mode === 'plain') return !ban.isOver
    return secondsSince(ban.lastOverSeconds, now) >= this.#settings.holdSeconds
  }

  /** Ends a ban now; `undefined` when there is none by this name (`AttackFacts.host`). */
  end(host: string, reason: EndReason, now: Moment): AttackEvent | undefined {
    const ban = this.#bans.get(host)
    return ban && this.#close(host, ban, reason, now)
  }

  /** Other settings from now on. How long a ban lasts was settled when it began. */
  set settings(settings: BanSettings) {
    this.#settings = settings
  }

  /** Ends every ban whose attack this is true of, because the configuration no longer has a place for it. */
  endWhere(isOver: (attack: OpenAttack) => boolean, now: Moment): AttackEvent[] {
    const over = [...this.#bans].filter(([, { attack }]) => isOver(attack))
    return over.map(([key, ban]) => this.#close(key, ban, 'configuration', now))
  }

  #keep(ban: Ban): void {
    this.#bans.set(ban.attack.host, ban)
    const address = parseAddress(ban.attack.host)
    if (address !== undefined) this.#byAddress.set(keyOf(address), ban)
  }

  #close(key: string, ban: Ban, reason: EndReason, now: Moment): AttackEvent {
    this.#bans.delete(key)
    const address = parseAddress(key)
    if (address !== undefined) this.#byAddress.delete(keyOf(address))
    this.#byHost.delete(ban.host)
    if (ban.host !== 0) this.#released(ban.host)
    return ended(ban, reason, now)
  }

  /** Number of the host of an open attack, 0 when it has no traffic or no attack. */
  numberOf(host: string): number {
    return this.#bans.get(host)?.host ?? 0
  }

  /** Notes what the packets of an open attack say it is; the attack as it is known now, `undefined` when it ended. */
  describe(host: string, finding: Finding): OpenAttack | undefined {
    const ban = this.#bans.get(host)
    if (ban === undefined) return undefined
    ban.attack = { ...ban.attack, finding }
    return ban.attack
  }

  /** What an open attack is on; `undefined` when there is none by that name. */
  scopeOf(host: string): Scope | undefined {
    return this.#bans.get(host)?.attack.scope
  }

  isBanned(host: string): boolean {
    return this.#bans.has(host)
  }

  /** Whether the host of this number has an open attack. */
  holds(number: number): boolean {
    return this.#byHost.has(number)
  }

  /** Numbers of hosts with an open attack. */
  get numbers(): Iterable<number> {
    return this.#byHost.keys()
  }

  /**
   * Takes over an attack that was open when the program ended; its ban goes on as if nothing had happened. One that was
   * over a limit is kept long enough to see whether it still is: averages begin at 0 and take their time to rise. False: its
   * host has an open attack already.
   */
  restore(attack: OpenAttack, now: Moment): boolean {
    if (this.#bans.has(attack.host)) return false
    const lookSeconds = this.#settings.mode === 'plain' && attack.isOver ? this.#settings.holdSeconds : 0
    const secondsAt = (wallMs: number) => now.seconds - Math.max(0, now.wallMs - wallMs) / 1000
    this.#keep({
      attack,
      peak: attack.peak,
      speed: attack.speed,
      isOver: attack.isOver,
      lastOverAt: attack.lastOverAt,
      host: 0,
      openedSeconds: secondsAt(attack.openedAt),
      lastOverSeconds: secondsAt(attack.lastOverAt),
      lastToldSeconds: now.seconds,
      presumedUntilSeconds: now.seconds + lookSeconds,
    })
    return true
  }

  get count(): number {
    return this.#bans.size
  }

  /** Open attacks, as they were last told. */
  get all(): readonly OpenAttack[] {
    return [...this.#bans.values()].map(ban => ban.attack)
  }

  #id(now: Moment): string {
    this.#ids++
    return `${Math.floor(now.wallMs).toString(36)}-${this.#ids}`
  }
}

/** To the millisecond: the sum of many ticks is a little off, and a ban of 60 s shall not last a tick more for it. */
const secondsSince = (then: number, now: Moment): number => Math.round((now.seconds - then) * 1000) / 1000

/** IPv6 addresses as they are, those of IPv4 below zero. */
const keyOf = ({ family, value }: Address): bigint => (family === 6 ? value : -1n - value)

const isOtherSpeed = ({ speed, attack }: Ban): boolean =>
  Math.abs(speed - attack.speed) > attack.speed * OTHER_SPEED_SHARE

const pairOf = (rows: Float64Array): HostSpeeds => ({
  incoming: speedsOf(rows, INCOMING),
  outgoing: speedsOf(rows, OUTGOING),
})

function powerOf(standing: Standing | undefined, attack: OpenAttack): number {
  if (standing === undefined || attack.direction === 'other') return 0
  const base = attack.direction === 'incoming' ? INCOMING : OUTGOING
  return Math.floor(standing.speeds[base + METRIC.packets]!)
}

function ended({ attack, peak }: Ban, reason: EndReason, now: Moment): AttackEvent {
  return {
    kind: 'ended',
    attack: { ...factsOf(attack), peak, state: 'ended', endedAt: now.wallMs, endedBy: reason },
  }
}

/** What chose the budget, as a crossing tells it: only what there is. */
const weighedFields = (
  weighed: Weighed | undefined,
): Pick<Crossing, 'budgetSeconds' | 'suspicion' | 'interval'> => ({
  ...(weighed === undefined ? {} : { budgetSeconds: weighed.budgetSeconds }),
  ...(weighed?.suspicion === undefined ? {} : { suspicion: weighed.suspicion }),
  ...(weighed?.interval === undefined ? {} : { interval: weighed.interval }),
})
