// Settings of reports by foreign detectors.

import { z } from 'zod'
import { isKnownVector } from '#4-detection/reported-attack.ts'

export const PROTOCOLS = ['udp', 'tcp', 'icmp'] as const

const vectorSchema = z
  .strictObject({
    name: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/, {
        error: 'expected a name of letters, digits, dots, dashes and underscores',
      })
      .meta({ title: 'a name of letters, digits, dots, dashes and underscores' })
      .describe('Reports may say it, and reports that fit get it.'),
    is: z
      .string()
      .refine(isKnownVector, {
        error:
          'expected a vector such as dns-amplification, or udp_flood, syn_flood, ack_flood, icmp_flood, unknown',
      })
      .meta({ title: 'a vector (docs/reference/vectors.md) or a word such as udp_flood' })
      .default('unknown')
      .describe('What it is answered as: playbooks match by this, and rules are made for it.')
      .meta({ examples: ['dns-amplification'] }),
    protocols: z
      .array(z.enum(PROTOCOLS))
      .max(3)
      .default([])
      .describe('The report is about one of these. Empty: whichever.'),
    ports: z
      .array(z.int().min(0).max(65_535))
      .max(64)
      .default([])
      .describe('One of these is among its ports. Empty: whichever.')
      .meta({ examples: [[53]] }),
    text: z
      .array(z.string().min(1).max(128))
      .max(16)
      .default([])
      .describe('All of these words are in its details, whatever their case. Empty: whatever they say.')
      .meta({ examples: [['carpet']] }),
  })
  .describe('A vector of yours. With no condition at all it is only for reports that say its name.')

export const eventsSchema = z
  .strictObject({
    strictDuplicates: z
      .boolean()
      .default(false)
      .describe(
        'A report whose name its source used before is refused for ever, as prefixd does it. false: only while what was done about it goes on.',
      ),
    vectors: z
      .array(vectorSchema)
      .max(256)
      .default([])
      .describe(
        'Names for what foreign detectors report. A report that says no more than a protocol (udp_flood and the like, or unknown) gets the first whose conditions all hold.',
      ),
  })
  .describe('Reports of foreign detectors.')

export type EventsConfig = z.infer<typeof eventsSchema>
export type VectorConfig = EventsConfig['vectors'][number]
