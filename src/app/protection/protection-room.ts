// Protection in the daemon: who needs what, who carries it out, and what came of it, joined; for policy, people and programs.

import { PROTECTORS, type Protector } from '#6-policy/countermeasure.ts'
import type { AuditEntry } from '#7-mitigation/audit.ts'
import type { Enforcer } from '#7-mitigation/enforcer.ts'
import type { MitigationStore } from '#7-mitigation/mitigation-store.ts'
import type { ConfiguredProfile } from '#7-mitigation/protection/configured-profile.ts'
import { Holders } from '#7-mitigation/protection/holders.ts'
import { IncidentLog } from '#7-mitigation/protection/incident.ts'
import type { DesiredProfile } from '#7-mitigation/protection/profile.ts'
import type { Logger } from '#lib/log/logger.ts'
import type { MetricRegistry } from '#lib/metrics/registry.ts'
import type { ResolvedConfig } from '../config/config.ts'
import type { BackEnd, Carried, Counted, Wish } from './back-end.ts'
import { configuredProfiles } from './configured-profiles.ts'
import { CountersBook } from './counters-book.ts'
import { countriesOf } from './countries.ts'
import { type KeptProtection, PROTECTION_KEY, readKept } from './kept-protection.ts'
import { makeBackEnd } from './make-back-end.ts'
import { METRICS } from './metrics.ts'
import { OffenderWatch } from './offender-watch.ts'
import { ProfileKeeper } from './profile-keeper.ts'
import { ProtectingEnforcer } from './protecting-enforcer.ts'
import { metricsOf } from './room-metrics.ts'
import { ThresholdRoom, type TrafficOf } from './threshold-room.ts'

export interface ProtectionRoomOptions {
  readonly config: () => ResolvedConfig
  readonly stateDirectory: string
  readonly store: Pick<MitigationStore, 'record' | 'get'>
  /** Keeps a value where a restart finds it. */
  readonly keep: (key: string, value: unknown) => void
  /** How much comes to these prefixes now, together. */
  readonly trafficOf: TrafficOf
  /** Told once of what somebody has to look at, in a sentence. */
  readonly trouble?: (text: string) => void
  readonly log: Logger
  readonly now: () => number
  /** Missing: as the configuration says. */
  readonly makeBackEnd?: typeof makeBackEnd
}

export interface Carrying {
  readonly backEnd: BackEnd
  readonly keeper: ProfileKeeper
  readonly enforcer: ProtectingEnforcer
}

const STATE_WAIT_MS = 60_000
/** Lists of sources may be long. */
const LIST_MS = 5000
/** Reading them takes this share of the time at most. */
const LIST_SHARE = 0.02

export class ProtectionRoom {
  readonly holders = new Holders()
  readonly incidents = new IncidentLog()
  readonly counters = new CountersBook()
  readonly thresholds: ThresholdRoom
  readonly #options: ProtectionRoomOptions
  readonly #offenders = new OffenderWatch()
  readonly #carrying = new Map<Protector, Carrying>()
  /** Of sets that were found full and of what else somebody has to look at, by what it is about. */
  readonly #alerts = new Map<string, string>()
  #profiles: readonly ConfiguredProfile[] = []
  #inPlace: readonly Protector[] = []
  #isArmed = false
  #isReading = false
  readonly #madeAt: number
  #listedAt = Number.NEGATIVE_INFINITY
  #listMs = 0
  #kept = ''
  #isAdopted = false
  /** Since when each profile is as it is. */
  readonly #since = new Map<string, { readonly isOn: boolean; readonly at: number }>()
  #geoProblem: string | undefined

  constructor(options: ProtectionRoomOptions) {
    this.#options = options
    this.#madeAt = options.now()
    this.thresholds = new ThresholdRoom({
      ...{ holders: this.holders, trafficOf: options.trafficOf, now: options.now },
      maximumSeconds: () => options.config().mitigation.maximumSeconds,
      changed: (profile, text) => this.#switchedItself(profile, text),
    })
    this.reconfigure()
  }

  get isArmed(): boolean {
    return this.#isArmed
  }

  get profiles(): readonly ConfiguredProfile[] {
    return this.#profiles
  }

  profile(id: string): ConfiguredProfile | undefined {
    return this.#profiles.find(one => one.id === id)
  }

  /** Who carries countermeasures out now, and who did before and has to take something back. */
  get enforcers(): readonly Enforcer[] {
    return [...this.#carrying.values()].map(({ enforcer }) => enforcer)
  }

  carrying(name: Protector): Carrying | undefined {
    return this.#carrying.get(name)
  }

  /** Profiles as they are to be carried out, beside the configured ones; when it is armed, they are. */
  get desired(): readonly DesiredProfile[] {
    return this.holders.desired(this.#profiles)
  }

  /** When the mitigation behind a need ends, unless its attack goes on. */
  endOf(key: string): number | undefined {
    return this.#options.store.get(key)?.expiresAt
  }

  sinceOf(profile: string): number | undefined {
    return this.#since.get(profile)?.at
  }

  /** All profiles of one back end, as they would be if it were armed. */
  wishOf(name: Protector, holders: Holders = this.holders): Wish {
    const profiles = this.#profiles.filter(({ backEnd }) => backEnd === name)
    const ids = new Set(profiles.map(({ id }) => id))
    const needs = profiles.flatMap(({ id }) => holders.needsOf(id)).filter(({ profile }) => ids.has(profile))
    return { profiles, desired: holders.desired(profiles), needs }
  }

  /** Whether it is armed from now on. Disarmed, nothing of ours is anywhere. */
  arm(armed: boolean): void {
    if (this.#isArmed === armed) return
    this.#isArmed = armed
    // Nothing of ours is to be there: what was counted says nothing of now.
    if (!armed) this.#took([])
    void this.changed()
  }

  /** The configuration was read again. */
  reconfigure(): void {
    const { config, log } = this.#options
    const { prefixesOf, problem } = countriesOf(config().protection)
    if (problem !== undefined && problem !== this.#geoProblem)
      log.error('countries are not known', { problem })
    this.#geoProblem = problem
    this.#profiles = configuredProfiles(config(), prefixesOf)
    this.#forgetAllBut(new Set(this.#profiles.map(({ id }) => id)))
    for (const name of PROTECTORS) this.#carryBy(name)
    void this.changed()
  }

  /** What an earlier run left. What is over by now is not taken up. */
  adopt(document: unknown): void {
    const kept = readKept(document)
    if (kept !== undefined) {
      const lost = this.holders.adopt(kept)
      if (lost > 0) this.#options.log.error('switches of an earlier run are too many', { lost })
      this.holders.expire(this.#options.now())
      this.thresholds.adopt(kept.needs.filter(({ key }) => this.holders.need(key) !== undefined))
      // What is in the kernel has counted on meanwhile.
      const last = new Map(kept.incidents.map(({ profile, ...told }) => [profile, told]))
      this.incidents.adopt(kept.incidents, profile => {
        const { droppedPackets: packets = 0, droppedBytes: bytes = 0 } = last.get(profile) ?? {}
        return { packets, bytes }
      })
      this.#inPlace = kept.inPlace
    }
    this.#isAdopted = true
    for (const name of PROTECTORS) this.#carryBy(name)
  }

  /** All that was left is known: what is in place is compared with what is desired from now on. */
  begin(): void {
    for (const { keeper } of this.#carrying.values()) keeper.begin()
  }

  /** Something is desired otherwise. Settles with the first attempt of everybody who has to do with it. */
  async changed(name?: Protector): Promise<readonly Carried[]> {
    this.#followSince()
    const all = [...this.#carrying.values()].filter(
      ({ backEnd }) => name === undefined || backEnd.name === name,
    )
    const ready = all.filter(({ keeper }) => keeper.isReady)
    return Promise.all(ready.map(({ keeper }) => keeper.changed()))
  }

  /** Call once a second. It never waits. */
  second(): void {
    const { now } = this.#options
    // A state that cannot be read is not waited for for ever.
    if (now() - this.#madeAt > STATE_WAIT_MS) this.begin()
    const { needs, switches } = this.holders.expire(now())
    for (const { profile, countermeasure } of needs) this.thresholds.expired(profile, countermeasure)
    if (needs.length + switches.length > 0) void this.changed()
    for (const { profile, countermeasure } of switches)
      this.record(
        profile,
        'floodwarden',
        `${countermeasure ?? 'the profile'} is as configured again: its time is over`,
      )
    void this.thresholds.second(this.#profiles)
    void this.#read()
    this.#followIncidents()
    this.#followSince()
    this.#keep()
  }

  /** A sentence each: what somebody has to look at, beside warnings of the configuration. */
  warnings(): readonly string[] {
    return [
      ...(this.#geoProblem === undefined ? [] : [`protection.geo.database: ${this.#geoProblem}`]),
      ...[...this.#carrying.values()].flatMap(({ backEnd, keeper }) =>
        this.#isArmed ? keeper.problems.map(problem => `protection by ${backEnd.name}: ${problem}`) : [],
      ),
      ...this.#alerts.values(),
    ]
  }

  /** `target` of the audit is the profile. */
  record(
    profile: string,
    who: AuditEntry['who'],
    reason: string,
    outcome: AuditEntry['outcome'] = 'done',
  ): void {
    const { store, now } = this.#options
    store.record({
      ...{ at: now(), who, what: 'protect', target: profile, attackId: '', mitigationId: undefined },
      ...{ outcome, reason },
    })
  }

  forgive(profile: string, sources: readonly string[]): void {
    this.#offenders.forget(profile, sources)
  }

  /** How long each source is blocked in a profile when it is told now. */
  blockSeconds(profile: ConfiguredProfile, sources: readonly string[]): number[] {
    return this.#offenders.blocked(profile, sources, this.#options.now())
  }

  addMetrics(registry: MetricRegistry): void {
    const forgotten = () => this.#offenders.forgotten
    registry.add(METRICS, () => metricsOf(this, [...this.#carrying.values()], forgotten()))
  }

  /** What is in place stays. */
  async stop(deadlineMs: number): Promise<void> {
    this.#keep()
    await Promise.all([...this.#carrying.values()].map(({ keeper }) => keeper.stop(deadlineMs)))
  }

  #carryBy(name: Protector): void {
    if (this.#carrying.has(name)) return
    const isNeeded = this.#profiles.some(({ backEnd }) => backEnd === name) || this.#inPlace.includes(name)
    if (!isNeeded) return
    const { config, stateDirectory, log, makeBackEnd: make = makeBackEnd } = this.#options
    const backEnd = make(name, () => config(), stateDirectory)
    const keeper: ProfileKeeper = new ProfileKeeper({
      ...{ backEnd, log, wish: () => (this.#isArmed ? this.wishOf(name) : undefined) },
      checkMs: () => config().protection[name].checkSeconds * 1000,
      carried: carried => enforcer.carried(carried),
    })
    const enforcer = new ProtectingEnforcer({
      ...{ name, holders: this.holders, keeper, profile: id => this.profile(id) },
    })
    this.#carrying.set(name, { backEnd, keeper, enforcer })
    // What is named while the daemon runs has nothing left of an earlier run.
    if (this.#isAdopted) keeper.begin()
  }

  /** Of profiles that are no longer configured. */
  #forgetAllBut(ids: ReadonlySet<string>): void {
    this.#offenders.forgetAllBut(ids)
    for (const id of this.#since.keys()) if (!ids.has(id)) this.#since.delete(id)
  }

  #switchedItself(profile: string, text: string): void {
    this.record(profile, 'floodwarden', text, this.#isArmed ? 'done' : 'dry-run')
    this.#options.log.info('protection', { profile, text })
    void this.changed()
  }

  #followIncidents(): void {
    const now = this.#options.now()
    const desired = this.desired
    for (const [at, { id, tags }] of this.#profiles.entries()) {
      const isOn = desired[at]?.isOn === true && this.#isArmed
      this.incidents.follow(id, isOn ? this.holders.needsOf(id) : [], this.counters.droppedBy(id), now, tags)
    }
    // Of a profile that is no longer configured nothing is needed any more.
    for (const id of this.incidents.going)
      if (this.profile(id) === undefined) this.incidents.follow(id, [], this.counters.droppedBy(id), now)
  }

  #followSince(): void {
    const now = this.#options.now()
    for (const [at, one] of this.desired.entries()) {
      const id = this.#profiles[at]?.id ?? ''
      if (this.#since.get(id)?.isOn !== one.isOn) this.#since.set(id, { isOn: one.isOn, at: now })
    }
  }

  /** Counters and lists as they are now, for whoever asks for them. */
  async readNow(): Promise<void> {
    if (!this.#isArmed) return
    await this.#readCounts()
    await this.#readLists()
  }

  /** One reading at a time: a kernel that is slow to answer is asked less often. */
  async #read(): Promise<void> {
    if (this.#isReading || !this.#isArmed) return
    this.#isReading = true
    try {
      await this.#readCounts()
      const now = performance.now()
      if (now - this.#listedAt < Math.max(LIST_MS, this.#listMs / LIST_SHARE)) return
      this.#listedAt = now
      await this.#readLists()
      this.#listMs = performance.now() - now
    } finally {
      this.#isReading = false
    }
  }

  async #readCounts(): Promise<void> {
    const got = await Promise.all([...this.#carrying.values()].map(({ backEnd }) => backEnd.counts()))
    // Who does not answer once has not forgotten what he counted: the reading before stands, with its time.
    if (got.some(({ kind }) => kind === 'failed')) return
    this.#took(got.flatMap(one => (one.kind === 'done' ? one.value : [])))
  }

  /** All that is in place and what it has counted. */
  #took(all: readonly Counted[]): void {
    const { now, log, trouble } = this.#options
    for (const { profile, countermeasure, counters } of this.counters.read(all, now())) {
      const key = `full ${profile}/${countermeasure}`
      const text = `a set of ${countermeasure} in the protection profile ${profile} was full for ${counters.unmeasuredPackets} packets: raise protection.nftables.sourcesMax`
      if (!this.#alerts.has(key)) {
        log.error('alert: a set is full', { profile, countermeasure })
        trouble?.(text)
      }
      this.#alerts.set(key, text)
    }
    const inPlace = new Set(all.map(({ profile, countermeasure }) => `full ${profile}/${countermeasure}`))
    for (const key of this.#alerts.keys()) if (!inPlace.has(key)) this.#alerts.delete(key)
  }

  async #readLists(): Promise<void> {
    for (const { backEnd } of this.#carrying.values()) {
      const got = await backEnd.blocked()
      if (got.kind !== 'done') continue
      this.counters.list(got.value)
      for (const profile of this.#profiles) {
        const again = this.#offenders.listed(profile, got.value, this.#options.now())
        if (again.length === 0) continue
        const sources = again.map(({ source }) => source)
        await backEnd.block(
          profile,
          sources,
          again.map(({ seconds }) => seconds),
        )
      }
    }
  }

  #keep(): void {
    const { keep } = this.#options
    if (!this.#isAdopted) return
    const inPlace = [...this.#carrying.keys()].filter(name => this.#isArmed || !this.#isGone(name))
    const kept: KeptProtection = { ...this.holders.kept(), incidents: this.incidents.kept(), inPlace }
    // Counts of what goes on change each second: that is not worth a write.
    const said = JSON.stringify({
      ...kept,
      incidents: kept.incidents.map(({ id, endedAt, tags }) => [id, endedAt, tags]),
    })
    if (said === this.#kept || (this.#kept === '' && this.#isNothing(kept))) return
    this.#kept = said
    keep(PROTECTION_KEY, kept)
  }

  #isNothing({ switches, needs, incidents, inPlace }: KeptProtection): boolean {
    return switches.length + needs.length + incidents.length + inPlace.length === 0
  }

  #isGone(name: Protector): boolean {
    const carrying = this.#carrying.get(name)
    return carrying === undefined || (carrying.keeper.state === 'in-place' && carrying.backEnd.owed() === 0)
  }
}
