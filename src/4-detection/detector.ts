// Counters become attacks: each tick shows the judge what the touched hosts did, and keeps the attacks that came of it.

import { METRIC, ROW } from '#3-traffic/metric.ts'
import { NetworkSpeeds } from '#3-traffic/network-speeds.ts'
import type { UnlistedCounts } from '#3-traffic/unlisted.ts'
import { type Address, parseAddress } from '#lib/ip/address.ts'
import { formatPrefix, type Prefix } from '#lib/ip/prefix.ts'
import type { AttackEvent, Finding, OpenAttack } from './attack.ts'
import { Bans, type Moment } from './ban.ts'
import { Baseline } from './baseline.ts'
import { ScopeTable } from './baseline-scopes.ts'
import type { Budgets, Evidence, SuspectState } from './budgets.ts'
import type { DetectionConfig } from './config.ts'
import { BudgetJudge, type SuspectListener } from './excess-budget.ts'
import type { Standing, Verdict } from './judge.ts'
import type { LimitSet } from './limit.ts'
import type { Membership } from './membership.ts'
import { PlainJudge } from './plain-average.ts'
import type { WideVerdict } from './wide.ts'
import { WideJudge } from './wide-judge.ts'
import { WideMemory } from './wide-memory.ts'

/** What the detector reads of a line (2 x host + direction): filled `row` after `read`, and flows. */
export interface LineReadings {
  readonly row: Float64Array
  read(line: number, nowMs: number): void
  /** Flows of the line that was read, in the window that ended with this tick, if one did. */
  readonly windowFlows: number
  /** Flows in the window that ended last. */
  flows(line: number): number
  /** Flows of the current window so far, or of the one before if that had more. */
  flowsLately(line: number): number
  /** Length of a flow window. */
  readonly windowSeconds: number
  address(host: number): Address
}

/** A tick: the lines to visit, its length, and the length of the flow window that ended with it, if one did. */
export interface Tick {
  readonly now: Moment
  readonly seconds: number
  readonly lines: { readonly lines: Int32Array; readonly count: number }
  readonly windowSeconds: number | undefined
}

export interface DetectorOptions {
  readonly detection: DetectionConfig
  readonly membership: Membership
  readonly averageSeconds: number
  /** Highest host number + 1. */
  readonly hosts: number
  readonly suspects: SuspectListener
  /** Who weighs suspects; without it the budget is fixed. */
  readonly evidence?: Evidence
  /** One packet counted stands for so many. */
  readonly samplingRate?: number
  /** The same of one host, where hosts differ. */
  readonly samplingRateOf?: (host: number) => number
  /** Our networks, and hosts in them that found no room in the tables. */
  readonly networks?: readonly Prefix[]
  readonly unlisted?: UnlistedCounts
}

/** What is otherwise while it runs. */
export interface Reconfiguration {
  readonly detection: DetectionConfig
  readonly membership: Membership
  /** Missing: what is judged as a whole is as it was, and goes on with what it knows. */
  readonly networks: readonly Prefix[] | undefined
  readonly isOver: (attack: OpenAttack) => boolean
  /** Hosts are numbered below this. */
  readonly bound: number
}

export class Detector {
  readonly #options: DetectorOptions
  #detection: DetectionConfig
  #membership: Membership
  readonly #judge: BudgetJudge | PlainJudge
  readonly #bans: Bans
  #wide: WideJudge
  readonly #wideMemory: WideMemory
  /** Speeds of our networks as wholes. */
  readonly networks: NetworkSpeeds
  /** What calm traffic does. */
  readonly baseline: Baseline
  /** Lines seen in the current flow window: only kept when flows are judged. */
  readonly #inWindow = new Set<number>()

  constructor(options: DetectorOptions) {
    const { detection } = options
    this.#options = options
    this.#detection = detection
    this.#membership = options.membership
    this.#judge = judgeFor(detection, options)
    this.networks = new NetworkSpeeds(options.networks ?? [], options.hosts, options.averageSeconds, {
      hostgroups: summed(options.membership),
    })
    this.#wideMemory = new WideMemory(options.hosts)
    this.#wide = this.#wideJudge()
    this.baseline = new Baseline(this.#learningScopes(), options.hosts)
    this.#bans = new Bans(detection, host => {
      this.#judge.hold(host, false)
      this.baseline.released(host)
      this.#wide.hostReleased(host)
    })
  }

  #learningScopes(): ScopeTable {
    const { networks } = this.networks
    return new ScopeTable(networks, this.#membership.hostgroups, this.#detection.learn.enabled)
  }

  #wideJudge(): WideJudge {
    const { unlisted } = this.#options
    const membership = this.#membership
    return new WideJudge({
      detection: this.#detection,
      hostgroups: membership.hostgroups,
      networks: this.networks,
      unlisted,
      hostgroupOf: address => membership.hostgroupOf(address),
      memory: this.#wideMemory,
    })
  }

  /**
   * Other limits, networks and bans from now on. Ends what `isOver` says of open attacks and what is no longer judged;
   * hosts below `bound` are judged as before until `relook`. The mode stays.
   */
  reconfigure(change: Reconfiguration, now: Moment): AttackEvent[] {
    const { detection, membership, networks, isOver, bound } = change
    this.#detection = detection
    this.#membership = membership
    this.#bans.settings = detection
    if (this.#judge instanceof BudgetJudge) this.#judge.budgets = budgetsOf({ ...this.#options, detection })
    if (networks !== undefined) {
      this.networks.change(networks, bound, summed(membership))
      this.#wideMemory.forget(bound)
      this.#wide = this.#wideJudge()
      this.baseline.rescope(this.#learningScopes())
    }
    return this.#bans.endWhere(attack => isOver(attack) || !this.#isJudged(attack), now)
  }

  /** Hosts whose limits matter at once: those with an open attack or over a limit. */
  get urgent(): ReadonlySet<number> {
    return new Set([...this.#bans.numbers, ...this.#judge.followed])
  }

  /** Looks up again what is known of a host by its address. */
  relook(host: number, address: Address): void {
    const limits = this.#membership.limitsOf(address)
    const isAttacked = this.#bans.holds(host)
    this.#wide.attached(host, address, limits, isAttacked)
    this.baseline.attached(host, address, limits !== undefined, isAttacked)
    // It may belong to a network that is gone, and its worker has not let go of it yet.
    const isOurs = this.networks.networkOf(host) >= 0
    this.#judge.relimit(host, isOurs ? limits : undefined)
  }

  /** All hosts were looked up again. */
  relooked(): void {
    this.#judge.keepLimits(this.#membership.sets)
  }

  /** Whether an attack as this one could still open. What an operator orders is judged by nobody. */
  #isJudged({ origin, scope, host, hostgroup }: OpenAttack): boolean {
    if (origin === 'manual') return true
    const { networkThresholds } = this.#detection
    const address = parseAddress(host)
    switch (scope) {
      case 'host':
        return address !== undefined && this.#membership.limitsOf(address) !== undefined
      case 'network':
        return networkThresholds !== undefined && this.networks.networks.some(at => formatPrefix(at) === host)
      case 'hostgroup':
        return this.#membership.hostgroups[hostgroup]?.total !== undefined
      case 'prefix':
        return this.#wide.hasLadder
    }
  }

  attached(host: number, address: Address): void {
    const limits = this.#membership.limitsOf(address)
    this.#judge.attached(host, limits)
    const isAttacked = this.#bans.count > 0 && this.#bans.rejoin(address, host)
    if (isAttacked) this.#judge.hold(host, true)
    this.#wide.attached(host, address, limits, isAttacked)
    this.baseline.attached(host, address, limits !== undefined, isAttacked)
  }

  detached(host: number): void {
    this.baseline.detached(host)
    this.#judge.detached(host)
    this.#wide.detached(host)
    this.#bans.left(host)
    this.#inWindow.delete(host * 2)
    this.#inWindow.delete(host * 2 + 1)
  }

  tick(tick: Tick, readings: LineReadings): readonly AttackEvent[] {
    const { seconds, windowSeconds, now } = tick
    const countsFlows = this.#detection.mode === 'plain' || this.#membership.judgesFlows
    const { lines, count } = tick.lines
    const flows = (line: number) => readings.flows(line)
    this.#wide.begin(seconds)
    for (let i = 0; i < count; i++) this.#visit(lines[i]!, tick, readings, flows)
    if (countsFlows) for (let i = 0; i < count; i++) this.#inWindow.add(lines[i]!)
    if (countsFlows && windowSeconds !== undefined) this.#judgeFlows(windowSeconds, readings)
    const events = [
      ...this.#opened(tick, readings),
      ...this.#openedWide(tick, readings),
      ...this.#updated(now),
    ]
    if (windowSeconds !== undefined)
      this.baseline.endWindow(windowSeconds, now, this.#bans.all, host => this.#bans.numberOf(host))
    return events
  }

  #visit(
    line: number,
    { now, seconds, windowSeconds }: Tick,
    readings: LineReadings,
    flows: (line: number) => number,
  ): void {
    readings.read(line, now.seconds * 1000)
    const { row } = readings
    this.#judge.visit(line, row, seconds)
    this.#wide.visit(line, row)
    if (windowSeconds === undefined) this.baseline.visit(line, row)
    else {
      this.networks.addFlows(line, readings.windowFlows)
      this.baseline.visitLast(line, row, windowSeconds, flows)
    }
  }

  #updated(now: Moment): AttackEvent[] {
    const events = this.#bans.tick(now, (host, attack) =>
      attack.scope === 'host' ? this.#judge.standing(host) : this.#wide.standing(attack),
    )
    for (const { kind, attack } of events) if (kind === 'ended') this.#released(attack)
    return events
  }

  #released(attack: Pick<OpenAttack, 'scope' | 'host' | 'hostgroup'>): void {
    if (attack.scope !== 'host') this.#wide.release(attack)
  }

  /** Attacks on prefixes, networks and hostgroups, at the end of a window. */
  #openedWide({ now, lines, windowSeconds }: Tick, readings: LineReadings): AttackEvent[] {
    if (windowSeconds === undefined) return []
    const flows = (line: number) => readings.flows(line)
    const window = { lines, seconds: windowSeconds, nowSeconds: now.seconds, flows }
    return this.#wide.endWindow(window).flatMap(verdict => this.#openWide(verdict, now))
  }

  #openWide(verdict: WideVerdict, now: Moment): AttackEvent[] {
    const event = this.#bans.openWide(verdict, now)
    if (event !== undefined) return [event]
    // An attack with this first prefix is open: the same one, taken over from before a restart, or one of another kind.
    const { scope, hostgroup, prefixes } = verdict
    const host = prefixes[0] === undefined ? '' : formatPrefix(prefixes[0])
    if (this.#bans.scopeOf(host) !== scope) this.#wide.release({ scope, host, hostgroup })
    return []
  }

  #judgeFlows(windowSeconds: number, readings: LineReadings): void {
    for (const line of this.#inWindow) this.#judge.visitFlows(line, readings.flows(line), windowSeconds)
    this.#inWindow.clear()
  }

  #opened(tick: Tick, readings: LineReadings): AttackEvent[] {
    const events: AttackEvent[] = []
    const { now, seconds, windowSeconds } = tick
    for (const verdict of this.#judge.endTick(now.seconds, seconds, windowSeconds)) {
      if (this.#detection.mode === 'budget') addFlows(verdict, readings)
      this.#judge.hold(verdict.host, true)
      this.#wide.hostOpened(verdict)
      this.baseline.attacked(verdict.host)
      const event = this.#bans.open(verdict, readings.address(verdict.host), now)
      if (event !== undefined) events.push(event)
    }
    return events
  }

  ban(address: Address, seconds: number | undefined, now: Moment): AttackEvent | undefined {
    return this.#bans.openByHand(address, this.#membership.hostgroupOf(address), seconds, now)
  }

  /** Ends the open attack on a host, or on the prefixes of which this is the first. */
  unban(host: string, now: Moment): AttackEvent | undefined {
    const event = this.#bans.end(host, 'operator', now)
    if (event !== undefined) this.#released(event.attack)
    return event
  }

  /** Number of the host of an open attack, 0 when it has no traffic or no attack. */
  numberOf(host: string): number {
    return this.#bans.numberOf(host)
  }

  /** Notes what the packets of an open attack say it is; the attack as it is known now, `undefined` when it ended. */
  describe(host: string, finding: Finding): OpenAttack | undefined {
    return this.#bans.describe(host, finding)
  }

  isBanned(host: string): boolean {
    return this.#bans.isBanned(host)
  }

  /** Limits of an address; `undefined` when it is never judged. */
  limitsOf(address: Address): LimitSet | undefined {
    return this.#membership.limitsOf(address)
  }

  hostgroupOf(address: Address): string {
    return this.#membership.hostgroupOf(address)
  }

  /** All sets of limits of hosts. */
  get limitSets(): readonly LimitSet[] {
    return this.#membership.sets
  }

  /** How an open attack is now; `undefined` when nothing of it is seen. */
  standingOf(attack: OpenAttack): Standing | undefined {
    if (attack.scope !== 'host') return this.#wide.standing(attack)
    const number = this.#bans.numberOf(attack.host)
    return number === 0 ? undefined : this.#judge.standing(number)
  }

  /** What is known of a host that is followed closely. */
  explain(host: number): SuspectState | undefined {
    return this.#judge instanceof BudgetJudge ? this.#judge.explain(host) : undefined
  }

  get suspects(): number {
    return this.#judge.suspects
  }

  /** Prefixes that are judged as wholes, and times there was no room for one. */
  get prefixes(): { readonly count: number; readonly refused: number } {
    return this.#wide.prefixes
  }

  get suspectsRefused(): number {
    return this.#judge.suspectsRefused
  }

  get open(): readonly OpenAttack[] {
    return this.#bans.all
  }

  get openCount(): number {
    return this.#bans.count
  }

  /** Takes over attacks that were open when the program ended. Gives those it did not, because their hosts have newer ones. */
  restore(attacks: readonly OpenAttack[], now: Moment): OpenAttack[] {
    return attacks.filter(attack => !this.#bans.restore(attack, now))
  }
}

/** More hostgroups than these have limits and no speeds as wholes of their own. */
const HOSTGROUPS_MAX = 512

const summed = ({ hostgroups }: Membership): string[] => Object.keys(hostgroups).slice(0, HOSTGROUPS_MAX)

function judgeFor(detection: DetectionConfig, options: DetectorOptions): BudgetJudge | PlainJudge {
  if (detection.mode === 'plain') return new PlainJudge(options.hosts, options.averageSeconds)
  return new BudgetJudge(options.hosts, budgetsOf(options), options.suspects)
}

function budgetsOf({ detection, evidence, samplingRate = 1, samplingRateOf }: DetectorOptions): Budgets {
  const { enabled, patientSeconds, urgentSeconds } = detection.suspicion
  const { standardErrors, patienceSeconds: sampledPatienceSeconds } = detection.sampling
  return {
    fixedSeconds: detection.budgetSeconds,
    ...{ samplingRate, standardErrors, sampledPatienceSeconds },
    ...(samplingRateOf === undefined ? {} : { samplingRateOf }),
    ...(enabled && evidence !== undefined ? { bounds: { patientSeconds, urgentSeconds }, evidence } : {}),
  }
}

/** The budget judges flows once per window; a report of a younger crossing tells what the sketch has so far. */
function addFlows(verdict: Verdict, readings: LineReadings): void {
  for (const side of [0, 1]) {
    const flows = readings.flowsLately(verdict.host * 2 + side) / readings.windowSeconds
    verdict.speeds[side * ROW + METRIC.flows] = flows
    verdict.averages[side * ROW + METRIC.flows] = flows
  }
}
