// Settings of groups of reports that must agree before anything is done.

import { z } from 'zod'

const share = z.number().min(0).max(1)
const name = z.string().min(1).max(128)
const SOURCES_MAX = 256
/** A half-life may be so many windows of the longest kind. */
export const HALF_LIFE_MAX = 864_000

/** By what a signal without a host may be matched, in our words. */
export const MATCHED_BY = ['customer', 'pop', 'service', 'interface'] as const

const sourceSchema = z
  .strictObject({
    weight: share.optional().describe('How far it is trusted in groups. Missing: as in weights.'),
    type: z.string().max(128).optional().describe('What it is, for people.'),
    mode: z
      .enum(['primary', 'corroborating'])
      .default('primary')
      .describe('corroborating: it makes groups surer and never begins anything.'),
    matchBy: z
      .array(z.enum(MATCHED_BY))
      .max(MATCHED_BY.length)
      .default([])
      .describe('corroborating: by what its signals, which name no host, are matched to groups.'),
    confidences: z
      .record(name, share)
      .default({})
      .describe('How sure it is, by its own words for it.')
      .meta({ examples: [{ ban: 0.9 }] }),
  })
  .describe('A detector.')

export const groupsSchema = z
  .strictObject({
    enabled: z
      .boolean()
      .default(false)
      .describe('Whether detectors have to agree before anything is done about what they report.'),
    windowSeconds: z
      .int()
      .min(1)
      .max(86_400)
      .optional()
      .describe('Reports about one host and vector within so long are a group. Missing: windowSeconds above.')
      .meta({ examples: [300] }),
    minSources: z.int().min(1).max(64).default(1).describe('So many detectors must say so.'),
    threshold: share.default(0.5).describe('And be so sure together.'),
    usualWeight: share
      .optional()
      .describe('How far a detector is trusted in groups that has no weight. Missing: usualWeight above.')
      .meta({ examples: [1] }),
    halfLifeSeconds: z
      .int()
      .min(0)
      .max(HALF_LIFE_MAX)
      .default(0)
      .describe('A report counts half after so long. 0: as much as when it came.'),
    sources: z
      .record(name, sourceSchema)
      .refine(sources => Object.keys(sources).length <= SOURCES_MAX, {
        error: `expected at most ${SOURCES_MAX} detectors`,
      })
      .default({})
      .describe('Detectors by their names.')
      .meta({ examples: [{ router: { mode: 'corroborating', matchBy: ['customer', 'pop'] } }] }),
  })
  .prefault({})
  .describe(
    'Detectors that have to agree before anything is done. What is set by PUT /v1/config/correlation counts instead.',
  )

export type GroupsConfig = z.output<typeof groupsSchema>
