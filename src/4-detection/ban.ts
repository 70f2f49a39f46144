// The life of attacks: when one opens, how long its ban holds, when it ends. Ban times run on the monotonic clock.

import { INCOMING, METRIC, NO_SPEEDS, OUTGOING, speedsOf } from '#3-traffic/metric.ts'
import { type Address, formatAddress } from '#lib/ip/address.ts'
import { formatPrefix, prefixOf } from '#lib/ip/prefix.ts'
import type { AttackEvent, AttackFacts, Crossing, EndReason, HostSpeeds, OpenAttack } from './attack.ts'
import { classify } from './classify.ts'
import type { Standing, Verdict } from './judge.ts'
import { inUnit } from './limit.ts'

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
  isOver: boolean
  lastOverAt: number
  /** Host number while it has traffic, 0 otherwise. */
  host: number
  readonly openedSeconds: number
  lastOverSeconds: number
  lastToldSeconds: number
}

/** An open attack is reported again at most so often, and only when something changed. */
const UPDATE_SECONDS = 1

export class Bans {
  readonly #settings: BanSettings
  readonly #released: (host: number) => void
  readonly #bans = new Map<string, Ban>()
  /** Those whose hosts have traffic, by host number. */
  readonly #byHost = new Map<number, Ban>()
  #count = 0

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
    const speeds = pairOf(verdict.speeds)
    const { limit } = verdict
    const crossing: Crossing = {
      limit: limit.name,
      direction: limit.direction,
      value: inUnit(limit, verdict.perSecond),
      threshold: limit.threshold,
      hostgroup: verdict.hostgroup,
      mode: this.#settings.mode,
      overSeconds: verdict.overSeconds,
    }
    const facts: AttackFacts = {
      id: this.#id(now),
      scope: 'host',
      host,
      prefixes: [formatPrefix(prefixOf(address, address.family === 4 ? 32 : 128))],
      family: address.family,
      origin: 'detected',
      hostgroup: verdict.hostgroup,
      crossing,
      ...classify(speeds),
      finding: undefined,
      speeds,
      averages: pairOf(verdict.averages),
      openedAt: now.wallMs,
      banSeconds: this.#settings.banSeconds,
    }
    return this.#begin(facts, verdict.host, now)
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
    const attack: OpenAttack = { ...facts, state: 'open', peak: facts.power, isOver, lastOverAt: now.wallMs }
    const ban: Ban = {
      attack,
      peak: attack.peak,
      isOver,
      lastOverAt: now.wallMs,
      host: 0,
      openedSeconds: now.seconds,
      lastOverSeconds: now.seconds,
      lastToldSeconds: now.seconds,
    }
    this.#bans.set(facts.host, ban)
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
    if (this.#bans.size === 0) return false
    const ban = this.#bans.get(formatAddress(address))
    if (ban !== undefined) this.#setHost(ban, host)
    return ban !== undefined
  }

  left(host: number): void {
    const ban = this.#byHost.get(host)
    if (ban !== undefined) this.#setHost(ban, 0)
  }

  /** Brings all open attacks up to date; ended ones leave. `standing` says how a host is now. */
  tick(now: Moment, standing: (host: number) => Standing | undefined): AttackEvent[] {
    const events: AttackEvent[] = []
    for (const [host, ban] of this.#bans) {
      this.#refresh(ban, ban.host === 0 ? undefined : standing(ban.host), now, events)
      if (this.#isDue(ban, now)) events.push(this.#close(host, ban, 'finished', now))
    }
    return events
  }

  #refresh(ban: Ban, standing: Standing | undefined, now: Moment, events: AttackEvent[]): void {
    const { attack } = ban
    ban.isOver = attack.origin === 'detected' && standing !== undefined && standing.isOver
    if (ban.isOver) {
      ban.lastOverSeconds = now.seconds
      ban.lastOverAt = now.wallMs
      ban.peak = Math.max(ban.peak, powerOf(standing, attack))
    }
    if (ban.isOver === attack.isOver && ban.peak === attack.peak) return
    if (now.seconds - ban.lastToldSeconds < UPDATE_SECONDS) return
    ban.lastToldSeconds = now.seconds
    const { peak, isOver, lastOverAt } = ban
    ban.attack = { ...attack, peak, isOver, lastOverAt }
    events.push({ kind: 'updated', attack: ban.attack })
  }

  #isDue(ban: Ban, now: Moment): boolean {
    const { banSeconds, origin } = ban.attack
    if (banSeconds === 0 || secondsSince(ban.openedSeconds, now) < banSeconds) return false
    if (origin === 'manual' || !this.#settings.unbanOnlyIfAttackFinished) return true
    if (this.#settings.mode === 'plain') return !ban.isOver
    return secondsSince(ban.lastOverSeconds, now) >= this.#settings.holdSeconds
  }

  /** Ends a ban now; `undefined` when the host has none. */
  end(address: Address, reason: EndReason, now: Moment): AttackEvent | undefined {
    const key = formatAddress(address)
    const ban = this.#bans.get(key)
    return ban && this.#close(key, ban, reason, now)
  }

  #close(key: string, ban: Ban, reason: EndReason, now: Moment): AttackEvent {
    this.#bans.delete(key)
    this.#byHost.delete(ban.host)
    if (ban.host !== 0) this.#released(ban.host)
    return ended(ban, reason, now)
  }

  /** Number of the host of an open attack, 0 when it has no traffic or no attack. */
  numberOf(host: string): number {
    return this.#bans.get(host)?.host ?? 0
  }

  isBanned(host: string): boolean {
    return this.#bans.has(host)
  }

  /** Open attacks, as they were last told. */
  get all(): readonly OpenAttack[] {
    return [...this.#bans.values()].map(ban => ban.attack)
  }

  #id(now: Moment): string {
    this.#count++
    return `${Math.floor(now.wallMs).toString(36)}-${this.#count}`
  }
}

/** To the millisecond: the sum of many ticks is a little off, and a ban of 60 s shall not last a tick more for it. */
const secondsSince = (then: number, now: Moment): number => Math.round((now.seconds - then) * 1000) / 1000

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
  const { state: _state, isOver: _isOver, lastOverAt: _lastOverAt, ...facts } = attack
  return { kind: 'ended', attack: { ...facts, peak, state: 'ended', endedAt: now.wallMs, endedBy: reason } }
}
