// Settings of words for people.

import { z } from 'zod'
import { queueSchema } from './delivery/config.ts'
import { DESTINATIONS_MAX, noticeDestinationSchema } from './destinations-config.ts'
import { emailSchema } from './email/config.ts'
import { groupingSchema } from './notice/grouping-config.ts'
import { routesSchema } from './routing/routes-config.ts'
import { TEMPLATE_MAX } from './template/template.ts'
import { webhooksSchema } from './webhook/destinations-config.ts'

const NAME = /^[a-z0-9][a-z0-9._-]{0,63}$/
const name = z.string().regex(NAME, { error: 'expected a name of small letters, digits, dots and dashes' })

const text = (what: string, example: string) =>
  z
    .string()
    .max(TEMPLATE_MAX)
    .optional()
    .describe(what)
    .meta({ examples: [example] })

const templateSchema = z.strictObject({
  title: text('The subject of a mail, the head of a message.', '{{severity | upper}} {{around}} {{vector}}'),
  text: text('What is said.', '{{packetsPerSecond | packets}} to {{target}}: {{why}}'),
})

export const notifySchema = z
  .strictObject({
    destinations: z
      .record(name, noticeDestinationSchema)
      .refine(all => Object.keys(all).length <= DESTINATIONS_MAX, {
        error: `expected at most ${DESTINATIONS_MAX} destinations`,
      })
      .default({})
      .describe('Who is told of attacks, by names of your own.')
      .meta({ examples: [{ chat: { type: 'slack', url: { file: '/etc/floodwarden/slack-url' } } }] }),
    routes: routesSchema,
    grouping: groupingSchema.prefault({}),
    templates: z
      .record(name, templateSchema)
      .refine(all => Object.keys(all).length <= 64, { error: 'expected at most 64 templates' })
      .default({})
      .describe('Words of your own, by name; a part that is left out is as usual.')
      .meta({ examples: [{ short: { title: '{{around}}: {{vector}}' } }] }),
    consoleUrl: z
      .url({ protocol: /^https?$/, error: 'expected an address such as https://guard.example.net' })
      .optional()
      .describe('Address of the console, so that messages lead to it.')
      .meta({
        title: 'an address such as https://guard.example.net',
        examples: ['https://guard.example.net'],
      }),
    queue: queueSchema.prefault({}),
    email: emailSchema.prefault({}),
    webhooks: webhooksSchema.prefault({}),
  })
  .describe('Words for people.')

export type NotifyConfig = z.output<typeof notifySchema>
