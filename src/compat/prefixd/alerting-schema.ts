// What prefixd's alerting.yaml may hold. Which fields a type needs is checked apart, in prefixd's words; secrets have no
// rules of their own here, because a refusal quotes what it refuses.

import { z } from 'zod'
import { ALERT_EVENTS } from '#7-mitigation/alert-events.ts'

export const DESTINATION_TYPES = [
  'slack',
  'discord',
  'teams',
  'telegram',
  'pagerduty',
  'opsgenie',
  'generic',
] as const
export type DestinationType = (typeof DESTINATION_TYPES)[number]

const text = z.string().nullish()
export const events = z.array(z.enum(ALERT_EVENTS)).nullish()

export const destination = z.strictObject({
  type: z.enum(DESTINATION_TYPES).describe('Which service it is.'),
  webhook_url: text.describe('Slack, Discord, Teams: the address, a secret.'),
  channel: text.describe('Slack: another channel.'),
  bot_token: text.describe('Telegram: a secret.'),
  chat_id: text.describe('Telegram: the chat.'),
  routing_key: text.describe('PagerDuty: a secret.'),
  events_url: text.describe('PagerDuty: another address.'),
  api_key: text.describe('Opsgenie: a secret.'),
  region: text.describe('Opsgenie: us or eu.'),
  url: text.describe('generic: the address, which may hold a secret.'),
  secret: text.describe('generic: signs the body.'),
  headers: z
    .record(z.string(), z.string())
    .optional()
    .describe('generic: more headers, which may be secrets.'),
  events: events.describe('Which events it is told.'),
})

export const alertingShape = {
  destinations: z.array(destination).nullish().describe('Who is told.'),
  events: events.describe('Which events are told; none: all.'),
}

export const prefixdAlertingSchema = z.strictObject(alertingShape)

export type PrefixdAlerting = z.infer<typeof prefixdAlertingSchema>
export type PrefixdDestination = z.infer<typeof destination>
