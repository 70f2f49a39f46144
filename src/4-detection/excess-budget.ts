// The excess budget: a host is attacked when what passed above its limit has used up a budget of limit-seconds.
//
// For each limit L of a host that was over it in some tick, S = max(0, S + x - L dt) adds up what is too much and drains
// at the speed of the limit (the one-sided CUSUM of Page, 1954). A step of r times L crosses S >= B L after B / (r - 1)
// seconds, whatever the traffic was before. An average has to climb from old calm first; this has nothing to climb.
//
// A calm host costs a comparison per limit and tick. One over a limit becomes a suspect with numbers of its own; it is
// calm again when all its excess has drained.

import { METRIC, ROW } from '#3-traffic/metric.ts'
import type { Judge, Standing, Verdict } from './judge.ts'
import type { Limit, LimitSet } from './limit.ts'
import { LimitsByHost } from './limits-by-host.ts'

/** Told when a host begins and ceases to be a suspect, so that its packets can be collected meanwhile. */
export interface SuspectListener {
  began(host: number, packetsPerSecond: number): void
  ended(host: number): void
}

/** Numbers of a suspect: sums of both directions' rows since some excess last began, and in the tick in progress. */
const SUMS = 0
const TICK_SUMS = ROW * 2
/** Then for each limit the excess, for how long there has been some, what passed since then, and in how many seconds. */
const BY_LIMIT = ROW * 4
const EXCESS = 0
const OVER_SECONDS = 1
const PASSED = 2
const PASSED_SECONDS = 3
const PER_LIMIT = 4

const placeOf = (limit: Limit): number => BY_LIMIT + limit.order * PER_LIMIT

interface Suspect {
  readonly host: number
  readonly limits: LimitSet
  /** All in one piece of memory: a flood of a whole network makes tens of thousands of suspects in one tick. */
  readonly numbers: Float64Array
  /** For how long the sums were added up. */
  seconds: number
  /** Whether some excess began in the tick in progress. */
  begins: boolean
  /** Whether the sums are those of the tick in which it began, which the flood filled only in part. */
  isPartial: boolean
  /** The first tick in which it is followed. */
  readonly followedFrom: number
  /** Speeds of about the last second. */
  readonly current: Float64Array
  /** Tick of the last visit, by side, and of the last one for flows. */
  readonly seen: [number, number]
  readonly seenFlows: [number, number]
  isHeld: boolean
  isOver: boolean
}

/** An attack goes on while the speed is above this share of the limit: a little below it is not calm yet. */
const CALM_SHARE = 0.8
/** Time constant of the speeds of a suspect. */
const CURRENT_SECONDS = 1
/** More suspects than this at once are not followed; the counter says so. */
const SUSPECTS_MAX = 65_536

export class BudgetJudge implements Judge {
  readonly #budgetSeconds: number
  readonly #listener: SuspectListener
  readonly #limits: LimitsByHost
  readonly #suspects = new Map<number, Suspect>()
  readonly #silence = new Float64Array(ROW)
  #verdicts: Verdict[] = []
  #tick = 0
  suspectsRefused = 0

  /** `hosts`: highest host number + 1. */
  constructor(hosts: number, budgetSeconds: number, listener: SuspectListener) {
    this.#limits = new LimitsByHost(hosts)
    this.#budgetSeconds = budgetSeconds
    this.#listener = listener
  }

  attached(host: number, limits: LimitSet | undefined): void {
    this.#limits.set(host, limits)
  }

  detached(host: number): void {
    this.#limits.set(host, undefined)
    this.#forget(host)
  }

  #forget(host: number): void {
    if (this.#suspects.delete(host)) this.#listener.ended(host)
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
        this.#listener.began(host, row[METRIC.packets]! / seconds)
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
    if (suspect !== undefined) this.#listener.began(host, 0)
    return suspect
  }

  /** A host that comes back while its ban holds: followed, but its packets have been collected already. */
  #silent(host: number): Suspect | undefined {
    const set = this.#limits.get(host)
    return set && this.#suspect(host, set)
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

  /** Excess never grows beyond twice the budget, so the end of a long attack is not hidden behind its past. */
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
    numbers[at + EXCESS] = Math.min(Math.max(0, excess), 2 * this.#budgetSeconds * limit.perSecond)
  }

  #judge(suspect: Suspect): void {
    const { numbers } = suspect
    const { limits } = suspect.limits
    const crossed = limits.find(
      limit => numbers[placeOf(limit) + EXCESS]! >= this.#budgetSeconds * limit.perSecond,
    )
    if (crossed !== undefined) this.#verdicts.push(verdictOf(suspect, crossed))
    else if (limits.every(limit => numbers[placeOf(limit) + EXCESS] === 0)) this.#forget(suspect.host)
  }
}

function verdictOf(suspect: Suspect, limit: Limit): Verdict {
  const { numbers, current } = suspect
  const at = placeOf(limit)
  const seconds = inMicroseconds(suspect.seconds)
  const passed = numbers[at + PASSED]!
  const speeds = numbers.slice(SUMS, SUMS + ROW * 2).map(sum => sum / seconds)
  // Flows are told by window; since it was let go no window may have ended, and the last one has to do.
  const flows = passed === 0 ? current[limit.at]! : passed / inMicroseconds(numbers[at + PASSED_SECONDS]!)
  return {
    host: suspect.host,
    hostgroup: suspect.limits.hostgroup,
    limit,
    perSecond: limit.unit === 'flows' ? flows : speeds[limit.at]!,
    overSeconds: inMicroseconds(numbers[at + OVER_SECONDS]!),
    speeds,
    // An average that has just begun to climb tells nothing: what was measured is the average.
    averages: speeds,
  }
}

/** What it did so far belongs to an attack that is over; only how far and how long it has been over a limit stays. */
function restart(suspect: Suspect): void {
  suspect.begins = true
  for (const limit of suspect.limits.limits) {
    suspect.numbers[placeOf(limit) + PASSED] = 0
    suspect.numbers[placeOf(limit) + PASSED_SECONDS] = 0
  }
}

/** Ends a tick of a suspect: its sums tell what was done since some excess last began. */
function addTick(suspect: Suspect, seconds: number): void {
  const { numbers } = suspect
  // The tick in which it began would make the flood look smaller: it counts only as long as there is no other.
  if (suspect.begins || suspect.isPartial) {
    numbers.fill(0, SUMS, SUMS + ROW * 2)
    suspect.seconds = 0
    suspect.isPartial = suspect.begins
    suspect.begins = false
  }
  for (let at = 0; at < ROW * 2; at++) numbers[SUMS + at]! += numbers[TICK_SUMS + at]!
  numbers.fill(0, TICK_SUMS, TICK_SUMS + ROW * 2)
  suspect.seconds += seconds
  for (let at = BY_LIMIT; at < numbers.length; at += PER_LIMIT) {
    if (numbers[at + EXCESS] !== 0) numbers[at + OVER_SECONDS]! += seconds
  }
}

/** Ticks of a tenth of a second add up to errors far below a microsecond. */
const inMicroseconds = (seconds: number): number => Math.max(Math.round(seconds * 1e6) / 1e6, 1e-6)
