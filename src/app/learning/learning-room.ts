// Learned limits of the daemon: takes what the engine measures, suggests, and puts in place what operators accept.

import { setImmediate as nextTurn } from 'node:timers/promises'
import { prefixesOf } from '#3-traffic/hostgroup.ts'
import type { BaselineMinute } from '#4-detection/baseline.ts'
import { type Standing, withLearned, writtenLimit } from '#4-detection/baseline-accepted.ts'
import { placeText, type Suggestion, suggest } from '#4-detection/baseline-limits.ts'
import { type LearningScope, scopesOf } from '#4-detection/baseline-scopes.ts'
import { WeekSums } from '#4-detection/baseline-week.ts'
import type { Logger } from '#lib/log/logger.ts'
import type { MetricSource } from '#lib/metrics/metric.ts'
import type { Kept } from '#store/change.ts'
import type { ResolvedConfig } from '../config/config.ts'
import { type Decision, type DecisionStore, decisionOf, LimitDecisions } from './decisions.ts'
import { type HourStore, LearningHistory } from './history.ts'
import { type LimitOfGroup, limitSource } from './limit-source.ts'

/** What the engine has measured since it was asked last, and what it could not. */
export interface Measured {
  readonly minutes: readonly BaselineMinute[]
  readonly minutesLost: number
  readonly busyRefused: number
}

export interface LearningOptions {
  readonly state: HourStore & DecisionStore
  /** The configuration as it was written. */
  readonly config: () => ResolvedConfig
  readonly measured: () => Promise<Measured>
  /** Has the engine go on by `effective`. */
  readonly apply: () => Promise<unknown>
  readonly log: Logger
  readonly now: () => number
}

export interface LearnedScope extends LearningScope {
  /** Minutes that were measured, and those left out because of attacks. */
  readonly minutes: number
  readonly excluded: number
  readonly suggestions: readonly Suggestion[]
}

/** What came of an order, by place. */
export interface Decided {
  readonly decided: readonly string[]
  /** Meant by the order to accept, but rejected before by a more exact name. */
  readonly stillRejected: readonly string[]
}

/** The engine holds fifteen minutes. */
const ASK_MS = 30_000
/** Hours in progress come to the disk so often: so much is lost by a crash. */
const KEEP_MS = 300_000

export class LearningRoom {
  readonly #options: LearningOptions
  readonly #history: LearningHistory
  readonly decisions: LimitDecisions
  #asking: NodeJS.Timeout | undefined
  #keeping: NodeJS.Timeout | undefined
  #minutesLost = 0
  #busyRefused = 0

  constructor(options: LearningOptions) {
    this.#options = options
    this.#history = new LearningHistory(options.state)
    this.decisions = new LimitDecisions(options.state)
  }

  start(): void {
    this.#asking = setInterval(() => void this.ask(), ASK_MS)
    this.#keeping = setInterval(() => this.#history.flush(), KEEP_MS)
  }

  /** Nothing is asked any more; what was measured is on its way to the disk. */
  stop(): void {
    clearInterval(this.#asking)
    clearInterval(this.#keeping)
    this.#history.flush()
  }

  /** Takes what was measured since. */
  async ask(): Promise<void> {
    // An engine that does not answer now is asked again.
    const measured = await this.#options.measured().catch(() => undefined)
    if (measured === undefined) return
    for (const minute of measured.minutes) this.#history.add(minute)
    this.#minutesLost = measured.minutesLost
    this.#busyRefused = measured.busyRefused
  }

  /** Takes up what an earlier run learned, and has it applied. */
  adopt({ learned, hours }: Pick<Kept, 'learned' | 'hours'>): void {
    const { log, now, apply } = this.#options
    this.#history.restore(hours, now())
    const unreadable = this.decisions.restore(learned)
    if (unreadable > 0) log.error('decisions about learned limits cannot be read', { decisions: unreadable })
    if (this.decisions.accepted.length === 0) return
    apply().catch((error: unknown) => log.error('learned limits are not applied', { error }))
  }

  /** The file they were kept in is a new one. */
  keepAll(): void {
    this.#history.keepAll()
    this.decisions.keep()
  }

  /** A configuration with what was accepted in its place; the one in use unless another is meant. */
  effective(config: ResolvedConfig = this.#options.config()): ResolvedConfig {
    return withLearned(config, config.networks, this.decisions.accepted).config
  }

  /** By place what became of accepted limits. */
  standings(): ReadonlyMap<string, Standing> {
    const config = this.#options.config()
    return withLearned(config, config.networks, this.decisions.accepted).standings
  }

  /** Accepted limits that hold. */
  get applied(): readonly Decision[] {
    const standings = this.standings()
    return this.decisions.accepted.filter(decision => standings.get(placeText(decision)) === 'applied')
  }

  /** Tells where limits come from: configured, inherited, or learned and accepted by whom and when. */
  sources(): (limit: LimitOfGroup) => string {
    const { applied } = this
    const config = this.#options.config()
    return limit => limitSource(config, applied, limit)
  }

  /** Scopes that found no room. */
  get scopesRefused(): number {
    return this.#scopes().left
  }

  #scopes() {
    const { networks, hostgroups, detection } = this.#options.config()
    if (!detection.learn.enabled) return { scopes: [], left: 0 }
    return scopesOf(prefixesOf(networks), hostgroups)
  }

  /** All scopes with what they suggest. Others have their turn between two scopes: one of restless traffic takes 10 ms. */
  async learned(): Promise<LearnedScope[]> {
    await this.ask()
    const { config, now } = this.#options
    const written = config()
    const { learn } = written.detection
    const found: LearnedScope[] = []
    const at = now()
    const sums = new WeekSums(learn.percentile / 100)
    for (const scope of this.#scopes().scopes) {
      this.#history.sumUp(scope.name, at, learn.days, sums)
      const suggestions = suggest(scope, sums, learn).filter(each => writtenLimit(written, each) !== 'off')
      found.push({ ...scope, minutes: sums.minutes, excluded: sums.excluded, suggestions })
      await nextTurn()
    }
    return found
  }

  /**
   * Accepts or rejects what lies at these places or below them. Settles when it is applied and on its way to the disk. A
   * limit that was accepted and is rejected is withdrawn; one that was rejected stays so until an order names it as
   * exactly as the rejection did.
   */
  async decide(verb: 'accept' | 'reject', places: readonly string[], by: string): Promise<Decided> {
    const { config, now, apply } = this.#options
    const about = new Map<string, Suggestion | Decision>()
    const scopes = await this.learned()
    if (verb === 'reject') for (const decision of this.decisions.all) about.set(placeText(decision), decision)
    for (const { suggestions } of scopes)
      for (const suggestion of suggestions) about.set(placeText(suggestion), suggestion)
    const decided: string[] = []
    const stillRejected: string[] = []
    for (const [place, each] of about) {
      const named = mostExact(places, place)
      if (named === undefined) continue
      if (verb === 'accept' && this.#isRejectedMoreExactly(place, named)) {
        stillRejected.push(place)
        continue
      }
      const state = verb === 'accept' ? 'accepted' : 'rejected'
      const instead = writtenLimit(config(), each)
      this.decisions.decide(decisionOf(each, state, { instead, named, by, at: now() }))
      decided.push(place)
    }
    if (decided.length > 0) {
      this.decisions.keep()
      await apply()
    }
    return { decided, stillRejected }
  }

  /** Both names are first parts of the same place: the longer one is the more exact. */
  #isRejectedMoreExactly(place: string, named: string): boolean {
    const decision = this.decisions.get(place)
    return decision?.state === 'rejected' && decision.named.length > named.length
  }

  readonly metrics: MetricSource = () => [
    { name: 'floodwarden_learning_minutes_total', value: this.#history.minutes },
    { name: 'floodwarden_learning_minutes_excluded_total', value: this.#history.minutesExcluded },
    { name: 'floodwarden_learning_minutes_lost_total', value: this.#minutesLost },
    { name: 'floodwarden_learning_lines_refused_total', value: this.#busyRefused },
    { name: 'floodwarden_learning_scopes', value: this.#scopes().scopes.length },
    { name: 'floodwarden_learning_scopes_refused', value: this.scopesRefused },
    { name: 'floodwarden_learning_hours', value: this.#history.size },
    { name: 'floodwarden_learning_bytes', value: this.#history.bytes },
    { name: 'floodwarden_learned_limits_applied', value: this.applied.length },
  ]
}

/** The longest of the names that mean the place or first parts of it. */
function mostExact(names: readonly string[], place: string): string | undefined {
  const meant = names.filter(name => place === name || place.startsWith(`${name}/`))
  return meant.toSorted((a, b) => b.length - a.length)[0]
}
