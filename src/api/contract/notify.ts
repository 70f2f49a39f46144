// Who is told of attacks, how each of them fares, and what nobody has taken.

import { z } from 'zod'
import { limitInput, moment } from './values.ts'

const name = z.string().min(1).max(128)

const destinationSchema = z.object({
  id: z.string().describe('Its name in the configuration; alerting:… for one in the words of prefixd.'),
  name: z.string(),
  type: z.string().describe('The kind of service, such as slack or syslog.'),
  origin: z
    .enum(['configuration', 'alerting'])
    .describe(
      'configuration: notify.destinations. alerting: notify.webhooks, or set by PUT /v1/config/alerting.',
    ),
  state: z.enum(['ok', 'failing', 'unused']).describe('unused: nothing was sent yet.'),
  waiting: z.number().describe('Messages on their way.'),
  sent: z.number().describe('Messages that were taken since the start.'),
  lost: z.number().describe('Messages that became dead letters since the start.'),
  deadLetters: z.number().describe('Those that are kept.'),
  lastSuccessAt: moment.optional(),
  lastFailureAt: moment.optional(),
  lastError: z.string().optional().describe('Why the last one was not taken; missing once one is.'),
  nextTryAt: moment.optional(),
  events: z.array(z.string()).describe('What it is told of; empty: all.'),
  template: z.string().optional(),
})

export const notifySchema = z.object({
  destinations: z.array(destinationSchema),
  routes: z
    .array(z.string())
    .describe('In words, in the order in which they are asked; empty: all are told all.'),
  groups: z.number().describe('Groups of attacks that are told together and are not over.'),
  deadLetters: z.number(),
  problems: z.array(z.string()),
})
export type NotifyView = z.infer<typeof notifySchema>

export const notifyTestInput = z.strictObject({
  destination: name.optional().describe('Its id; missing: all of them.'),
})
export type NotifyTest = z.infer<typeof notifyTestInput>

export const notifyTestedSchema = z.object({
  results: z.array(
    z.object({
      ...{ destination: z.string(), type: z.string(), outcome: z.enum(['taken', 'failed']) },
      milliseconds: z.number(),
      error: z.string().optional(),
    }),
  ),
})
export type NotifyTested = z.infer<typeof notifyTestedSchema>

export const PREVIEW_EVENTS = [
  'opened',
  'escalated',
  'updated',
  'ended',
  'refused',
  'reloaded',
  'trouble',
  'test',
] as const

export const notifyPreviewInput = z.strictObject({
  destination: name.optional().describe('As it would be sent to this one; missing: the words alone.'),
  event: z.enum(PREVIEW_EVENTS).default('opened'),
  attack: name.optional().describe('The identifier of an open attack; missing: a made-up one.'),
  title: z
    .string()
    .max(16_384)
    .optional()
    .describe('A template that is tried in place of the configured one.'),
  text: z.string().max(16_384).optional(),
})
export type NotifyPreviewRequest = z.infer<typeof notifyPreviewInput>

export const notifyPreviewSchema = z.object({
  title: z.string(),
  text: z.string(),
  form: z.enum(['words', 'json', 'mail', 'syslog']).describe('Of the body.'),
  body: z.string().describe('What would be sent, without secrets; empty for words alone.'),
  to: z.array(z.string()).describe('Whom the routes of the configuration send it to.'),
})
export type NotifyPreview = z.infer<typeof notifyPreviewSchema>

export const deadLettersInput = z.strictObject({
  destination: name.optional(),
  limit: limitInput(100, 10_000),
})
export type DeadLettersQuery = z.infer<typeof deadLettersInput>

const letterSchema = z.object({
  id: z.string(),
  destination: z.string(),
  event: z.string().describe('What it tells, such as opened.'),
  title: z.string(),
  toldAt: moment.describe('When it was first to be sent.'),
  givenUpAt: moment,
  why: z
    .enum(['refused', 'given-up', 'dropped', 'gone'])
    .describe(
      'refused: it will never be taken. given-up: tried for too long. dropped: too many waited. gone: its destination is.',
    ),
  error: z.string(),
  tries: z.number(),
})
export const deadLettersSchema = z.object({ deadLetters: z.array(letterSchema), total: z.number() })
export type DeadLetters = z.infer<typeof deadLettersSchema>

export const lettersInput = z
  .strictObject({
    ids: z.array(name).min(1).max(1000).optional(),
    destination: name.optional().describe('All of this destination.'),
    all: z.literal(true).optional(),
  })
  .refine(
    ({ ids, destination, all }) => [ids, destination, all].filter(one => one !== undefined).length === 1,
    {
      error: 'expected ids, destination or all',
    },
  )
export type LettersRequest = z.infer<typeof lettersInput>

export const lettersDoneSchema = z.object({
  done: z.number(),
  homeless: z.number().describe('Dead letters that stay, because their destination is gone.'),
})
export type LettersDone = z.infer<typeof lettersDoneSchema>
