// Settings of who is told: destinations by their names. A secret never stands in the configuration, only where it is read.

import { z } from 'zod'
import { parseServerAddress } from '#lib/server-address.ts'
import { mailAddress } from './email/config.ts'
import { TOLD_KINDS } from './notice/notice.ts'
import { FACILITIES } from './syslog/syslog-message.ts'
import {
  address,
  checkFields,
  headers,
  name,
  type OwnFields,
  region,
  secret,
} from './webhook/destination-fields.ts'

export const DESTINATIONS_MAX = 64

export const DESTINATION_TYPES = [
  'slack',
  'discord',
  'teams',
  'telegram',
  'pagerduty',
  'opsgenie',
  'generic',
  'alertmanager',
  'email',
  'syslog',
] as const
export type DestinationType = (typeof DESTINATION_TYPES)[number]

/** What each needs and may have; of slack either of two ways. */
export const DESTINATION_FIELDS: Readonly<Record<DestinationType, OwnFields>> = {
  slack: { needs: [], may: ['url', 'botToken', 'channel', 'apiUrl'] },
  discord: { needs: ['url'], may: [] },
  teams: { needs: ['url'], may: [] },
  telegram: { needs: ['botToken', 'chatId'], may: ['apiUrl'] },
  pagerduty: { needs: ['routingKey'], may: ['apiUrl'] },
  opsgenie: { needs: ['apiKey'], may: ['region', 'apiUrl'] },
  generic: { needs: ['url'], may: ['secret', 'headers'] },
  alertmanager: { needs: ['url'], may: ['headers'] },
  email: { needs: ['to'], may: [] },
  syslog: { needs: ['server'], may: ['transport', 'caFile', 'facility', 'enterprise'] },
}
const OF_ALL = ['type', 'events', 'template']

/** What a destination is told when nothing is said: pagers are not rung for what needs nobody. */
export const USUAL_EVENTS: Readonly<Record<'pager' | 'other', readonly (typeof TOLD_KINDS)[number][]>> = {
  pager: ['opened', 'escalated', 'updated', 'ended'],
  other: TOLD_KINDS,
}
export const isPager = (type: DestinationType): boolean =>
  type === 'pagerduty' || type === 'opsgenie' || type === 'alertmanager'

/** Of services that are told by HTTP. */
const WEB_FIELDS = {
  url: secret('slack (an incoming webhook), discord, teams, generic, alertmanager: the address, a secret.'),
  channel: name('slack: the channel; with botToken it is needed.', '#noc'),
  botToken: secret(
    'telegram: the token of the bot. slack: of an app, so that messages are edited and answered in threads.',
  ),
  chatId: name('telegram: the chat.', '-100200'),
  routingKey: secret('pagerduty: the key of the service.'),
  apiKey: secret('opsgenie: the key of the integration.'),
  region: region('opsgenie: where the account is; us when left out.'),
  apiUrl: address(
    'pagerduty: another address of the Events API. slack with botToken, telegram, opsgenie: another server that speaks the same.',
    'https://events.eu.pagerduty.com/v2/enqueue',
  ),
  secret: secret('generic: signs each message.'),
  headers: headers('generic, alertmanager: more headers by their names, each a secret.'),
}

/** Of mail and syslog. */
const OTHER_FIELDS = {
  to: z
    .array(mailAddress)
    .min(1)
    .max(100)
    .optional()
    .describe('email: who gets the mails. notify.email names the server and the sender.')
    .meta({ examples: [['noc@example.net']] }),
  server: z
    .string()
    .refine(text => parseServerAddress(text) !== undefined, {
      error: 'expected HOST:PORT such as logs.example.net:6514',
    })
    .meta({ title: 'HOST:PORT such as logs.example.net:6514', examples: ['logs.example.net:6514'] })
    .optional()
    .describe('syslog: where it is.'),
  transport: z
    .enum(['udp', 'tcp', 'tls'])
    .optional()
    .describe('syslog: udp (when left out), tcp (RFC 6587) or tls (RFC 5425).')
    .meta({ examples: ['tls'] }),
  caFile: z
    .string()
    .startsWith('/', { error: 'expected an absolute path' })
    .meta({ title: 'an absolute path', examples: ['/etc/floodwarden/logs-ca.pem'] })
    .optional()
    .describe(
      'syslog over TLS: certificates (PEM) that the server is checked against, instead of those of the system.',
    ),
  facility: z
    .enum(Object.keys(FACILITIES) as [keyof typeof FACILITIES])
    .optional()
    .describe('syslog: the facility; daemon when left out.')
    .meta({ examples: ['local0'] }),
  enterprise: z
    .int()
    .min(1)
    .max(4_294_967_295)
    .optional()
    .describe(
      'syslog: the private enterprise number in the name of the structured data; 32473, which is for examples, when left out.',
    )
    .meta({ examples: [32_473] }),
}

export const noticeDestinationSchema = z
  .strictObject({
    type: z.enum(DESTINATION_TYPES).describe('Which service it is.'),
    ...WEB_FIELDS,
    ...OTHER_FIELDS,
    template: z
      .string()
      .min(1)
      .max(64)
      .optional()
      .describe('Name of the template under notify.templates that its words are made by.')
      .meta({ examples: ['short'] }),
    events: z
      .array(z.enum(TOLD_KINDS))
      .max(TOLD_KINDS.length)
      .optional()
      .describe(
        'Only these are told to it. Left out: all; pagers and alertmanager are not told of refused, reloaded and trouble.',
      )
      .meta({ examples: [['opened', 'escalated', 'ended']] }),
  })
  .superRefine((destination, context) => {
    const wrong = (field: string, message: string) =>
      context.addIssue({ code: 'custom', path: [field], message })
    checkFields(destination, DESTINATION_FIELDS[destination.type], OF_ALL, wrong)
    if (destination.type !== 'slack') return
    if ((destination.url === undefined) === (destination.botToken === undefined))
      wrong('url', 'expected either url or botToken for slack')
    if (destination.botToken !== undefined && destination.channel === undefined)
      wrong('channel', 'expected one for slack with botToken')
  })

export type NoticeDestinationConfig = z.output<typeof noticeDestinationSchema>
