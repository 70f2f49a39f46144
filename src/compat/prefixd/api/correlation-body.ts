// prefixd's correlation settings as JSON: read with all that is wrong told at once, and shown.

import { z } from 'zod'
import { DIMENSIONS, type GroupRules } from '#6-policy/signal-groups.ts'

const share = z.number().min(0).max(1)
const name = z.string().min(1).max(128)
const SOURCES_MAX = 256
/** A half-life may be so many windows long. */
const HALF_LIVES_MAX = 10

const sourceSchema = z.object({
  weight: share.default(1).describe('How far it is trusted.'),
  type: z.string().max(128).nullish(),
  mode: z.enum(['primary', 'corroborating']).default('primary'),
  match_dimensions: z.array(z.enum(DIMENSIONS)).default([]),
  confidence_mapping: z.record(name, share).default({}),
})

export const correlationSchema = z
  .object({
    enabled: z.boolean().default(false),
    window_seconds: z.int().min(1).max(86_400).default(300),
    min_sources: z.int().min(1).max(64).default(1),
    confidence_threshold: share.default(0.5),
    default_weight: share.default(1),
    confidence_decay_half_life_seconds: z.int().min(0).default(0),
    sources: z
      .record(name, sourceSchema)
      .default({})
      .refine(sources => Object.keys(sources).length <= SOURCES_MAX, {
        error: `at most ${SOURCES_MAX} sources`,
      }),
  })
  .refine(
    ({ window_seconds: seconds, confidence_decay_half_life_seconds: half }) =>
      half <= seconds * HALF_LIVES_MAX,
    {
      path: ['confidence_decay_half_life_seconds'],
      error: `must not exceed ${HALF_LIVES_MAX} x window_seconds`,
    },
  )

export type CorrelationBody = z.output<typeof correlationSchema>

export type ReadCorrelation =
  | { readonly kind: 'ok'; readonly config: CorrelationBody }
  | { readonly kind: 'refused'; readonly errors: readonly string[] }

export function readCorrelation(given: unknown): ReadCorrelation {
  const parsed = correlationSchema.safeParse(given)
  if (parsed.success) return { kind: 'ok', config: parsed.data }
  const errors = parsed.error.issues.map(({ path, message }) =>
    path.length === 0 ? message : `${path.join('.')}: ${message}`,
  )
  return { kind: 'refused', errors }
}

export const rulesOf = (config: CorrelationBody): GroupRules => ({
  isEnabled: config.enabled,
  windowSeconds: config.window_seconds,
  minSources: config.min_sources,
  threshold: config.confidence_threshold,
  usualWeight: config.default_weight,
  halfLifeSeconds: config.confidence_decay_half_life_seconds,
  sources: new Map(
    Object.entries(config.sources).map(([source, told]) => [
      source,
      {
        ...{ weight: told.weight, mode: told.mode, dimensions: told.match_dimensions },
        ...{ type: told.type ?? undefined, confidences: told.confidence_mapping },
      },
    ]),
  ),
})

export const shapeOf = (rules: GroupRules): CorrelationBody => ({
  enabled: rules.isEnabled,
  window_seconds: rules.windowSeconds,
  min_sources: rules.minSources,
  confidence_threshold: rules.threshold,
  default_weight: rules.usualWeight,
  confidence_decay_half_life_seconds: rules.halfLifeSeconds,
  sources: Object.fromEntries(
    [...rules.sources].map(([source, { weight, type, mode, dimensions, confidences }]) => [
      source,
      {
        weight,
        type: type ?? null,
        mode,
        match_dimensions: [...dimensions],
        confidence_mapping: { ...confidences },
      },
    ]),
  ),
})
