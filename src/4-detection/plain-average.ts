// FastNetMon's own decision, exactly: integer averages of each step, compared with the limits in its order.
//
//   speed   = floor(counter / period)
//   average = floor(speed + e^(-period / T) x (average before - speed))
//
// Flows go through the second line twice in each step, with the same speed, so their average moves twice as fast: that is
// what 1.2.4 does when it runs beside us. The average of a new host begins at 0. A limit is crossed when the average is
// strictly above it; bandwidth becomes whole Mbit/s first, so a limit of 50 is crossed at 51.

import { METRIC, ROW } from '#3-traffic/metric.ts'
import type { Judge, Standing, Verdict } from './judge.ts'
import type { Limit, LimitSet } from './limit.ts'
import { LimitsByHost } from './limits-by-host.ts'

const PAIR = ROW * 2
const MEGABIT = 1e6
/** How often a step mixes the flows into their average. */
const FLOW_MIXES = 2

/** Whether an average is above a limit, as FastNetMon compares them. */
export function isAbove(limit: Limit, average: number): boolean {
  if (limit.unit !== 'bits') return average > limit.threshold
  return Math.floor((average * 8) / MEGABIT) > limit.threshold / MEGABIT
}

export class PlainJudge implements Judge {
  readonly #constant: number
  readonly #averages: Float64Array
  readonly #limits: LimitsByHost
  /** Hosts whose average is not all zero; the others need no visit. */
  readonly #moving = new Set<number>()
  readonly #held = new Set<number>()
  /** Hosts that were above a limit in this step, by speed and not on average. */
  readonly #above = new Set<number>()
  /** Hosts that are above a limit, by speed or on average, and when the first step of it began. */
  readonly #overSince = new Map<number, number>()
  /** By line: the tick of its last visit. */
  readonly #visited: Int32Array
  readonly #silence = new Float64Array(ROW)
  #tick = 1
  /** Every host with an average is followed. */
  readonly suspectsRefused = 0

  /** `hosts`: highest host number + 1. `averageSeconds`: FastNetMon's average_calculation_time. */
  constructor(hosts: number, averageSeconds: number) {
    this.#constant = averageSeconds
    this.#limits = new LimitsByHost(hosts)
    this.#averages = new Float64Array(hosts * PAIR)
    this.#visited = new Int32Array(hosts * 2)
  }

  attached(host: number, limits: LimitSet | undefined): void {
    this.#limits.set(host, limits)
    this.#averages.fill(0, host * PAIR, (host + 1) * PAIR)
  }

  detached(host: number): void {
    this.#limits.set(host, undefined)
    this.#moving.delete(host)
    this.#held.delete(host)
    this.#overSince.delete(host)
  }

  relimit(host: number, limits: LimitSet | undefined): void {
    this.#limits.set(host, limits)
    if (limits === undefined) this.#overSince.delete(host)
  }

  keepLimits(sets: readonly LimitSet[]): void {
    this.#limits.keepOnly(sets)
  }

  get followed(): Iterable<number> {
    return this.#overSince.keys()
  }

  get suspects(): number {
    return this.#overSince.size
  }

  visit(line: number, row: Float64Array, seconds: number): void {
    this.#visited[line] = this.#tick
    this.#moving.add(line >> 1)
    const step = Math.exp(-seconds / this.#constant)
    for (let metric = 0; metric < METRIC.flows; metric++)
      this.#mix(line * ROW + metric, row[metric]! / seconds, step)
    for (const limit of this.#limitsOf(line)) {
      if (limit.unit !== 'flows') this.#compare(line, limit, row[limit.metric]! / seconds)
    }
  }

  visitFlows(line: number, flows: number, seconds: number): void {
    // A line that is visited for its flows alone has had no packets since the last step.
    if (this.#visited[line] !== this.#tick) this.visit(line, this.#silence, seconds)
    const step = Math.exp(-seconds / this.#constant)
    for (let time = 0; time < FLOW_MIXES; time++) this.#mix(line * ROW + METRIC.flows, flows / seconds, step)
    for (const limit of this.#limitsOf(line)) {
      if (limit.unit === 'flows') this.#compare(line, limit, flows / seconds)
    }
  }

  #limitsOf(line: number): readonly Limit[] {
    return this.#limits.get(line >> 1)?.bySide[(line & 1) as 0 | 1] ?? []
  }

  #compare(line: number, limit: Limit, speed: number): void {
    if (isAbove(limit, Math.floor(speed))) this.#above.add(line >> 1)
  }

  endTick(now: number, seconds: number): readonly Verdict[] {
    const verdicts: Verdict[] = []
    for (const host of this.#moving) {
      this.#decay(host * 2, seconds)
      this.#decay(host * 2 + 1, seconds)
      if (this.#isSilent(host)) continue
      const crossed = this.#crossed(host)
      if (crossed === undefined && !this.#above.has(host)) this.#overSince.delete(host)
      else if (!this.#overSince.has(host)) this.#overSince.set(host, now - seconds)
      if (crossed !== undefined && !this.#held.has(host)) verdicts.push(this.#verdict(host, crossed, now))
    }
    this.#tick++
    this.#above.clear()
    return verdicts
  }

  hold(host: number, held: boolean): void {
    if (held) this.#held.add(host)
    else this.#held.delete(host)
  }

  standing(host: number): Standing | undefined {
    if (this.#limits.get(host) === undefined) return undefined
    return { isOver: this.#crossed(host) !== undefined, speeds: this.#row(host) }
  }

  #mix(at: number, exact: number, step: number): void {
    const speed = Math.floor(exact)
    this.#averages[at] = Math.floor(speed + step * (this.#averages[at]! - speed))
  }

  /** A step without traffic, for a line that was not visited. */
  #decay(line: number, seconds: number): void {
    if (this.#visited[line] === this.#tick) return
    const step = Math.exp(-seconds / this.#constant)
    for (let at = line * ROW; at < (line + 1) * ROW; at++)
      this.#averages[at] = Math.floor(step * this.#averages[at]!)
    const flows = line * ROW + METRIC.flows
    for (let time = 1; time < FLOW_MIXES; time++) this.#mix(flows, 0, step)
  }

  /** Whether nothing is left of the host's averages; it then needs no more visits. */
  #isSilent(host: number): boolean {
    for (let at = host * PAIR; at < (host + 1) * PAIR; at++) if (this.#averages[at] !== 0) return false
    this.#moving.delete(host)
    this.#overSince.delete(host)
    return true
  }

  #crossed(host: number): Limit | undefined {
    const base = host * PAIR
    return this.#limits.get(host)?.limits.find(limit => isAbove(limit, this.#averages[base + limit.at]!))
  }

  #row(host: number): Float64Array {
    return this.#averages.slice(host * PAIR, (host + 1) * PAIR)
  }

  #verdict(host: number, limit: Limit, now: number): Verdict {
    const averages = this.#row(host)
    return {
      host,
      hostgroup: this.#limits.get(host)?.hostgroup ?? 'global',
      limit,
      perSecond: averages[limit.at]!,
      overSeconds: now - (this.#overSince.get(host) ?? now),
      speeds: averages,
      averages,
    }
  }
}
