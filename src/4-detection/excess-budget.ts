// The excess budget: a host is attacked when what passed above its limit has used up a budget of limit-seconds.
//
// For each limit L of a host that was over it in some tick, S = max(0, S + x - L dt) adds up what is too much and drains
// at the speed of the limit (the one-sided CUSUM of Page, 1954). A step of r times L crosses S >= B L after B / (r - 1)
// seconds, whatever the traffic was before. An average has to climb from old calm first; this has nothing to climb.
//
// The budget B is fixed, or chosen by what the packets of the suspect say (suspicion.ts): much for what looks honest,
// little for what looks like an attack. Of sampled traffic S has to exceed it by some standard errors.
//
// A calm host costs a comparison per limit and tick. One over a limit becomes a suspect with numbers of its own; it is
// calm again when all its excess has drained.

import { METRIC, ROW } from '#3-traffic/metric.ts'
import type { Interval, Suspicion } from './attack.ts'
import type { Budgets, SuspectState } from './budgets.ts'
import type { Judge, Standing, Verdict } from './judge.ts'
import { inUnit, type Limit, type LimitSet } from './limit.ts'
import { LimitsByHost } from './limits-by-host.ts'
import { standardError } from './sampling-error.ts'
import {
  addTick,
  BY_LIMIT,
  EXCESS,
  inMicroseconds,
  isOverSince,
  notePeak,
  OVER_SECONDS,
  PASSED,
  PASSED_SECONDS,
  PER_LIMIT,
  placeOf,
  restart,
  type Suspect,
  TICK_SUMS,
  verdictOf,
} from './suspect.ts'
import { budgetAt, NEUTRAL } from './suspicion.ts'

/** Told when a host begins and ceases to be a suspect, so that its packets can be collected meanwhile. */
export interface SuspectListener {
  began(host: number, packetsPerSecond: number): void
  ended(host: number): void
}

/** An attack goes on while the speed is above this share of the limit: a little below it is not calm yet. */
const CALM_SHARE = 0.8
/** Time constant of the speeds of a suspect. */
const CURRENT_SECONDS = 1
/** More suspects than this at once are not followed; the counter says so. */
const SUSPECTS_MAX = 65_536

export class BudgetJudge implements Judge {
  #budgets: Budgets
  #leastSeconds: number
  #mostSeconds: number
  readonly #listener: SuspectListener
  readonly #limits: LimitsByHost
  readonly #suspects = new Map<number, Suspect>()
  readonly #silence = new Float64Array(ROW)
  /** Suspects since this tick: in which direction their packets are evidence is settled when all lines were visited. */
  readonly #fresh = new Set<number>()
  #verdicts: Verdict[] = []
  #tick = 0
  suspectsRefused = 0

  /** `hosts`: highest host number + 1. */
  constructor(hosts: number, budgets: Budgets, listener: SuspectListener) {
    this.#limits = new LimitsByHost(hosts)
    this.#budgets = budgets
    this.#leastSeconds = budgets.bounds?.urgentSeconds ?? budgets.fixedSeconds
    this.#mostSeconds = budgets.bounds?.patientSeconds ?? budgets.fixedSeconds
    this.#listener = listener
  }

  /** Other budgets from the next tick on. */
  set budgets(budgets: Budgets) {
    this.#budgets = budgets
    this.#leastSeconds = budgets.bounds?.urgentSeconds ?? budgets.fixedSeconds
    this.#mostSeconds = budgets.bounds?.patientSeconds ?? budgets.fixedSeconds
  }

  attached(host: number, limits: LimitSet | undefined): void {
    this.#limits.set(host, limits)
  }

  detached(host: number): void {
    this.#limits.set(host, undefined)
    this.#forget(host)
  }

  relimit(host: number, limits: LimitSet | undefined): void {
    this.#limits.set(host, limits)
    const suspect = this.#suspects.get(host)
    if (limits === undefined) this.#forget(host)
    else if (suspect !== undefined)
      this.#suspects.set(host, { ...suspect, limits, numbers: this.#carriedOver(suspect, limits) })
  }

  keepLimits(sets: readonly LimitSet[]): void {
    this.#limits.keepOnly(sets)
  }

  /** What is known of a suspect, arranged by other limits: of those that it had already nothing is lost. */
  #carriedOver({ numbers, limits: before }: Suspect, limits: LimitSet): Float64Array {
    const carried = new Float64Array(BY_LIMIT + limits.limits.length * PER_LIMIT)
    carried.set(numbers.subarray(0, BY_LIMIT))
    for (const limit of limits.limits) {
      const same = before.limits.find(({ name, side }) => name === limit.name && side === limit.side)
      if (same === undefined) continue
      carried.set(numbers.subarray(placeOf(same), placeOf(same) + PER_LIMIT), placeOf(limit))
      const most = 2 * this.#mostSeconds * limit.perSecond
      carried[placeOf(limit) + EXCESS] = Math.min(carried[placeOf(limit) + EXCESS]!, most)
    }
    return carried
  }

  #forget(host: number): void {
    if (!this.#suspects.delete(host)) return
    this.#listener.ended(host)
    this.#budgets.evidence?.ended(host)
  }

  get followed(): Iterable<number> {
    return this.#suspects.keys()
  }

  get suspects(): number {
    return this.#suspects.size
  }

  visit(line: number, row: Float64Array, seconds: number): void {
    const host = line >> 1
    const side = (line & 1) as 0 | 1
    const suspect = this.#suspects.size === 0 ? undefined : this.#suspects.get(host)
    if (suspect !== undefined) {
      this.#follow(suspect, side, row, seconds)
      return
    }
    const set = this.#limits.get(host)
    if (set === undefined) return
    for (const limit of set.bySide[side]) {
      if (row[limit.metric]! > limit.perSecond * seconds) {
        const fresh = this.#suspect(host, set)
        if (fresh === undefined) return
        this.#fresh.add(host)
        this.#follow(fresh, side, row, seconds)
        return
      }
    }
  }

  visitFlows(line: number, flows: number, seconds: number): void {
    const host = line >> 1
    const side = (line & 1) as 0 | 1
    const set = this.#limits.get(host)
    const limit = set?.bySide[side].find(candidate => candidate.unit === 'flows')
    if (set === undefined || limit === undefined) return
    const suspect =
      this.#suspects.get(host) ?? (flows > limit.perSecond * seconds ? this.#byFlows(host, set) : undefined)
    if (suspect === undefined) return
    suspect.seenFlows[side] = this.#tick
    this.#followFlows(suspect, limit, flows, seconds)
  }

  endTick(_now: number, seconds: number, windowSeconds: number | undefined): readonly Verdict[] {
    this.#beginFresh(seconds)
    this.#budgets.evidence?.gather()
    for (const suspect of this.#suspects.values()) {
      if (windowSeconds !== undefined) this.#silenceFlows(suspect, windowSeconds)
      if (suspect.followedFrom > this.#tick) continue
      for (const side of [0, 1] as const) {
        if (suspect.seen[side] !== this.#tick) this.#follow(suspect, side, this.#silence, seconds)
      }
      addTick(suspect, seconds)
      suspect.isOver = suspect.limits.limits.some(
        limit => suspect.current[limit.at]! > limit.perSecond * CALM_SHARE,
      )
      if (!suspect.isHeld) this.#judge(suspect)
    }
    this.#tick++
    const verdicts = this.#verdicts
    this.#verdicts = []
    return verdicts
  }

  /** Who is let go while still over a limit crosses it again at once, with numbers of its own. */
  hold(host: number, held: boolean): void {
    const suspect = this.#suspects.get(host) ?? (held ? this.#silent(host) : undefined)
    if (suspect === undefined) return
    suspect.isHeld = held
    if (!held) restart(suspect)
  }

  standing(host: number): Standing | undefined {
    const suspect = this.#suspects.get(host)
    return suspect && { isOver: suspect.isOver, speeds: suspect.current }
  }

  /** What it sends is followed from the next tick on: this one's visits are over. */
  #byFlows(host: number, set: LimitSet): Suspect | undefined {
    const suspect = this.#suspect(host, set, this.#tick + 1)
    if (suspect !== undefined) this.#fresh.add(host)
    return suspect
  }

  /** A host that comes back while its ban holds: followed, but its packets have been collected already. */
  #silent(host: number): Suspect | undefined {
    const set = this.#limits.get(host)
    const suspect = set && this.#suspect(host, set)
    if (suspect !== undefined) this.#budgets.evidence?.began(host, 0)
    return suspect
  }

  /** Of a host that is over limits in both directions the one with the most excess is looked at, whichever was visited first. */
  #beginFresh(seconds: number): void {
    for (const host of this.#fresh) {
      const suspect = this.#suspects.get(host)
      if (suspect === undefined) continue
      const side = this.#worst(suspect)?.side ?? 0
      this.#listener.began(host, suspect.numbers[TICK_SUMS + side * ROW + METRIC.packets]! / seconds)
      this.#budgets.evidence?.began(host, side)
    }
    this.#fresh.clear()
  }

  #suspect(host: number, limits: LimitSet, followedFrom = this.#tick): Suspect | undefined {
    if (this.#suspects.size >= SUSPECTS_MAX) {
      this.suspectsRefused++
      return undefined
    }
    const suspect: Suspect = {
      host,
      limits,
      numbers: new Float64Array(BY_LIMIT + limits.limits.length * PER_LIMIT),
      seconds: 0,
      begins: false,
      isPartial: false,
      followedFrom,
      current: new Float64Array(ROW * 2),
      seen: [-1, -1],
      seenFlows: [-1, -1],
      isHeld: false,
      isOver: false,
      budgetSeconds: this.#budgetOf(undefined),
      suspicion: undefined,
      peakSeconds: 0,
      peakLimit: undefined,
      peakValue: 0,
      peakOverSeconds: 0,
    }
    this.#suspects.set(host, suspect)
    return suspect
  }

  #follow(suspect: Suspect, side: 0 | 1, row: Float64Array, seconds: number): void {
    suspect.seen[side] = this.#tick
    const step = Math.exp(-seconds / CURRENT_SECONDS)
    const base = side * ROW
    for (let metric = 0; metric < METRIC.flows; metric++) {
      const speed = row[metric]! / seconds
      suspect.numbers[TICK_SUMS + base + metric]! += row[metric]!
      suspect.current[base + metric] = speed + step * (suspect.current[base + metric]! - speed)
    }
    for (const limit of suspect.limits.bySide[side]) {
      if (limit.unit !== 'flows') this.#spend(suspect, limit, row[limit.metric]!, seconds)
    }
  }

  #followFlows(suspect: Suspect, limit: Limit, flows: number, seconds: number): void {
    suspect.current[limit.at] = flows / seconds
    this.#spend(suspect, limit, flows, seconds)
  }

  /** A line without packets in a window is not visited for its flows: it had none. */
  #silenceFlows(suspect: Suspect, seconds: number): void {
    for (const limit of suspect.limits.limits) {
      if (limit.unit === 'flows' && suspect.seenFlows[limit.side] !== this.#tick)
        this.#followFlows(suspect, limit, 0, seconds)
    }
  }

  /** Excess never grows beyond twice what opens an attack, so the end of a long one is not hidden behind its past. */
  #spend(suspect: Suspect, limit: Limit, passed: number, seconds: number): void {
    const { numbers } = suspect
    const at = placeOf(limit)
    const before = numbers[at + EXCESS]!
    const excess = before + passed - limit.perSecond * seconds
    if (before === 0 && excess > 0) {
      suspect.begins = true
      numbers[at + PASSED] = 0
      numbers[at + PASSED_SECONDS] = 0
      // Flows are told when their window is over, before the tick in which they are judged.
      numbers[at + OVER_SECONDS] = limit.unit === 'flows' ? seconds : 0
    }
    numbers[at + PASSED]! += passed
    numbers[at + PASSED_SECONDS]! += seconds
    const mostSeconds = suspect.isHeld ? suspect.budgetSeconds : this.#mostSeconds
    const most = 2 * (mostSeconds * limit.perSecond + this.#doubt(suspect, limit))
    numbers[at + EXCESS] = Math.min(Math.max(0, excess), most)
  }

  /** By how much the excess of sampled traffic must exceed the budget, in the row's unit. */
  #doubt({ host, numbers }: Suspect, limit: Limit): number {
    const { standardErrors = 0, sampledPatienceSeconds = 0 } = this.#budgets
    const samplingRate = this.#samplingRateOf(host)
    const at = placeOf(limit)
    if (samplingRate <= 1 || numbers[at + OVER_SECONDS]! >= sampledPatienceSeconds) return 0
    return standardErrors * standardError(numbers[at + PASSED]!, limit.unit, samplingRate)
  }

  #samplingRateOf(host: number): number {
    const { samplingRate = 1, samplingRateOf } = this.#budgets
    return samplingRateOf?.(host) ?? samplingRate
  }

  #budgetOf(suspicion: Suspicion | undefined): number {
    const { bounds, fixedSeconds } = this.#budgets
    return bounds === undefined ? fixedSeconds : budgetAt(suspicion?.weight ?? NEUTRAL, bounds)
  }

  #judge(suspect: Suspect): void {
    const { numbers } = suspect
    const { limits } = suspect.limits
    const worst = this.#worst(suspect)
    if (worst === undefined) {
      if (suspect.peakLimit !== undefined) this.#tolerate(suspect, suspect.peakLimit)
      this.#forget(suspect.host)
      return
    }
    if (numbers[placeOf(worst) + EXCESS]! < this.#leastSeconds * worst.perSecond) return
    suspect.suspicion = this.#budgets.evidence?.weigh(suspect.host) ?? suspect.suspicion
    suspect.budgetSeconds = this.#budgetOf(suspect.suspicion)
    const crossed = limits.find(
      limit =>
        numbers[placeOf(limit) + EXCESS]! >=
          suspect.budgetSeconds * limit.perSecond + this.#doubt(suspect, limit) &&
        isOverSince(suspect, limit),
    )
    if (crossed === undefined) notePeak(suspect, worst)
    else this.#verdicts.push(verdictOf(suspect, crossed, this.#intervalOf(suspect, crossed)))
  }

  /** The limit with the most excess, in limit-seconds; `undefined` when all has drained. */
  #worst({ numbers, limits: { limits } }: Suspect): Limit | undefined {
    let worst: Limit | undefined
    let most = 0
    for (const limit of limits) {
      const seconds = numbers[placeOf(limit) + EXCESS]! / limit.perSecond
      if (seconds > most) {
        worst = limit
        most = seconds
      }
    }
    return worst
  }

  #tolerate(suspect: Suspect, limit: Limit): void {
    const { host, peakSeconds: excessSeconds, peakValue: value, budgetSeconds, suspicion } = suspect
    const { hostgroup } = suspect.limits
    const overSeconds = inMicroseconds(suspect.peakOverSeconds)
    this.#budgets.evidence?.tolerated({
      ...{ host, limit, hostgroup, value, overSeconds, excessSeconds, budgetSeconds, suspicion },
    })
  }

  /** Where the value that crossed lies, when it was counted from samples. */
  #intervalOf({ host, numbers }: Suspect, limit: Limit): Interval | undefined {
    const { standardErrors = 0 } = this.#budgets
    const samplingRate = this.#samplingRateOf(host)
    const at = placeOf(limit)
    const passed = numbers[at + PASSED]!
    const error = standardErrors * standardError(passed, limit.unit, samplingRate)
    if (error === 0) return undefined
    const seconds = inMicroseconds(numbers[at + PASSED_SECONDS]!)
    const told = (amount: number) => Math.round(inUnit(limit, Math.max(0, amount) / seconds))
    return { low: told(passed - error), high: told(passed + error) }
  }

  /** What is known of a host that is followed; `undefined` for one that is not. */
  explain(host: number): SuspectState | undefined {
    const suspect = this.#suspects.get(host)
    if (suspect === undefined) return undefined
    const { numbers, isHeld, budgetSeconds, suspicion } = suspect
    const limits = suspect.limits.limits.map(limit => ({
      limit,
      perSecond: suspect.current[limit.at]!,
      excessSeconds: numbers[placeOf(limit) + EXCESS]! / limit.perSecond,
      overSeconds: inMicroseconds(numbers[placeOf(limit) + OVER_SECONDS]!),
    }))
    return { isHeld, budgetSeconds, suspicion, limits }
  }
}
