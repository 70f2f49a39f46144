// Learned limits: what calm traffic suggests, and what operators decided about it.

import { z } from 'zod'
import { limitInput, moment } from './values.ts'

const perSecond = z.number().describe('Packets, bits or flows per second, as the limit is one of.')

export const learnedLimitSchema = z.object({
  place: z
    .string()
    .describe('Which limit of whom: scope/subject/direction/limit, as in caches/host/incoming/packets.'),
  scope: z.string().describe('global, a hostgroup, or one of our networks.'),
  subject: z
    .enum(['host', 'total'])
    .describe('host: a limit of each host. total: of all hosts of the scope together.'),
  direction: z.enum(['incoming', 'outgoing']),
  limit: z.string().describe('Such as packets, bits, flows or udp-packets.'),
  state: z.enum(['suggested', 'accepted', 'rejected']),
  suggested: perSecond.optional().describe('What traffic suggests now; missing when it suggests nothing.'),
  accepted: perSecond.optional().describe('The value that was accepted.'),
  now: perSecond.nullable().describe('The limit that holds now; null for none.'),
  source: z.string().describe('Where the limit that holds now comes from.'),
  standing: z
    .enum(['applied', 'superseded', 'homeless'])
    .optional()
    .describe(
      'What became of an accepted limit. superseded: the file says something else since. homeless: its hostgroup or network is gone.',
    ),
  typical: perSecond.optional().describe('So much or less was there in most minutes.'),
  highest: perSecond.optional().describe('The highest that was measured.'),
  confidence: z.number().optional().describe('0 to 1.'),
  why: z.string().optional().describe('What the suggestion comes from.'),
  decidedAt: moment.optional(),
  decidedBy: z.string().optional(),
})
export type LearnedLimit = z.infer<typeof learnedLimitSchema>

const scopeSchema = z.object({
  name: z.string(),
  kind: z.enum(['global', 'hostgroup', 'network']),
  hours: z.number().describe('Hours of calm traffic that were measured.'),
  excludedHours: z.number().describe('Hours that were left out because of attacks.'),
})

export const limitsInput = z.strictObject({
  state: z.enum(['suggested', 'accepted', 'rejected']).optional().describe('Only those of this state.'),
  limit: limitInput(1000, 5000),
})

export const limitsSchema = z.object({
  enabled: z.boolean().describe('Whether anything is learned.'),
  days: z.number().describe('Days that suggestions come from.'),
  minimumHours: z.number().describe('With fewer hours nothing is suggested.'),
  scopes: z.array(scopeSchema).describe('For whom limits are learned.'),
  scopesRefused: z.number().describe('Hostgroups and networks that found no room.'),
  limits: z.array(learnedLimitSchema),
  total: z.number().describe('How many there are, also those that did not fit into the answer.'),
})
export type Limits = z.infer<typeof limitsSchema>
export type LimitsQuery = z.infer<typeof limitsInput>

const PLACES_MAX = 100
const PLACE_CHARACTERS_MAX = 160

export const limitDecisionInput = z.strictObject({
  decision: z.enum(['accept', 'reject']),
  places: z
    .array(z.string().min(1).max(PLACE_CHARACTERS_MAX))
    .min(1)
    .max(PLACES_MAX)
    .describe('Places, or the first parts of some: caches for all limits of this hostgroup.'),
})
export const limitDecisionSchema = z.object({
  limits: z.array(learnedLimitSchema).describe('Those that were decided about, as they are now.'),
  stillRejected: z
    .array(z.string())
    .optional()
    .describe('Places that were not accepted: a rejection named them more exactly than the order.'),
})
export type LimitDecisionRequest = z.infer<typeof limitDecisionInput>
export type LimitDecision = z.infer<typeof limitDecisionSchema>
