// Reports that must agree before anything is done: those of one host and vector within a window are a group, which is met
// when enough detectors are sure enough together. Met once, it stays met.
//
// Confidences are combined as everywhere (correlate.ts): another weak report never lowers what the others make. With a
// half-life older reports count less.

import { combine, explain, type Voice } from './correlate.ts'

/** What a source may be matched by when it names no host. */
export const DIMENSIONS = ['customer_id', 'pop', 'service_id', 'interface'] as const
export type Dimension = (typeof DIMENSIONS)[number]

/** Whose an attacked host is, as far as it is known. */
export type Surroundings = Readonly<Partial<Record<Dimension, string>>>

export interface SignalSource {
  /** 0 to 1. */
  readonly weight: number
  /** What it is, for people. */
  readonly type?: string | undefined
  /** `corroborating`: it never begins anything. */
  readonly mode: 'primary' | 'corroborating'
  /** By what its signals are matched to groups; none: by nothing. */
  readonly dimensions: readonly Dimension[]
  /** 0 to 1, by its own words. */
  readonly confidences: Readonly<Record<string, number>>
}

export interface GroupRules {
  readonly isEnabled: boolean
  readonly windowSeconds: number
  readonly minSources: number
  /** 0 to 1. */
  readonly threshold: number
  /** Of a source that is not named. */
  readonly usualWeight: number
  /** 0: reports do not grow old. */
  readonly halfLifeSeconds: number
  readonly sources: ReadonlyMap<string, SignalSource>
}

/** What a playbook demands in place of what holds for all. */
export interface Demands {
  readonly minSources?: number | undefined
  readonly threshold?: number | undefined
  readonly halfLifeSeconds?: number | undefined
}

export const rulesUnder = (
  rules: GroupRules,
  {
    minSources = rules.minSources,
    threshold = rules.threshold,
    halfLifeSeconds = rules.halfLifeSeconds,
  }: Demands = {},
): GroupRules => ({ ...rules, minSources, threshold, halfLifeSeconds })

export interface Signal {
  readonly id: string
  readonly source: string
  /** 0 to 1. */
  readonly confidence: number
  /** Wall clock ms. */
  readonly atMs: number
  readonly isPrimary: boolean
}

export interface GroupVerdict {
  /** 0 to 1. */
  readonly confidence: number
  /** By name. */
  readonly sources: readonly string[]
  readonly isMet: boolean
  readonly explanation: string
}

/** What becomes of groups, and of signals that name no host. */
export type GroupNews =
  | { readonly kind: 'begun' }
  | { readonly kind: 'met' | 'expired'; readonly verdict: GroupVerdict }
  /** `lapsed`: no group came for it within the window. */
  | { readonly kind: 'heard' | 'attached' | 'lapsed'; readonly source: string }

/** What the signals of a group say together at this moment. */
export function judgeSignals(
  host: string,
  signals: readonly Signal[],
  rules: GroupRules,
  nowMs: number,
): GroupVerdict {
  const loudest = new Map<string, Voice>()
  for (const { source, confidence, atMs } of signals) {
    const weight = weightOf(source, rules) * freshness(nowMs - atMs, rules.halfLifeSeconds)
    const before = loudest.get(source)
    if (before === undefined || weight * confidence > before.weight * before.confidence)
      loudest.set(source, { source, confidence, weight })
  }
  const voices = [...loudest.values()].sort((a, b) => (a.source < b.source ? -1 : 1))
  const confidence = combine(voices)
  const isMet =
    voices.length >= rules.minSources &&
    confidence >= rules.threshold &&
    signals.some(({ isPrimary }) => isPrimary)
  return {
    ...{ confidence, isMet, sources: voices.map(({ source }) => source) },
    explanation: voices.length === 0 ? `${host}: nobody says anything` : explain(host, voices, confidence),
  }
}

export const weightOf = (source: string, { sources, usualWeight }: GroupRules): number =>
  Math.min(1, Math.max(0, sources.get(source)?.weight ?? usualWeight))

const freshness = (ageMs: number, halfLifeSeconds: number): number =>
  halfLifeSeconds === 0 ? 1 : 0.5 ** (Math.max(0, ageMs) / 1000 / halfLifeSeconds)

/** What a detector says that names no host. */
export interface Corroboration {
  readonly source: string
  readonly vector?: string | undefined
  readonly about: Surroundings
}

/** Whether it belongs to a group: by any dimension that its source declares, and by the vector when it says one. */
export function corroborates(
  { source, vector, about }: Corroboration,
  group: { readonly vector: string; readonly surroundings: Surroundings },
  { sources }: GroupRules,
): boolean {
  if (vector !== undefined && vector !== group.vector) return false
  const declared = sources.get(source)?.dimensions ?? []
  return declared.some(name => about[name] !== undefined && about[name] === group.surroundings[name])
}
