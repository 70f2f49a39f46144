// Seeks the one match that takes most of the flood in a part of the samples and spares what is honest.
//
// A beam search from the whole to the narrow, like a rule inducer (Clark and Niblett 1989): each step asks one more field,
// of those that describe the flood. Equal scores are told apart by their text, so the same samples in any order end alike.

import { type Cell, costOf, floodOf, type Ground, narrowed } from './ground.ts'
import { conjunctionKey, type Predicate } from './predicate.ts'
import type { Proposal } from './proposal.ts'
import { hasField, proposals } from './questions.ts'
import { hopeOf, penaltyOf, scoreOf, type Valued } from './score.ts'
import type { Signature } from './signatures.ts'

const BEAM = 6
/** Of one field, so that a beam is not filled with ranges that hardly differ. */
const WAYS_MAX = 3
const DEPTH_MAX = 6
/** A field that lowers the cost by less is not worth a look. */
const GAIN_MIN = 0.95
/** Of the flood that is alike but for its lengths: a match of less is a part. */
const PART_MAX = 0.8

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
    const hopeful = beam.filter(node => hopeOf(valued(ground, node, total)) > reached)
    const children = hopeful.flatMap(node => childrenOf(ground, node, total))
    // What a signature says stands beside the first questions, and neither crowds the other out.
    beam = [...bestOf(children, seen, wanted), ...(depth === 0 ? bestOf(known, seen, wanted) : [])]
    for (const node of beam) if (isFree(node)) reached = Math.max(reached, node.score)
  }
  const ranked = [...seen.values()].sort(compareNodes)
  const best = ranked.find(isFree)
  return {
    best: best && simplified(ground, root, best, { total, left: ground.costMax - wanted.spent }),
    others: ranked.filter(node => node !== best),
  }
}

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
  const score = scoreOf(valued(ground, { predicates, flood, cost, penalty, signature }, total))
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

function valued(
  { costMax }: Ground,
  {
    predicates,
    flood,
    cost,
    penalty,
    signature,
  }: Pick<Node, 'predicates' | 'flood' | 'cost' | 'penalty'> & Pick<Weighed, 'signature'>,
  total: number,
): Valued {
  return { predicates, coverage: flood / total, cost, costMax, penalty, isKnown: signature !== undefined }
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
    const penalty = node.penalty + penaltyOf(predicate, loss)
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

/** Without the components that do not pay: what is left out never makes the match score less. */
function simplified(
  ground: Ground,
  root: Cell,
  match: Node,
  { total, left }: { readonly total: number; readonly left: number },
): Match {
  const measure = (predicates: readonly Predicate[]): Node => {
    const cell = predicates.reduce((inner, predicate) => narrowed(ground, inner, predicate), root)
    const { attackWeight, calmWeight } = cell
    return nodeOf(ground, cell, { total, penalty: 0, attackWeight, calmWeight, signature: match.signature })
  }
  let best = measure(match.predicates)
  for (let isBetter = true; isBetter && best.predicates.length > 1; ) {
    const shorter = best.predicates
      .map(dropped => best.predicates.filter(one => one !== dropped))
      .filter(rest => rest.every(({ field }) => field === 'source' || hasField(rest, field)))
      .map(measure)
      .filter(
        ({ score, cost }) =>
          score >= best.score && cost <= Math.max(best.cost, Math.min(left, ground.costMax / 2)),
      )
      .sort(compareNodes)[0]
    isBetter = shorter !== undefined
    best = shorter ?? best
  }
  const ofAnyLength = best.predicates.filter(({ field }) => field !== 'packet-length')
  const isPart =
    ofAnyLength.length < best.predicates.length && best.flood < PART_MAX * measure(ofAnyLength).flood
  return { ...best, isPart }
}
