// Networks and hostgroups as wholes: their sums over a flow window against limits of their own.
//
// What an open attack on a host or on prefixes explains is not in the sums, so a flooded host does not open its network
// as well.

import { addRow, ROW } from '#3-traffic/metric.ts'
import type { NetworkSpeeds } from '#3-traffic/network-speeds.ts'
import { formatPrefix, overlaps, type Prefix } from '#lib/ip/prefix.ts'
import type { Standing } from './judge.ts'
import type { LimitSet } from './limit.ts'
import { addPair, pairOfZeros, RowBudget, takePair, type WideKey, type WideVerdict } from './wide.ts'

/** Something that is judged as one: what it is called, what it consists of, and its limits. */
export interface WholePlan {
  readonly scope: 'network' | 'hostgroup'
  /** The hostgroup that set the limits, or `global`. */
  readonly hostgroup: string
  readonly prefixes: readonly Prefix[]
  readonly limits: LimitSet
}

interface Whole {
  readonly plan: WholePlan
  readonly budget: RowBudget
  readonly sums: Float64Array
  isOpen: boolean
  isOver: boolean
  readonly speeds: Float64Array
}

export class WideTotals {
  readonly #networks: NetworkSpeeds
  /** By number of the network; none when networks have no limits. */
  readonly #byNetwork: readonly Whole[]
  readonly #byGroup: ReadonlyMap<string, Whole>
  /** Networks by their text. */
  readonly #byText: ReadonlyMap<string, Whole>
  /** By host: its hostgroup's whole. */
  readonly #groupOf: (Whole | undefined)[] = []
  readonly #all: readonly Whole[]

  /** `groups` are those with a limit on their total; `networkLimits` are those of each network. */
  constructor(
    networks: NetworkSpeeds,
    networkLimits: LimitSet | undefined,
    groups: readonly WholePlan[],
    budgetSeconds: number,
  ) {
    const wholeOf = (plan: WholePlan): Whole => ({
      plan,
      budget: new RowBudget(plan.limits, budgetSeconds),
      sums: pairOfZeros(),
      isOpen: false,
      isOver: false,
      speeds: pairOfZeros(),
    })
    this.#networks = networks
    this.#byNetwork =
      networkLimits === undefined
        ? []
        : networks.networks.map(prefix =>
            wholeOf({ scope: 'network', hostgroup: 'global', prefixes: [prefix], limits: networkLimits }),
          )
    this.#byGroup = new Map(groups.map(plan => [plan.hostgroup, wholeOf(plan)]))
    this.#byText = new Map(
      this.#byNetwork.map((whole, at) => [formatPrefix(networks.networks[at] as Prefix), whole]),
    )
    this.#all = [...this.#byNetwork, ...this.#byGroup.values()]
  }

  get isNeeded(): boolean {
    return this.#all.length > 0
  }

  attached(host: number, hostgroupOf: () => string): void {
    if (this.#byGroup.size > 0) this.#groupOf[host] = this.#byGroup.get(hostgroupOf())
  }

  /** Takes in what a line of no open attack did since its last visit. */
  visit(line: number, row: Float64Array): void {
    const network = this.#byNetwork[this.#networks.networkOf(line >> 1)]
    if (network !== undefined) addRow(network.sums, (line & 1) * ROW, row)
    const group = this.#groupOf[line >> 1]
    if (group !== undefined) addRow(group.sums, (line & 1) * ROW, row)
  }

  /** Packets of hosts that found no room, of this network and hostgroup. */
  visitUnlisted(network: number, hostgroup: string, side: number, row: Float64Array): void {
    for (const whole of [this.#byNetwork[network], this.#byGroup.get(hostgroup)])
      if (whole !== undefined) addRow(whole.sums, side * ROW, row)
  }

  /** Ends the window. What touches the prefixes of attacks that have just opened is not judged in it. */
  endWindow(seconds: number, opened: readonly Prefix[]): WideVerdict[] {
    for (const [number, whole] of this.#byNetwork.entries()) {
      const wider = this.#byNetwork[this.#networks.widerThan(number)]
      if (wider !== undefined) addPair(wider.sums, whole.sums)
    }
    const verdicts: WideVerdict[] = []
    for (const whole of this.#all) {
      const verdict = this.#judge(whole, seconds, opened)
      if (verdict !== undefined) verdicts.push(verdict)
      whole.sums.fill(0)
    }
    return verdicts
  }

  #judge(whole: Whole, seconds: number, opened: readonly Prefix[]): WideVerdict | undefined {
    const { plan, budget, sums } = whole
    whole.speeds.set(sums.map(sum => sum / seconds))
    if (whole.isOpen) {
      whole.isOver = budget.isOver(sums, seconds)
      return undefined
    }
    if (opened.some(prefix => plan.prefixes.some(own => overlaps(own, prefix)))) {
      budget.calm()
      return undefined
    }
    const limit = budget.spend(sums, seconds)
    if (limit === undefined) return undefined
    whole.isOpen = true
    whole.isOver = true
    const { scope, prefixes, hostgroup } = plan
    const speeds = whole.speeds.slice()
    return {
      scope,
      prefixes,
      hostgroup,
      limit,
      perSecond: speeds[limit.at]!,
      overSeconds: budget.overSeconds(limit),
      speeds,
    }
  }

  /** Prefixes of networks and hostgroups that are under attack as a whole. */
  get attacked(): readonly Prefix[] {
    return this.#all.flatMap(({ isOpen, plan }) => (isOpen ? plan.prefixes : []))
  }

  /** How the open attack on a whole stands. */
  standing(attack: WideKey): Standing | undefined {
    const whole = this.#find(attack)
    return whole?.isOpen === true ? whole : undefined
  }

  /** The attack is over. */
  release(attack: WideKey): void {
    const whole = this.#find(attack)
    if (whole === undefined) return
    whole.isOpen = false
    whole.budget.calm()
  }

  #find({ scope, host, hostgroup }: WideKey): Whole | undefined {
    return scope === 'hostgroup' ? this.#byGroup.get(hostgroup) : this.#byText.get(host)
  }

  /** A host is attacked alone: what it did in this window and before is its own (pairs of rows). */
  forgive(host: number, inWindow: Float64Array, before: Float64Array): void {
    let network = this.#networks.networkOf(host)
    for (const whole of [this.#byNetwork[network], this.#groupOf[host]])
      if (whole !== undefined) takePair(whole.sums, inWindow)
    this.#groupOf[host]?.budget.forgive(before)
    for (; network >= 0; network = this.#networks.widerThan(network))
      this.#byNetwork[network]?.budget.forgive(before)
  }
}
