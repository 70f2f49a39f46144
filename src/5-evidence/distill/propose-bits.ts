// Flags of TCP and of fragments that describe the flood in a cell.

import { FRAGMENT_BITS, LARGEST, TCP_FLAG_BITS } from '#lib/flowspec/rule.ts'
import { type BitField, type Columns, UNTOLD } from './fields.ts'
import type { Cell, Ground } from './ground.ts'
import { type BitsPredicate, bitsHold } from './predicate.ts'
import { floodWeight, isSupported, PART_MIN, type Proposal } from './proposal.ts'

/** Combinations that carry less of the flood are not made bits of. */
const VALUE_PART = 0.03
const VALUES_MAX = 10
const ALL_FRAGMENTS = FRAGMENT_BITS['is-fragment'] | FRAGMENT_BITS.first | FRAGMENT_BITS.last

/** Bits that may be asked to be clear: those that honest packets have set. */
const { fin, syn, rst, psh, ack, urg, ece, cwr } = TCP_FLAG_BITS
const CLEARABLE: readonly number[] = [ack, syn, rst, fin, psh, urg]
const PLAIN = fin | syn | rst | psh | ack | urg
const ECN = ece | cwr

/** The values that occur, in order, each with the weight of its samples. */
interface Sums {
  readonly values: readonly number[]
  readonly weights: readonly number[]
}

/** Weights by the value of the field. */
interface Tally {
  readonly attack: Sums
  readonly calm: Sums
  readonly calmUntold: number
}

export function proposeBits(ground: Ground, cell: Cell, field: BitField): Proposal[] {
  const allowed = ground.bits[field]
  if (allowed === 0) return []
  const tally = tallyOf(ground, cell, field)
  const floodTotal = floodWeight(ground, cell)
  const weighed = (predicate: BitsPredicate) => weigh(tally, predicate)
  const enough = (proposal: Proposal) =>
    isSupported(ground, proposal.attackWeight) && floodWeight(ground, proposal) >= PART_MIN * floodTotal
  if (field === 'fragment') return fragmentPredicates(allowed).map(weighed).filter(enough)
  const values = tally.attack.values
    .map((value, at): [number, number] => [value, tally.attack.weights[at]!])
    .filter(([, weight]) => weight >= VALUE_PART * floodTotal)
    .sort(([a, one], [b, two]) => two - one || a - b)
    .slice(0, VALUES_MAX)
    .map(([value]) => value & allowed)
  return commonSets(values).flatMap(set => smallestClears(tally, set, allowed).filter(enough))
}

function tallyOf({ attack, calm }: Ground, cell: Cell, field: BitField): Tally {
  const inAttack = sumsOf(attack, cell.attack, field)
  const inCalm = sumsOf(calm, cell.calm, field)
  return { attack: inAttack.sums, calm: inCalm.sums, calmUntold: inCalm.untold }
}

function sumsOf({ values, weights }: Columns, places: Int32Array, field: BitField) {
  const column = values[field]
  const all = new Float64Array(LARGEST[field] + 1)
  let untold = 0
  for (let i = 0; i < places.length; i++) {
    const at = places[i]!
    const value = column[at]!
    if (value >= 0) all[value]! += weights[at]!
    else if (value === UNTOLD) untold += weights[at]!
  }
  const sums = { values: [] as number[], weights: [] as number[] }
  for (let value = 0; value < all.length; value++) {
    if (all[value] === 0) continue
    sums.values.push(value)
    sums.weights.push(all[value]!)
  }
  return { sums, untold }
}

function weigh({ attack, calm, calmUntold }: Tally, predicate: BitsPredicate): Proposal {
  return {
    predicate,
    attackWeight: weightOf(attack, predicate),
    calmWeight: weightOf(calm, predicate) + calmUntold,
  }
}

function weightOf({ values, weights }: Sums, predicate: BitsPredicate): number {
  let sum = 0
  for (let at = 0; at < values.length; at++) if (bitsHold(predicate, values[at]!)) sum += weights[at]!
  return sum
}

/** Later fragments, which have no ports; first ones; both. That fragments are forbidden or not says nothing of a flood. */
function fragmentPredicates(allowed: number): BitsPredicate[] {
  const ask = (set: number, any: number): BitsPredicate => ({
    kind: 'bits',
    field: 'fragment',
    set,
    clear: 0,
    any,
  })
  const all = [ask(FRAGMENT_BITS['is-fragment'], 0), ask(FRAGMENT_BITS.first, 0), ask(0, ALL_FRAGMENTS)]
  return all.filter(({ set, any }) => ((set | any) & ~allowed) === 0)
}

/** What one combination, or any two of them, have set. */
function commonSets(values: readonly number[]): number[] {
  const sets = new Set<number>()
  for (const one of values) for (const two of values) sets.add(one & two)
  return [...sets].sort((a, b) => a - b)
}

/** For bits that are set, which to ask to be clear: each way that leaves out other samples, with as few bits as will do. */
function smallestClears(tally: Tally, set: number, allowed: number): Proposal[] {
  const free = CLEARABLE.filter(bit => (bit & allowed) !== 0 && (bit & set) === 0)
  let seen = 0
  for (const { values } of [tally.attack, tally.calm])
    for (const value of values) if ((value & set) === set) seen |= value
  const found = new Map<string, Proposal>()
  const offer = (clear: number) => {
    if (set === 0 && clear === 0) return
    const proposal = weigh(tally, { kind: 'bits', field: 'tcp-flags', set, clear, any: 0 })
    const key = `${proposal.attackWeight} ${proposal.calmWeight}`
    if (!found.has(key)) found.set(key, proposal)
  }
  for (const clear of subsets(free.filter(bit => (bit & seen) !== 0))) offer(clear)
  // No flag at all is known by all that are missing, and exact flags take least of what was never seen.
  const all = free.reduce((bits, bit) => bits | bit, 0)
  const exact = weigh(tally, { kind: 'bits', field: 'tcp-flags', set, clear: all, any: 0 })
  const others = (set & ECN) === 0 && (allowed & ECN) === ECN ? all | ECN : all
  const bare = weigh(tally, { kind: 'bits', field: 'tcp-flags', set, clear: others, any: 0 })
  return [...found.values(), ...((set & PLAIN) === 0 ? [exact, bare] : [exact])].filter(
    ({ predicate }) => predicate.kind === 'bits' && (predicate.set | predicate.clear) !== 0,
  )
}

/** All subsets as bits, smaller ones first. */
function subsets(bits: readonly number[]): number[] {
  const all = Array.from({ length: 1 << bits.length }, (_, at) =>
    bits.reduce((sum, bit, place) => sum | ((at >> place) & 1 ? bit : 0), 0),
  )
  return all.sort(
    (a, b) => countBits(a) - countBits(b) || CLEARABLE.indexOf(a) - CLEARABLE.indexOf(b) || a - b,
  )
}

function countBits(bits: number): number {
  let count = 0
  for (let left = bits; left !== 0; left &= left - 1) count++
  return count
}
