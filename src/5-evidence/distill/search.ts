// Seeks the one match that takes most of the flood in a part of the samples and spares what is honest.
//
// A beam search from the whole to the narrow, like a rule inducer (Clark and Niblett 1989): each step asks one more field,
// of those that describe the flood. Equal scores are told apart by their text, so the same samples in any order end alike.

import { LARGEST } from '#lib/flowspec/rule.ts'
import { BIT_FIELDS, type Field } from './fields.ts'
import { type Cell, costOf, floodOf, type Ground, narrowed } from './ground.ts'
import { conjunctionKey, type Predicate } from './predicate.ts'
import type { Proposal } from './proposal.ts'
import { proposeBits } from './propose-bits.ts'
import { proposeNumbers } from './propose-numbers.ts'
import { proposeSources } from './propose-sources.ts'
import type { Signature } from './signatures.ts'

const BEAM = 6
/** Of one field, so that a beam is not filled with ranges that hardly differ. */
const WAYS_MAX = 3
const DEPTH_MAX = 6
/** What a match costs at least in a comparison: below it, less is no gain. */
const COST_FLOOR = 1e-5
/** What it is worth to take a third of what is never seen in calm: the narrower of two matches that seem free is safer. */
const UNSEEN_WORTH = 0.3
/** A match of half of the flood is as good as one of all of it at three times the cost. */
const COVERAGE_WORTH = 1.5
/** A further component has to lower the cost by a third. */
const COMPONENT_PRICE = 0.4
/** A further value or range in a list; of source ports, which are services that are abused, each is a vector of its own. */
const ITEM_PRICE = 0.1
const SOURCE_PORT_PRICE = 1.2
/** Of two that do as well, a port says more to people and is harder to change than a length. */
const LENGTH_PRICE = 0.1
/** A range of all values there are: the wider, the less it says of the flood. */
const WIDTH_PRICE = 1
/** A component that leaves out a little of what the others match only misses flood; one that leaves out much chooses a vector. */
const LOSS_PRICE = 30
const LOSS_MOST = 1
/** A range has nothing to choose: its ends cut. */
const CUT_MOST = 3
/** What a known signature may be worse by. */
const SIGNATURE_BONUS = 0.3
/** A field that lowers the cost by less is not worth a look. */
const GAIN_MIN = 0.95
const PART_MAX = 0.8
const TCP = 6
const ICMP = [1, 58]
const WITH_PORTS = [6, 17, 132]

export interface Match {
  readonly predicates: readonly Predicate[]
  /** Of all samples during the attack, flood that it takes: 0 to 1. */
  readonly flood: number
  /** Of honest traffic, to be expected: 0 to 1. */
  readonly cost: number
  readonly score: number
  /** What it matches of the samples that were left when it was found. */
  readonly attackWeight: number
  readonly calmWeight: number
  /** Its lengths leave out much of the flood that is alike otherwise: only good with others that take the rest. */
  readonly isPart: boolean
  /** What it was begun with. */
  readonly signature?: Signature
}

interface Node extends Match {
  readonly parent: Cell
  readonly last?: Predicate
  readonly penalty: number
}

export interface Wanted {
  /** Cost that other rules have already. */
  readonly spent: number
  /** The least flood a match has to take: 0 to 1 of all samples. */
  readonly floodMin: number
  /** The same for answers of a service that the attack is known to abuse. */
  readonly namedFloodMin: number
  readonly signatures: readonly Signature[]
}

export interface Found {
  /** The best that costs no more than there is left; none: nothing does. */
  readonly best: Match | undefined
  /** Others that were looked at, best first. */
  readonly others: readonly Match[]
}

export function seek(ground: Ground, root: Cell, wanted: Wanted): Found {
  const total = floodOf(ground, root.attackWeight, root.calmWeight)
  const start = nodeOf(ground, root, {
    total,
    penalty: 0,
    attackWeight: root.attackWeight,
    calmWeight: root.calmWeight,
  })
  const seen = new Map<string, Node>()
  const known = seeds(ground, root, total, wanted.signatures)
  let beam: Node[] = [start]
  const isFree = ({ cost }: Match) => cost + wanted.spent <= ground.costMax
  let reached = Number.NEGATIVE_INFINITY
  for (let depth = 0; depth < DEPTH_MAX && beam.length > 0; depth++) {
    const hopeful = beam.filter(node => hopeOf(ground, node, total) > reached)
    const children = hopeful.flatMap(node => childrenOf(ground, node, total))
    // What a signature says stands beside the first questions, and neither crowds the other out.
    beam = [...bestOf(children, seen, wanted), ...(depth === 0 ? bestOf(known, seen, wanted) : [])]
    for (const node of beam) if (isFree(node)) reached = Math.max(reached, node.score)
  }
  const ranked = [...seen.values()].sort(compareNodes)
  const best = ranked.find(isFree)
  return { best: best && simplified(ground, root, best, total), others: ranked.filter(node => node !== best) }
}

/** The score that what comes of a match can have at most: all of its flood, for nothing. */
const hopeOf = (
  { costMax }: Ground,
  { flood, penalty, predicates, signature }: Node,
  total: number,
): number =>
  COVERAGE_WORTH * Math.log(Math.max(1e-9, flood / total)) -
  dearness(0, costMax) -
  predicates.reduce((sum, predicate) => sum + priceOf(predicate), COMPONENT_PRICE) -
  penalty +
  (signature === undefined ? 0 : SIGNATURE_BONUS)

const compareNodes = (a: Node, b: Node) =>
  b.score - a.score || (conjunctionKey(a.predicates) < conjunctionKey(b.predicates) ? -1 : 1)

/** The most promising of the new ones that take enough, each once. */
function bestOf(nodes: readonly Node[], seen: Map<string, Node>, wanted: Wanted): Node[] {
  const fresh: Node[] = []
  for (const node of nodes) {
    if (node.flood < (node.signature?.isService ? wanted.namedFloodMin : wanted.floodMin)) continue
    const key = conjunctionKey(node.predicates)
    const before = seen.get(key)
    if (before !== undefined && before.score >= node.score) continue
    seen.set(key, node)
    if (before === undefined) fresh.push(node)
  }
  const kept = new Map<string, Node>()
  for (const node of fresh.sort(compareNodes)) {
    // Ranges that differ and hold the same samples are one way on.
    const fields = node.predicates.map(({ field }) => field).sort()
    const same = `${fields} ${node.attackWeight} ${node.calmWeight}`
    if (!kept.has(same)) kept.set(same, node)
    if (kept.size === BEAM) break
  }
  return [...kept.values()]
}

interface Weighed {
  readonly total: number
  readonly penalty: number
  readonly attackWeight: number
  readonly calmWeight: number
  readonly last?: Predicate
  readonly signature?: Signature | undefined
}

function nodeOf(ground: Ground, parent: Cell, weighed: Weighed): Node {
  const { total, penalty, attackWeight, calmWeight, last, signature } = weighed
  const predicates = last === undefined ? parent.predicates : [...parent.predicates, last]
  const flood = floodOf(ground, attackWeight, calmWeight)
  const cost = costOf(ground, predicates, calmWeight)
  const bonus = signature === undefined ? 0 : SIGNATURE_BONUS
  const score =
    COVERAGE_WORTH * Math.log(Math.max(1e-9, flood / total)) -
    dearness(cost, ground.costMax) -
    predicates.reduce((sum, predicate) => sum + priceOf(predicate), 0) -
    penalty +
    bonus
  return {
    parent,
    predicates,
    flood,
    cost,
    score,
    attackWeight,
    calmWeight,
    isPart: false,
    penalty,
    ...(last === undefined ? {} : { last }),
    ...(signature === undefined ? {} : { signature }),
  }
}

/** Above what a rule may cost by its logarithm, below mostly in proportion: to spare one calm sample more is worth little. */
function dearness(cost: number, most: number): number {
  if (cost > most) return 1 + Math.log(cost / most)
  return cost / most + UNSEEN_WORTH * Math.log(Math.max(cost, COST_FLOOR) / most)
}

function priceOf(predicate: Predicate): number {
  if (predicate.kind !== 'number') return COMPONENT_PRICE
  const first = predicate.field === 'packet-length' ? COMPONENT_PRICE + LENGTH_PRICE : COMPONENT_PRICE
  const item = predicate.field === 'source-port' ? SOURCE_PORT_PRICE : ITEM_PRICE
  const width = predicate.ranges.reduce((sum, { from, to }) => sum + to - from, 0) / LARGEST[predicate.field]
  return first + item * (predicate.ranges.length - 1) + WIDTH_PRICE * width
}

/** The signatures as they are known, which go on from there like any other. */
function seeds(ground: Ground, root: Cell, total: number, signatures: readonly Signature[]): Node[] {
  return signatures.flatMap(signature =>
    [signature.predicates, signature.withLengths].map(parts => {
      const cell = parts.reduce((inner, predicate) => narrowed(ground, inner, predicate), root)
      const { attackWeight, calmWeight } = cell
      return nodeOf(ground, cell, { total, penalty: 0, attackWeight, calmWeight, signature })
    }),
  )
}

function childrenOf(ground: Ground, node: Node, total: number): Node[] {
  const cell = node.last === undefined ? node.parent : narrowed(ground, node.parent, node.last)
  const child = ({ predicate, attackWeight, calmWeight }: Proposal): Node[] => {
    const loss = 1 - floodOf(ground, attackWeight, calmWeight) / Math.max(1e-9, node.flood)
    const most = isRange(predicate) ? CUT_MOST : LOSS_MOST
    const penalty = node.penalty + Math.min(most, LOSS_PRICE * Math.max(0, loss))
    const { signature } = node
    const made = nodeOf(ground, cell, {
      total,
      penalty,
      attackWeight,
      calmWeight,
      last: predicate,
      signature,
    })
    return predicate.field === 'protocol' || made.cost < GAIN_MIN * node.cost ? [made] : []
  }
  return proposals(ground, cell).flatMap(ofField =>
    ofField.flatMap(child).sort(compareNodes).slice(0, WAYS_MAX),
  )
}

const isRange = (predicate: Predicate) =>
  predicate.kind === 'number' && predicate.ranges.some(({ from, to }) => to > from)

/** By field. */
function proposals(ground: Ground, cell: Cell): Proposal[][] {
  const used = new Set(cell.predicates.map(({ field }) => field))
  const mayAsk = (field: Field) => !used.has(field) && hasField(cell.predicates, field)
  return [
    ...ground.numbers.filter(mayAsk).map(field => proposeNumbers(ground, cell, field)),
    ...BIT_FIELDS.filter(mayAsk).map(field => proposeBits(ground, cell, field)),
    used.has('source') ? [] : proposeSources(ground, cell),
  ]
}

/** Fields are asked about once the protocol is known: ports, flags and types mean nothing without it, lengths little. */
function hasField(predicates: readonly Predicate[], field: Field): boolean {
  switch (field) {
    case 'source-port':
    case 'destination-port':
      return isOf(predicates, WITH_PORTS) && !isLaterFragment(predicates)
    case 'tcp-flags':
      return isOf(predicates, [TCP]) && !isLaterFragment(predicates)
    case 'icmp-type':
      return isOf(predicates, ICMP)
    case 'icmp-code':
      return predicates.some(one => one.field === 'icmp-type')
    case 'protocol':
      return true
    default:
      return predicates.some(one => one.field === 'protocol')
  }
}

const isOf = (predicates: readonly Predicate[], protocols: readonly number[]) =>
  predicates.some(
    one =>
      one.kind === 'number' &&
      one.field === 'protocol' &&
      one.ranges.every(({ from, to }) => from === to && protocols.includes(from)),
  )

const isLaterFragment = (predicates: readonly Predicate[]) =>
  predicates.some(one => one.kind === 'bits' && one.field === 'fragment' && (one.set & 2) !== 0)

/** Without the components that do not pay: what is left out never makes the match score less. */
function simplified(ground: Ground, root: Cell, match: Node, total: number): Match {
  const measure = (predicates: readonly Predicate[]): Node => {
    const cell = predicates.reduce((inner, predicate) => narrowed(ground, inner, predicate), root)
    const { attackWeight, calmWeight } = cell
    return nodeOf(ground, cell, { total, penalty: 0, attackWeight, calmWeight, signature: match.signature })
  }
  let best = measure(match.predicates)
  for (let isBetter = true; isBetter && best.predicates.length > 1; ) {
    const shorter = best.predicates
      .map(left => best.predicates.filter(one => one !== left))
      .filter(left => left.every(({ field }) => field === 'source' || hasField(left, field)))
      .map(measure)
      .filter(({ score, cost }) => score >= best.score && cost <= Math.max(best.cost, ground.costMax / 2))
      .sort(compareNodes)[0]
    isBetter = shorter !== undefined
    best = shorter ?? best
  }
  const ofAnyLength = best.predicates.filter(({ field }) => field !== 'packet-length')
  const isPart =
    ofAnyLength.length < best.predicates.length && best.flood < PART_MAX * measure(ofAnyLength).flood
  return { ...best, isPart }
}
