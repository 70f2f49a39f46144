// Events: what foreign detectors report, and what became of it.

import { z } from 'zod'
import { nextCursor, pageInput, spanInput } from './paging.ts'
import { hostInput, moment, plainText, when } from './values.ts'

export const EVENT_OUTCOMES = [
  ...(['accepted', 'extended', 'duplicate', 'not-ours', 'no-playbook', 'refused'] as const),
  ...(['waiting', 'corroborating-only'] as const),
  ...(['withdrawn', 'no-active', 'unknown-event', 'no-external-id'] as const),
] as const

const source = plainText(128).min(1)
const vector = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,64}$/, { error: 'expected a name such as udp_flood or dns-amplification' })

/** What else it said may be so long as JSON. */
const DETAILS_CHARACTERS_MAX = 8192

export const eventInput = z.strictObject({
  source: source.describe('Name of the detector.'),
  externalId: plainText(256)
    .min(1)
    .optional()
    .describe('As the detector calls this report. Missing: it cannot be taken back.'),
  at: when.optional().describe('When it was. Missing: now.'),
  action: z
    .enum(['ban', 'unban'])
    .default('ban')
    .describe('unban: takes back the report of that externalId.'),
  host: hostInput.describe('The attacked host.'),
  direction: z.enum(['incoming', 'outgoing']).default('incoming'),
  vector: vector
    .default('unknown')
    .describe('Name of a vector of the reference, or a type such as udp_flood.'),
  bitsPerSecond: z.number().min(0).max(1e15).optional(),
  packetsPerSecond: z.number().min(0).max(1e12).optional(),
  ports: z
    .array(z.int().min(0).max(65_535))
    .max(64)
    .default([])
    .describe('Of the host, that most of it goes to.'),
  confidence: z.number().min(0).max(1).optional().describe('How sure the detector is.'),
  details: z
    .json()
    .refine(value => JSON.stringify(value).length <= DETAILS_CHARACTERS_MAX, {
      error: `expected at most ${DETAILS_CHARACTERS_MAX} characters of JSON`,
    })
    .optional()
    .describe('Whatever else it said.'),
})

export const eventOutcomeSchema = z.object({
  outcome: z.enum(EVENT_OUTCOMES),
  eventId: z.string().optional().describe('Missing: it was not kept. Of a duplicate that of the first time.'),
  attackId: z.string().optional().describe('Missing: no attack was made of it.'),
  isDryRun: z
    .boolean()
    .optional()
    .describe('true: a dry run: nothing is done about the attack, it is only shown what would be.'),
  isKept: z
    .literal(false)
    .optional()
    .describe(
      'false: what was decided holds, but the disk was too slow for the report: a crash right now would lose it. Missing: it is kept.',
    ),
  reason: z.string().optional().describe('Why nothing is done.'),
  refusals: z
    .array(z.object({ rail: z.string(), reason: z.string() }))
    .optional()
    .describe('What policy refused it for.'),
})

export const eventSchema = z.object({
  id: z.string(),
  receivedAt: moment,
  outcome: z.enum(EVENT_OUTCOMES),
  attackId: z.string().optional(),
  isDryRun: z
    .literal(true)
    .optional()
    .describe('It was answered in a dry run: nothing was done, it was only shown what would be.'),
  source: z.string(),
  externalId: z.string().optional(),
  at: moment.optional().describe('When the detector says it was.'),
  action: z.enum(['ban', 'unban']),
  host: z.string(),
  direction: z.enum(['incoming', 'outgoing']),
  vector: z.string(),
  bitsPerSecond: z.number().optional(),
  packetsPerSecond: z.number().optional(),
  ports: z.array(z.number()),
  confidence: z.number().optional(),
  details: z.json().optional(),
})

export const eventsInput = z.strictObject({
  ...{ ...pageInput, ...spanInput },
  source: source.optional().describe('Only those of this detector.'),
  target: hostInput.optional().describe('Only those about this host.'),
  outcome: z.enum(EVENT_OUTCOMES).optional(),
  attack: z.string().min(1).max(64).optional().describe('Only those of this attack.'),
})
export const eventsSchema = z.object({ events: z.array(eventSchema).describe('Newest first.'), nextCursor })
export const eventIdInput = z.strictObject({ id: z.string().min(1).max(64) })

export type EventRequest = z.infer<typeof eventInput>
export type EventAnswer = z.infer<typeof eventOutcomeSchema>
export type EventView = z.infer<typeof eventSchema>
export type EventsQuery = z.infer<typeof eventsInput>
export type Events = z.infer<typeof eventsSchema>
