// Counters become attacks: each tick shows the judge what the touched hosts did, and keeps the attacks that came of it.

import { METRIC, ROW } from '#3-traffic/metric.ts'
import type { Address } from '#lib/ip/address.ts'
import type { AttackEvent, OpenAttack } from './attack.ts'
import { Bans, type Moment } from './ban.ts'
import type { DetectionConfig } from './config.ts'
import { BudgetJudge, type SuspectListener } from './excess-budget.ts'
import type { Judge, Verdict } from './judge.ts'
import { Membership, type MembershipConfig } from './membership.ts'
import { PlainJudge } from './plain-average.ts'

/** What the detector reads of a host: filled `row` after `read`, and flows of ended windows. */
export interface HostReadings {
  readonly row: Float64Array
  read(host: number): void
  address(host: number): Address
  flows(host: number, direction: 0 | 1, window: number): number
  /** Flows of the current window so far, or of the one before if that had more. */
  flowsLately(host: number, direction: 0 | 1): number
}

/** A tick: the hosts touched in it, its length, and the flow window that ended with it, if one did. */
export interface Tick {
  readonly now: Moment
  readonly seconds: number
  readonly touched: readonly number[]
  readonly endedWindow: number | undefined
  readonly windowSeconds: number
}

export interface DetectorOptions extends MembershipConfig {
  readonly averageSeconds: number
  /** Highest host number + 1. */
  readonly hosts: number
  readonly suspects: SuspectListener
  /** Shown each host and its row once per tick, whether it is judged or not. */
  readonly visited: (host: number, row: Float64Array, tick: Tick) => void
}

export class Detector {
  readonly #options: DetectorOptions
  readonly #membership: Membership
  readonly #judge: Judge
  readonly #bans: Bans
  /** Hosts seen in the current flow window: only kept when some limit is one of flows. */
  readonly #inWindow = new Set<number>()

  constructor(options: DetectorOptions) {
    const { detection } = options
    this.#options = options
    this.#membership = new Membership(options)
    this.#judge = judgeFor(detection, options)
    this.#bans = new Bans(detection, host => this.#judge.hold(host, false))
  }

  attached(host: number, address: Address): void {
    this.#judge.attached(host, this.#membership.limitsOf(address))
    if (this.#bans.rejoin(address, host)) this.#judge.hold(host, true)
  }

  detached(host: number): void {
    this.#judge.detached(host)
    this.#bans.left(host)
    this.#inWindow.delete(host)
  }

  tick(tick: Tick, readings: HostReadings): readonly AttackEvent[] {
    const { seconds } = tick
    const countsFlows = this.#options.detection.mode === 'plain' || this.#membership.judgesFlows
    for (const host of tick.touched) {
      readings.read(host)
      this.#judge.visit(host, readings.row, seconds)
      this.#options.visited(host, readings.row, tick)
      if (countsFlows) this.#inWindow.add(host)
    }
    if (countsFlows && tick.endedWindow !== undefined)
      this.#judgeFlows(tick.endedWindow, tick.windowSeconds, readings)
    return [...this.#opened(tick, readings), ...this.#bans.tick(tick.now, host => this.#judge.standing(host))]
  }

  #judgeFlows(window: number, windowSeconds: number, readings: HostReadings): void {
    for (const host of this.#inWindow) {
      const incoming = readings.flows(host, 0, window)
      const outgoing = readings.flows(host, 1, window)
      this.#judge.visitFlows(host, incoming, outgoing, windowSeconds)
    }
    this.#inWindow.clear()
  }

  #opened(tick: Tick, readings: HostReadings): AttackEvent[] {
    const events: AttackEvent[] = []
    for (const verdict of this.#judge.endTick(tick.now.seconds, tick.seconds)) {
      if (this.#options.detection.mode === 'budget') addFlows(verdict, readings)
      this.#judge.hold(verdict.host, true)
      const event = this.#bans.open(verdict, readings.address(verdict.host), tick.now)
      if (event !== undefined) events.push(event)
    }
    return events
  }

  ban(address: Address, seconds: number | undefined, now: Moment): AttackEvent | undefined {
    return this.#bans.openByHand(address, this.#membership.hostgroupOf(address), seconds, now)
  }

  unban(address: Address, now: Moment): AttackEvent | undefined {
    return this.#bans.end(address, 'operator', now)
  }

  /** Number of the host of an open attack, 0 when it has no traffic or no attack. */
  numberOf(host: string): number {
    return this.#bans.numberOf(host)
  }

  isBanned(host: string): boolean {
    return this.#bans.isBanned(host)
  }

  get suspects(): number {
    return this.#judge.suspects
  }

  get suspectsRefused(): number {
    return this.#judge.suspectsRefused
  }

  get open(): readonly OpenAttack[] {
    return this.#bans.all
  }
}

function judgeFor(detection: DetectionConfig, options: DetectorOptions): Judge {
  if (detection.mode === 'plain') return new PlainJudge(options.hosts, options.averageSeconds)
  return new BudgetJudge(options.hosts, detection.budgetSeconds, options.suspects)
}

/** The budget judges flows once per window; a report of a younger crossing tells what the sketch has so far. */
function addFlows(verdict: Verdict, readings: HostReadings): void {
  for (const [direction, base] of [
    [0, 0],
    [1, ROW],
  ] as const) {
    const flows = readings.flowsLately(verdict.host, direction)
    verdict.speeds[base + METRIC.flows] = flows
    verdict.averages[base + METRIC.flows] = flows
  }
}
