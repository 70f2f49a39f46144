// Settings of who is told of alerts. A secret never stands in the configuration, only where it is read.

import { z } from 'zod'
import { ALERT_EVENTS } from '#7-mitigation/alert-events.ts'
import { address, checkFields, headers, name, type OwnFields, region, secret } from './destination-fields.ts'

const DESTINATIONS_MAX = 64

export const SERVICES = ['slack', 'discord', 'teams', 'telegram', 'pagerduty', 'opsgenie', 'generic'] as const

/** What each service needs and what it may have. */
export const FIELDS = {
  slack: { needs: ['url'], may: ['channel'] },
  discord: { needs: ['url'], may: [] },
  teams: { needs: ['url'], may: [] },
  telegram: { needs: ['botToken', 'chatId'], may: [] },
  pagerduty: { needs: ['routingKey'], may: ['eventsUrl'] },
  opsgenie: { needs: ['apiKey', 'region'], may: [] },
  generic: { needs: ['url'], may: ['secret', 'headers'] },
} as const satisfies Record<(typeof SERVICES)[number], OwnFields>

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
    channel: name('slack: another channel.', '#noc'),
    botToken: secret('telegram: the token of the bot.'),
    chatId: name('telegram: the chat.', '-100200'),
    routingKey: secret('pagerduty: the key of the service.'),
    eventsUrl: address('pagerduty: another address.', 'https://events.eu.pagerduty.com/v2/enqueue'),
    apiKey: secret('opsgenie: the key of the integration.'),
    region: region('opsgenie: where the account is.'),
    secret: secret('generic: signs each alert.'),
    headers: headers('generic: more headers by their names, each a secret.'),
    events: events('Only these are told to it; empty: all.'),
  })
  .superRefine((destination, context) =>
    checkFields(destination, FIELDS[destination.type], ['type', 'events'], (field, message) =>
      context.addIssue({ code: 'custom', path: [field], message }),
    ),
  )

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
