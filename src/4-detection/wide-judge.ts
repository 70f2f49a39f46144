// Everything that is judged as a whole: heavy prefixes first, then networks and hostgroups, each without what an attack
// within it explains. It sees each visited line once more, and judges when a flow window ends.

import { prefixesOf } from '#3-traffic/hostgroup.ts'
import { METRIC, ROW } from '#3-traffic/metric.ts'
import type { NetworkSpeeds } from '#3-traffic/network-speeds.ts'
import { PrefixTree, type Rung } from '#3-traffic/prefix-tree.ts'
import type { UnlistedCounts } from '#3-traffic/unlisted.ts'
import type { Address } from '#lib/ip/address.ts'
import { contains, formatPrefix, type Prefix } from '#lib/ip/prefix.ts'
import type { DetectionConfig, HostgroupConfig } from './config.ts'
import type { Standing, Verdict } from './judge.ts'
import { compileLimits, type LimitSet } from './limit.ts'
import { PrefixLadder } from './prefix-ladder.ts'
import { WideTotals } from './prefix-totals.ts'
import type { WideKey, WideVerdict } from './wide.ts'
import type { WideMemory } from './wide-memory.ts'

export interface WideOptions {
  readonly detection: DetectionConfig
  readonly hostgroups: Readonly<Record<string, HostgroupConfig>>
  readonly networks: NetworkSpeeds
  /** Hosts that found no room in the tables; `undefined` when nothing counts them. */
  readonly unlisted: UnlistedCounts | undefined
  readonly hostgroupOf: (address: Address) => string
  readonly memory: WideMemory
}

/** The window that has ended: the lines that had traffic in it, its length, and when it ended. */
export interface WideWindow {
  readonly lines: { readonly lines: Int32Array; readonly count: number }
  readonly seconds: number
  readonly nowSeconds: number
  flows(line: number): number
}

export class WideJudge {
  readonly #networks: NetworkSpeeds
  readonly #hostgroupOf: (address: Address) => string
  readonly #unlisted: UnlistedCounts | undefined
  readonly #tree = new PrefixTree()
  readonly #ladder: PrefixLadder | undefined
  readonly #totals: WideTotals
  readonly #judgesFlows: boolean
  /** By host: 1 while it has an attack of its own. */
  readonly #isHeld: Uint8Array
  /** By name: which of the hostgroups whose speeds are summed. */
  readonly #groupNumbers: ReadonlyMap<string, number>
  /** Prefixes that unlisted hosts were counted for, held while they have traffic. */
  #held = new Map<string, Rung>()
  /** Incoming packets per second of a host, the general limit; weights of hosts are relative to it. */
  readonly #general: LimitSet
  #passedSeconds = 0

  constructor(options: WideOptions) {
    const { detection, networks, memory } = options
    this.#networks = networks
    this.#hostgroupOf = options.hostgroupOf
    this.#unlisted = options.unlisted
    this.#groupNumbers = new Map(networks.hostgroups.map((name, number) => [name, number]))
    this.#general = compileLimits('global', detection.thresholds)
    this.#isHeld = memory.isHeld
    const explicit = setOf('global', detection.prefixes.thresholds)
    const byLaw = this.#general.limits.filter(
      ({ name, side }) => side === 0 && (name === 'packets' || name === 'bits'),
    )
    const isOn = detection.prefixes.enabled ?? (detection.mode === 'budget' || explicit !== undefined)
    if (isOn && (explicit !== undefined || byLaw.length > 0)) {
      const { budgetSeconds } = detection
      const limits = { explicit, byLaw: explicit === undefined ? byLaw : [], budgetSeconds }
      this.#ladder = new PrefixLadder(this.#tree, limits, memory)
    }
    const groups = Object.entries(options.hostgroups).flatMap(([name, { total, networks }]) => {
      const limits = setOf(name, total)
      if (limits === undefined) return []
      return [{ scope: 'hostgroup' as const, hostgroup: name, prefixes: prefixesOf(networks), limits }]
    })
    const ofNetworks = setOf('global', detection.networkThresholds)
    this.#totals = new WideTotals(networks, ofNetworks, groups, detection.budgetSeconds)
    const sets = [explicit, ofNetworks, ...groups.map(({ limits }) => limits)]
    this.#judgesFlows = sets.some(set => set?.limits.some(({ unit }) => unit === 'flows'))
  }

  get #isNeeded(): boolean {
    return this.#ladder !== undefined || this.#totals.isNeeded
  }

  /** A host appeared; `limits` are its own, `undefined` for one that is never judged. */
  attached(host: number, address: Address, limits: LimitSet | undefined, isAttacked: boolean): void {
    const isGrouped = this.#groupNumbers.size > 0
    this.#networks.attached(host, address, isGrouped ? this.#groupNumber(address) : -1)
    if (!this.#isNeeded) return
    this.#isHeld[host] = isAttacked ? 1 : 0
    this.#totals.attached(host, () => this.#hostgroupOf(address))
    const network = this.#widest(this.#networks.networkOf(host))
    if (network === undefined || limits === undefined) this.#ladder?.detached(host)
    else this.#ladder?.attached(host, address, network.length, this.#weightOf(limits))
  }

  #groupNumber(address: Address): number {
    return this.#groupNumbers.get(this.#hostgroupOf(address)) ?? -1
  }

  #widest(network: number): Prefix | undefined {
    let widest = network
    for (let next = network; next >= 0; next = this.#networks.widerThan(next)) widest = next
    return this.#networks.networks[widest]
  }

  /** The general limit of packets as a share of the host's own. */
  #weightOf(limits: LimitSet): number {
    const packetsOf = (set: LimitSet) => set.limits.find(({ name, side }) => name === 'packets' && side === 0)
    const [general, own] = [packetsOf(this.#general), packetsOf(limits)]
    return general === undefined || own === undefined ? 1 : general.perSecond / own.perSecond
  }

  detached(host: number): void {
    this.#ladder?.detached(host)
  }

  /** Begins a tick of `seconds`. */
  begin(seconds: number): void {
    this.#passedSeconds += seconds
  }

  /** What a line did since its last visit. */
  visit(line: number, row: Float64Array): void {
    this.#networks.add(line, row)
    const host = line >> 1
    if (!this.#isNeeded || this.#isHeld[host] === 1) return
    this.#ladder?.visit(line, row)
    if (this.#totals.isNeeded && !this.#isExplained(host)) this.#totals.visit(line, row)
  }

  /** Whether what the host does belongs to an attack on prefixes. */
  #isExplained(host: number): boolean {
    return this.#ladder?.isExplained(host) ?? false
  }

  /** An attack on the host itself opened: what it did is no longer that of its prefixes. */
  hostOpened({ host, speeds, overSeconds }: Verdict): void {
    if (!this.#isNeeded) return
    this.#isHeld[host] = 1
    const lately = Math.min(overSeconds, this.#passedSeconds)
    const inWindow = speeds.map(speed => speed * lately)
    const before = speeds.map(speed => speed * (overSeconds - lately))
    this.#ladder?.forgive(host, inWindow, before)
    this.#totals.forgive(host, inWindow, before)
  }

  hostReleased(host: number): void {
    this.#isHeld[host] = 0
  }

  /** Ends the window: who crossed a limit in it. */
  endWindow({ lines: { lines, count }, seconds, nowSeconds, flows }: WideWindow): WideVerdict[] {
    this.#passedSeconds = 0
    this.#visitUnlisted()
    this.#networks.endWindow(seconds)
    if (!this.#isNeeded) return []
    if (this.#judgesFlows) this.#visitFlows(lines, count, flows)
    const { attacked } = this.#totals
    const found = this.#ladder?.endWindow({ lines, count, seconds, nowSeconds, attacked }) ?? []
    const opened = found.flatMap(({ prefixes }) => prefixes)
    return [...found, ...this.#totals.endWindow(seconds, [...opened, ...(this.#ladder?.attacked ?? [])])]
  }

  #visitFlows(lines: Int32Array, count: number, flows: (line: number) => number): void {
    const row = new Float64Array(ROW)
    for (let i = 0; i < count; i++) {
      const line = lines[i]!
      if (this.#isHeld[line >> 1] === 1) continue
      row[METRIC.flows] = flows(line)
      this.#ladder?.visitFlows(line, row[METRIC.flows]!)
      if (this.#totals.isNeeded && !this.#isExplained(line >> 1)) this.#totals.visit(line, row)
    }
  }

  /** Packets of hosts that found no room count for their prefix, as far as it is ours. */
  #visitUnlisted(): void {
    const held = new Map<string, Rung>()
    this.#unlisted?.each((counted, side, row) => {
      const network = this.#networks.networks.findIndex(
        own => contains(own, counted) || contains(counted, own),
      )
      if (network < 0) return
      const own = this.#networks.networks[network] as Prefix
      const prefix = contains(own, counted) ? counted : own
      this.#networks.addTo(network, side, row, this.#groupNumber(prefix))
      if (!this.#isNeeded) return
      this.#totals.visitUnlisted(network, this.#hostgroupOf(prefix), side, row)
      const rung = this.#ladder && this.#hold(held, prefix, this.#widest(network)?.length ?? own.length)
      if (rung !== undefined) this.#ladder?.visitUnlisted(rung, side, row)
    })
    for (const [text, rung] of this.#held) if (!held.has(text)) this.#tree.leave(rung)
    this.#held = held
  }

  #hold(held: Map<string, Rung>, prefix: Prefix, networkLength: number): Rung | undefined {
    const text = formatPrefix(prefix)
    const rung = held.get(text) ?? this.#held.get(text) ?? this.#tree.hold(prefix, networkLength)
    if (rung !== undefined) held.set(text, rung)
    return rung
  }

  /** How an open attack on a whole stands. */
  standing(attack: WideKey): Standing | undefined {
    return attack.scope === 'prefix' ? this.#ladder?.standing(attack.host) : this.#totals.standing(attack)
  }

  /** The attack is over, or was none: the whole is judged anew. */
  release(attack: WideKey): void {
    if (attack.scope === 'prefix') this.#ladder?.release(attack.host)
    else this.#totals.release(attack)
  }

  /** Whether heavy prefixes are looked for. */
  get hasLadder(): boolean {
    return this.#ladder !== undefined
  }

  /** Prefixes of the ladder now, and times one found no room. */
  get prefixes(): { readonly count: number; readonly refused: number } {
    return { count: this.#tree.count, refused: this.#tree.refused }
  }
}

/** The limits of a setting, `undefined` when it sets none. */
function setOf(hostgroup: string, thresholds: DetectionConfig['networkThresholds']): LimitSet | undefined {
  const set = thresholds && compileLimits(hostgroup, thresholds)
  return set === undefined || set.limits.length === 0 ? undefined : set
}
