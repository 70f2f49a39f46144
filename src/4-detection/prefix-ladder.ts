// Heavy prefixes found by themselves: what is too little for each host and too much for all of them (carpet bombing).
//
// Lines are added up by the longest prefix that holds them when they are visited. Once in each flow window the ladder is
// walked from the longest prefixes to the shortest, as in hierarchical heavy hitters: a prefix is judged by what no open
// attack in it explains, and one that crosses its limit keeps its traffic to itself. So a flooded host never opens its
// /24, and a carpet opens the longest prefix that holds it. What crosses together is one attack on the shortest list.

import { addRow, METRIC, ROW } from '#3-traffic/metric.ts'
import { shortestList } from '#3-traffic/prefix-list.ts'
import type { PrefixTree, Rung } from '#3-traffic/prefix-tree.ts'
import type { Address } from '#lib/ip/address.ts'
import { contains, formatPrefix, type Prefix } from '#lib/ip/prefix.ts'
import type { Standing } from './judge.ts'
import { PACKET_BYTES_MAX } from './limit.ts'
import { LoadBands, limitFactor, USUAL_FACTOR } from './prefix-law.ts'
import type { HostLoads } from './prefix-loads.ts'
import { type Crossed, type LadderLimits, RungState } from './prefix-rung.ts'
import { addPair, pairOfZeros, takePair, type WideVerdict } from './wide.ts'
import type { WideMemory } from './wide-memory.ts'

const LONGEST_PREFIX = 128

/** What a visit of the ladder is told of the window that has ended. */
export interface LadderWindow {
  readonly lines: Int32Array
  readonly count: number
  readonly seconds: number
  readonly nowSeconds: number
  /** Prefixes that are under attack as a whole already. */
  readonly attacked: readonly Prefix[]
}

interface Candidate extends Crossed {
  readonly state: RungState
}

interface OpenPrefixes {
  readonly states: readonly RungState[]
  isOver: boolean
  /** A pair of rows, per second. */
  readonly speeds: Float64Array
}

/** Key of an attack that is about to open. */
const PENDING = 'pending'

export class PrefixLadder {
  readonly #tree: PrefixTree
  readonly #limits: LadderLimits
  readonly #rungOf: Int32Array
  readonly #loads: HostLoads
  readonly #states: (RungState | undefined)[] = []
  /** Prefixes with traffic in this window, by length. */
  readonly #byLength: RungState[][] = Array.from({ length: LONGEST_PREFIX + 1 }, () => [])
  readonly #open = new Map<string, OpenPrefixes>()
  #window = 1
  /** Least weighed packets per second worth a look. */
  readonly #least: number

  /** `memory`: what is kept of each host, as if none was attached. */
  constructor(tree: PrefixTree, limits: LadderLimits, memory: Pick<WideMemory, 'rungOf' | 'loads'>) {
    this.#tree = tree
    this.#limits = limits
    this.#rungOf = memory.rungOf
    this.#loads = memory.loads
    // Of bits the fewest packets that can make them up.
    const least = limits.byLaw.map(({ unit, perSecond }) =>
      unit === 'bits' ? perSecond / PACKET_BYTES_MAX : perSecond,
    )
    // Half of what would be judged is worth a look: it is how the usual load is known before it counts.
    this.#least = (Math.min(...least) * limitFactor(0)) / USUAL_FACTOR
  }

  /** `networkLength`: of the widest network of ours that holds the host. `weight`: see HostLoads. */
  attached(host: number, address: Address, networkLength: number, weight: number): void {
    this.detached(host)
    this.#rungOf[host] = this.#tree.join(address, networkLength)?.number ?? 0
    this.#loads.attached(host, weight)
  }

  detached(host: number): void {
    const rung = this.#tree.at(this.#rungOf[host]!)
    this.#rungOf[host] = 0
    if (rung !== undefined) this.#tree.leave(rung)
  }

  /** Takes in what a line of no open attack did since its last visit. */
  visit(line: number, row: Float64Array): void {
    const state = this.#stateOf(this.#rungOf[line >> 1]!)
    if (state === undefined) return
    this.#loads.add(line, row)
    addRow(state.sums, (line & 1) * ROW, row)
  }

  /** Takes in packets of hosts that found no room: a row of this prefix. */
  visitUnlisted(rung: Rung, side: number, row: Float64Array): void {
    const state = this.#stateOf(rung.number)
    if (state === undefined) return
    addRow(state.sums, side * ROW, row)
    if (side === 1) return
    state.unlisted.packets += row[METRIC.packets]!
    state.unlisted.bytes += row[METRIC.bytes]!
  }

  /** Takes in the flows of a line in the window that has ended. */
  visitFlows(line: number, flows: number): void {
    const state = this.#stateOf(this.#rungOf[line >> 1]!)
    if (state !== undefined) state.sums[(line & 1) * ROW + METRIC.flows]! += flows
  }

  #stateOf(number: number): RungState | undefined {
    const rung = this.#tree.at(number)
    if (rung === undefined) return undefined
    let state = this.#states[number]
    if (state === undefined || state.rung !== rung) {
      state = new RungState(rung, this.#limits, this.#window)
      this.#states[number] = state
      this.#byLength[rung.prefix.length]?.push(state)
    } else if (state.window !== this.#window) {
      state.begin(this.#window)
      this.#byLength[rung.prefix.length]?.push(state)
    }
    return state
  }

  #parentOf(state: RungState): RungState | undefined {
    return state.rung.parent === undefined ? undefined : this.#stateOf(state.rung.parent.number)
  }

  /** Ends the window: who crossed its limit, as one attack for each IP version. */
  endWindow(window: LadderWindow): WideVerdict[] {
    if (this.#limits.byLaw.length > 0) this.#weigh(window)
    const candidates = this.#judge(window)
    for (const states of this.#byLength) states.length = 0
    this.#loads.endWindow()
    for (const open of this.#open.values()) this.#follow(open, window)
    this.#window++
    return ([4, 6] as const).flatMap(family => {
      const found = candidates.filter(({ state }) => state.rung.prefix.family === family)
      return found.length === 0 ? [] : [this.#begin(found, window.seconds)]
    })
  }

  /** How much each prefix got, and of those that got much how evenly. */
  #weigh({ lines, count, seconds }: LadderWindow): void {
    for (let i = 0; i < count; i++) {
      const line = lines[i]!
      const packets = (line & 1) === 1 ? 0 : this.#loads.packets(line >> 1)
      const state = packets === 0 ? undefined : this.#states[this.#rungOf[line >> 1]!]
      if (state === undefined) continue
      state.load += packets
      if (this.#loads.see(line >> 1)) state.known++
    }
    if (!this.#rollUp(this.#least * seconds)) return
    for (let i = 0; i < count; i++) {
      const line = lines[i]!
      const bands = (line & 1) === 1 ? undefined : this.#states[this.#rungOf[line >> 1]!]?.heavy?.bands
      if (bands === undefined) continue
      const packets = this.#loads.packets(line >> 1)
      if (packets > 0) bands.add(packets, this.#loads.bytes(line >> 1, packets))
    }
  }

  /** Adds up loads from the longest prefixes to the shortest; whether any is worth a look. */
  #rollUp(least: number): boolean {
    let isAnyHeavy = false
    for (let length = LONGEST_PREFIX; length >= 0; length--) {
      for (const state of this.#byLength[length] ?? []) {
        state.load += state.unlisted.packets
        if (state.load >= least) {
          state.bands = new LoadBands()
          isAnyHeavy = true
        }
        const parent = this.#parentOf(state)
        if (parent === undefined) continue
        parent.load += state.load
        parent.known += state.known
      }
    }
    if (isAnyHeavy) this.#findHeavy()
    return isAnyHeavy
  }

  /** For each prefix the longest one worth a look that holds it, from the shortest to the longest. */
  #findHeavy(): void {
    for (const states of this.#byLength) {
      for (const state of states)
        state.heavy = state.bands === undefined ? this.#parentOf(state)?.heavy : state
    }
  }

  /** From the longest prefixes to the shortest, each without what an attack in it explains. */
  #judge({ seconds, nowSeconds, attacked }: LadderWindow): Candidate[] {
    const candidates: Candidate[] = []
    for (let length = LONGEST_PREFIX; length >= 0; length--) {
      const states = this.#byLength[length] ?? []
      const crossed: Candidate[] = []
      for (const state of states) {
        if (state.unlisted.packets > 0)
          state.heavy?.bands?.addUnlisted(state.unlisted.packets, state.unlisted.bytes)
        if (this.#isSpokenFor(state, attacked)) continue
        const found = state.judge(seconds, nowSeconds)
        if (found !== undefined) crossed.push({ ...found, state })
      }
      if (crossed.length > 0) crossed.push(...this.#near(states, crossed))
      for (const { state } of crossed) this.#take(state)
      candidates.push(...crossed)
      for (const state of states) if (state.attack === undefined) this.#passUp(state)
    }
    return candidates
  }

  /** Whether it lies in something that is under attack already. */
  #isSpokenFor(state: RungState, attacked: readonly Prefix[]): boolean {
    for (let at: RungState | undefined = state; at !== undefined; at = this.#parentOf(at))
      if (at.attack !== undefined) return true
    return attacked.some(prefix => contains(prefix, state.rung.prefix))
  }

  /** Who is nearly as far as those that crossed, and as long: it would be an attack of its own a moment later. */
  #near(states: readonly RungState[], crossed: readonly Candidate[]): Candidate[] {
    const taken = new Set(crossed.map(({ state }) => state))
    const families = new Set(crossed.map(({ state }) => state.rung.prefix.family))
    return states.flatMap(state => {
      const { near } = state
      if (near === undefined || taken.has(state) || !families.has(state.rung.prefix.family)) return []
      return [{ ...near, state }]
    })
  }

  /** It keeps its traffic from now on, and what wider prefixes had of it is forgotten. */
  #take(state: RungState): void {
    state.attack = PENDING
    for (let at = this.#parentOf(state); at !== undefined; at = this.#parentOf(at)) at.calm()
  }

  #passUp(state: RungState): void {
    const parent = this.#parentOf(state)
    if (parent === undefined) return
    addPair(parent.sums, state.sums)
    if (state.bands !== undefined) parent.heavy?.bands?.addAll(state.bands)
  }

  #begin(found: readonly Candidate[], seconds: number): WideVerdict {
    const prefixes = shortestList(found.map(({ state }) => state.rung.prefix))
    const key = keyOf(prefixes)
    const states = found.map(({ state }) => state)
    const sums = pairOfZeros()
    for (const state of states) {
      state.attack = key
      // Held, so that it is there as long as its attack, with traffic or without.
      state.rung.members++
      addPair(sums, state.sums)
    }
    this.#open.set(key, { states, isOver: true, speeds: sums.map(sum => sum / seconds) })
    const { limit } = found[0] as Candidate
    const perSecond = total(found.map(one => one.limit.perSecond))
    const threshold = total(found.map(one => one.limit.threshold))
    return {
      scope: 'prefix',
      prefixes,
      hostgroup: 'global',
      limit: { ...limit, perSecond, threshold },
      perSecond: total(found.map(one => one.perSecond)),
      overSeconds: Math.max(...found.map(one => one.overSeconds)),
      speeds: sums.map(sum => sum / seconds),
    }
  }

  #follow(open: OpenPrefixes, { seconds, nowSeconds }: LadderWindow): void {
    open.isOver = false
    open.speeds.fill(0)
    for (const state of open.states) {
      if (state.window !== this.#window) continue
      if (state.isOver(seconds, nowSeconds)) open.isOver = true
      for (let at = 0; at < open.speeds.length; at++) open.speeds[at]! += state.sums[at]! / seconds
    }
  }

  /** How an open attack on prefixes stands, by its key (the first prefix). */
  standing(key: string): Standing | undefined {
    return this.#open.get(key)
  }

  /** Prefixes that are under attack. */
  get attacked(): readonly Prefix[] {
    return [...this.#open.values()].flatMap(({ states }) => states.map(({ rung }) => rung.prefix))
  }

  /** Whether what the host does belongs to an open attack on prefixes. */
  isExplained(host: number): boolean {
    if (this.#open.size === 0) return false
    let rung = this.#tree.at(this.#rungOf[host]!)
    for (; rung !== undefined; rung = rung.parent) {
      const state = this.#states[rung.number]
      if (state?.rung === rung && state.attack !== undefined) return true
    }
    return false
  }

  /** The attack is over. */
  release(key: string): void {
    for (const state of this.#open.get(key)?.states ?? []) {
      state.calm()
      state.attack = undefined
      this.#tree.leave(state.rung)
    }
    this.#open.delete(key)
  }

  /** A host is attacked alone: what it did in this window and before is its own (pairs of rows). */
  forgive(host: number, inWindow: Float64Array, before: Float64Array): void {
    this.#loads.clear(host)
    let state = this.#stateOf(this.#rungOf[host]!)
    if (state !== undefined) takePair(state.sums, inWindow)
    for (; state !== undefined; state = this.#parentOf(state)) state.forgive(before)
  }
}

const total = (numbers: readonly number[]): number => numbers.reduce((sum, number) => sum + number, 0)

/** What an attack on prefixes is known by. */
const keyOf = ([first]: readonly Prefix[]): string => (first === undefined ? '' : formatPrefix(first))
