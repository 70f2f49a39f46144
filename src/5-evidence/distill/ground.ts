// What stays the same while rules are sought: the columns, what may be asked, and what a match may cost.

import { AMPLIFICATION } from '#4-detection/vectors-amplification.ts'
import type { RouterProfile } from '#lib/flowspec/router-profile/profile.ts'
import { bitsAllowed, type ComponentType } from '#lib/flowspec/rule.ts'
import type { DistillInput, DistillSample } from './distillation.ts'
import {
  BIT_FIELDS,
  type BitField,
  type Columns,
  columnsOf,
  NUMBER_FIELDS,
  type NumberField,
  withSources,
} from './fields.ts'
import { heavySources } from './heavy-sources.ts'
import { honestShare } from './honest-share.ts'
import { ordinaryShare, serviceShare } from './ordinary-traffic.ts'
import { type Predicate, predicateKey, type SourcePredicate } from './predicate.ts'
import { type Ranked, rankedOf } from './ranked.ts'
import { everyPlace, marked, selected } from './select.ts'

/** More than anybody collects; what is beyond is thinned out evenly. */
const ATTACK_MAX = 20_000
const CALM_MAX = 50_000
/** A field that is not told of more than this share of the samples is not asked about. */
const UNTOLD_MAX = 0.1
/** As how many calm samples what is known of traffic in general counts, and what the owner says of his services. */
export const ORDINARY_SAMPLES = 15
const SERVICE_SAMPLES = 20
/** Of the target's honest traffic that a rule may take. */
const DISCARD_COST = 0.001
/** A rate leaves the honest traffic that matches its part, so a little more of it may match. */
const RATE_COST = 0.01
/** Of ordinary fragments so much is left when the attack is known to be answers that come in them. */
const ABUSED_PART = 0.1
/**
 * So few calm samples can neither show nor refute a thousandth: more is borne then, down to half of it at so many. Where
 * nothing of the target is known, the width of a match is all there is, and it is a rough figure.
 */
const KNOWN_SAMPLES = 500
const UNKNOWN_COST = 0.004

export interface Ground {
  readonly input: DistillInput
  readonly attack: Columns
  readonly calm: Columns
  /** Of the attack's samples, 0 to 1. */
  readonly honest: number
  /** The largest cost a set of rules may have, as a share of the honest traffic. */
  readonly costMax: number
  readonly numbers: readonly NumberField[]
  /** Bits that may be asked; 0: none. */
  readonly bits: Readonly<Record<BitField, number>>
  /** Prefixes that much of the flood comes from. */
  readonly sources: readonly SourcePredicate[]
  /** Some of the attack is known to be answers of abused services, whose fragments come with them. */
  readonly isReflected: boolean
  readonly ranked: Readonly<Partial<Record<NumberField, Ranked>>>
}

/** The samples that all predicates so far match. */
export interface Cell {
  readonly predicates: readonly Predicate[]
  readonly attack: Int32Array
  readonly calm: Int32Array
  readonly attackWeight: number
  readonly calmWeight: number
}

export function groundOf(input: DistillInput): Ground {
  const seen = columnsOf(thinned(input.attack, ATTACK_MAX), input.target)
  const isSourceFree = input.source === undefined && !lacks(input.router, 'source')
  const sources =
    isSourceFree && untoldShare(seen, 'source') <= UNTOLD_MAX ? heavySources(seen, input.family) : []
  const prefixes = new Map(sources.map(source => [predicateKey(source), source.prefix]))
  const attack = withSources(seen, prefixes)
  const calm = withSources(columnsOf(thinned(input.normal, CALM_MAX), input.target), prefixes)
  const isTold = (type: ComponentType) => untoldShare(attack, type) <= UNTOLD_MAX
  const mayAsk = (type: ComponentType) => isTold(type) && !lacks(input.router, type)
  const numbers = NUMBER_FIELDS.filter(
    field => mayAsk(field) && (field !== 'flow-label' || input.family === 6),
  )
  const maskOf = (field: BitField) =>
    mayAsk(field) ? bitsAllowed(field, input.family) & knownBits(field, input.router) : 0
  const [tcpFlags, fragment] = BIT_FIELDS.map(maskOf)
  return {
    input,
    attack,
    calm,
    honest: honestShare(attack, calm, input),
    costMax: costMaxOf(input, calm.effective),
    numbers,
    bits: { 'tcp-flags': tcpFlags ?? 0, fragment: fragment ?? 0 },
    sources,
    isReflected: input.vectors.some(name => AMPLIFICATION.some(vector => vector.name === name)),
    ranked: Object.fromEntries(numbers.map(field => [field, rankedOf(attack, calm, field)])),
  }
}

function costMaxOf({ action }: DistillInput, calmSamples: number): number {
  const sure = action.kind === 'discard' ? DISCARD_COST : RATE_COST
  return sure + (UNKNOWN_COST * KNOWN_SAMPLES) / (KNOWN_SAMPLES + calmSamples)
}

const lacks = (router: RouterProfile | undefined, type: ComponentType) =>
  router?.lacks.includes(type) ?? false

const knownBits = (field: BitField, router: RouterProfile | undefined) =>
  router === undefined ? -1 : field === 'fragment' ? router.fragment : router.tcpFlags

function untoldShare({ samples, weights, totalWeight }: Columns, type: ComponentType): number {
  const untold = samples.reduce(
    (sum, sample, at) => sum + (sample.untold?.includes(type) ? weights[at]! : 0),
    0,
  )
  return totalWeight === 0 ? 0 : untold / totalWeight
}

function thinned(samples: readonly DistillSample[], most: number): readonly DistillSample[] {
  if (samples.length <= most) return samples
  return Array.from({ length: most }, (_, at) => samples[Math.floor((at * samples.length) / most)]!)
}

export function wholeCell({ attack, calm }: Ground): Cell {
  return {
    predicates: [],
    attack: everyPlace(attack),
    calm: everyPlace(calm),
    attackWeight: attack.totalWeight,
    calmWeight: calm.totalWeight,
  }
}

/** The part of a cell that one more predicate matches. What was not told counts as honest traffic that it takes. */
export function narrowed(ground: Ground, cell: Cell, predicate: Predicate): Cell {
  const attack = selected(ground.attack, cell.attack, predicate, false)
  const calm = selected(ground.calm, cell.calm, predicate, true)
  return cellOf(ground, [...cell.predicates, predicate], attack, calm)
}

/** What is left of a cell without the samples that all of the predicates match. */
export function without(ground: Ground, cell: Cell, predicates: readonly Predicate[]): Cell {
  const keep = (columns: Columns, indices: Int32Array) => {
    const marks = marked(columns, predicates)
    return indices.filter(at => marks[at] === 0)
  }
  return cellOf(ground, cell.predicates, keep(ground.attack, cell.attack), keep(ground.calm, cell.calm))
}

function cellOf(
  { attack, calm }: Ground,
  predicates: readonly Predicate[],
  attackIndices: Int32Array,
  calmIndices: Int32Array,
): Cell {
  const weigh = ({ weights }: Columns, indices: Int32Array) => {
    let sum = 0
    for (let i = 0; i < indices.length; i++) sum += weights[indices[i]!]!
    return sum
  }
  return {
    predicates,
    attack: attackIndices,
    calm: calmIndices,
    attackWeight: weigh(attack, attackIndices),
    calmWeight: weigh(calm, calmIndices),
  }
}

/** Of all that was seen during the attack the part that is flood and matches, 0 to 1: seen, less what calm lets expect. */
export function floodOf({ attack, calm, honest }: Ground, attackWeight: number, calmWeight: number): number {
  const expected = calm.totalWeight === 0 ? 0 : (honest * calmWeight) / calm.totalWeight
  return Math.max(0, attackWeight / attack.totalWeight - expected)
}

/** Calm samples a weight is worth. */
export const calmCount = ({ calm }: Ground, calmWeight: number): number =>
  calm.totalWeight === 0 ? 0 : (calmWeight / calm.totalWeight) * calm.effective

/**
 * The share of honest traffic that predicates have to be expected to take: calm samples seen, and a spread more, beside
 * what they would take of anybody's traffic and of that of the services the owner names.
 */
export function costOf(ground: Ground, predicates: readonly Predicate[], calmWeight: number): number {
  const { calm, input } = ground
  const seen = calmCount(ground, calmWeight)
  const { legitimate } = input
  const isOfAnswers = ground.isReflected && predicates.some(({ field }) => field === 'fragment')
  const known = isOfAnswers ? ABUSED_PART : 1
  const ordinary = ORDINARY_SAMPLES * known * ordinaryShare(predicates, legitimate)
  const ofService = legitimate === undefined ? 0 : SERVICE_SAMPLES * serviceShare(predicates, legitimate)
  const samples = calm.effective + ORDINARY_SAMPLES
  return (seen + Math.sqrt(seen) + ordinary) / samples + ofService / (samples + SERVICE_SAMPLES)
}
