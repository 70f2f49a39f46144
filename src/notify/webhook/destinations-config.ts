// Settings of who is told of alerts. A secret never stands in the configuration, only where it is read.

import { z } from 'zod'
import { ALERT_EVENTS } from '#7-mitigation/alert-events.ts'

const DESTINATIONS_MAX = 64
const HEADERS_MAX = 64

export const SERVICES = ['slack', 'discord', 'teams', 'telegram', 'pagerduty', 'opsgenie', 'generic'] as const

const REFERENCE = 'expected {file: PATH} or {env: NAME}, where the secret is read'

export const referenceSchema = z
  .strictObject(
    {
      file: z
        .string()
        .startsWith('/', { error: 'expected an absolute path' })
        .meta({ title: 'an absolute path' })
        .optional()
        .describe('The file it is in. Read at the start and with each reload.')
        .meta({ examples: ['/etc/floodwarden/slack-url'] }),
      key: z
        .array(z.union([z.string(), z.number()]))
        .min(1)
        .max(16)
        .optional()
        .describe('Where in the file, when that is YAML: names of keys and places in lists, from 0.')
        .meta({ examples: [['destinations', 0, 'webhook_url']] }),
      env: z
        .string()
        .min(1)
        .max(128)
        .optional()
        .describe('The environment variable it is in.')
        .meta({ examples: ['SLACK_URL'] }),
    },
    { error: issue => (issue.code === 'invalid_type' ? REFERENCE : undefined) },
  )
  .refine(({ file, key, env }) => (file === undefined) !== (env === undefined) && !(env && key), {
    error: REFERENCE,
  })

export type SecretReference = z.output<typeof referenceSchema>

export const secret = (what: string) => referenceSchema.optional().describe(what)

/** What each service needs and what it may have. */
export const FIELDS = {
  slack: { needs: ['url'], may: ['channel'] },
  discord: { needs: ['url'], may: [] },
  teams: { needs: ['url'], may: [] },
  telegram: { needs: ['botToken', 'chatId'], may: [] },
  pagerduty: { needs: ['routingKey'], may: ['eventsUrl'] },
  opsgenie: { needs: ['apiKey', 'region'], may: [] },
  generic: { needs: ['url'], may: ['secret', 'headers'] },
} as const satisfies Record<(typeof SERVICES)[number], { needs: readonly string[]; may: readonly string[] }>

const events = (what: string) =>
  z
    .array(z.enum(ALERT_EVENTS))
    .max(ALERT_EVENTS.length)
    .default([])
    .describe(what)
    .meta({ examples: [['mitigation.created', 'mitigation.expired']] })

const destinationSchema = z
  .strictObject({
    type: z.enum(SERVICES).describe('Which service it is.'),
    url: secret('slack, discord, teams, generic: the address, a secret.'),
    channel: z
      .string()
      .min(1)
      .max(1024)
      .optional()
      .describe('slack: another channel.')
      .meta({ examples: ['#noc'] }),
    botToken: secret('telegram: the token of the bot.'),
    chatId: z
      .string()
      .min(1)
      .max(1024)
      .optional()
      .describe('telegram: the chat.')
      .meta({ examples: ['-100200'] }),
    routingKey: secret('pagerduty: the key of the service.'),
    eventsUrl: z
      .string()
      .min(1)
      .max(8192)
      .optional()
      .describe('pagerduty: another address.')
      .meta({ examples: ['https://events.eu.pagerduty.com/v2/enqueue'] }),
    apiKey: secret('opsgenie: the key of the integration.'),
    region: z
      .enum(['us', 'eu'])
      .optional()
      .describe('opsgenie: where the account is.')
      .meta({ examples: ['eu'] }),
    secret: secret('generic: signs each alert.'),
    headers: z
      .record(z.string().regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}$/), referenceSchema)
      .refine(all => Object.keys(all).length <= HEADERS_MAX, {
        error: `expected at most ${HEADERS_MAX} headers`,
      })
      .optional()
      .describe('generic: more headers by their names, each a secret.')
      .meta({ examples: [{ Authorization: { env: 'ALERTS_AUTHORIZATION' } }] }),
    events: events('Only these are told to it; empty: all.'),
  })
  .superRefine((destination, context) => {
    const { needs, may } = FIELDS[destination.type]
    const own: readonly string[] = ['type', 'events', ...needs, ...may]
    for (const field of needs)
      if (Reflect.get(destination, field) === undefined)
        context.addIssue({ code: 'custom', path: [field], message: `expected one for ${destination.type}` })
    for (const [field, value] of Object.entries(destination))
      if (value !== undefined && !own.includes(field))
        context.addIssue({ code: 'custom', path: [field], message: `expected none for ${destination.type}` })
  })

export type ConfiguredDestination = z.output<typeof destinationSchema>

export const webhooksSchema = z
  .strictObject({
    destinations: z
      .array(destinationSchema)
      .max(DESTINATIONS_MAX)
      .default([])
      .describe('Who is told.')
      .meta({
        examples: [[{ type: 'slack', url: { file: '/etc/floodwarden/slack-url' }, channel: '#noc' }]],
      }),
    events: events('Only these are told to anybody; empty: all.'),
  })
  .describe(
    'Alerts to chats, pagers and other services. What is set by PUT /v1/config/alerting counts instead.',
  )

export type WebhooksConfig = z.output<typeof webhooksSchema>
