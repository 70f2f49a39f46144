// Settings of webhooks that make events of any JSON.

import { z } from 'zod'
import { isPath } from './signals-path.ts'
import { patternFault } from './signals-pattern.ts'

const path = z
  .string()
  .max(256)
  .refine(isPath, { error: 'expected a JSONPath (RFC 9535) such as $.attack.target' })
  .meta({ title: 'a JSONPath' })

const pattern = z
  .string()
  .superRefine((text, context) => {
    const fault = patternFault(text)
    if (fault !== undefined) context.addIssue({ code: 'custom', message: `not taken: ${fault}` })
  })
  .meta({ title: 'a regular expression' })

const factor = z.number().positive().max(1e15)

const numeric = z
  .union([
    z.strictObject({
      kind: z.literal('unitConversion').describe('The value in another unit.'),
      multiplier: factor.describe('The value times this.'),
    }),
    z.strictObject({
      kind: z.literal('computed').describe('The product of several values.'),
      paths: z.array(path).min(1).max(8).describe('Values that are multiplied.'),
      scale: factor.default(1).describe('The product times this.'),
    }),
  ])
  .optional()
  .describe('How the number is made.')

const auth = z.union([
  z.strictObject({
    type: z.literal('hmac').describe('A signature over the body, HMAC-SHA256 in hex.'),
    secretEnv: z.string().min(1).max(128).describe('The environment variable with the secret.'),
    header: z
      .string()
      .regex(/^[A-Za-z0-9-]{1,64}$/)
      .default('X-Signature-SHA256')
      .describe('Where the signature is.'),
  }),
  z.strictObject({
    type: z.literal('bearer').describe('A token.'),
    secretEnv: z.string().min(1).max(128).describe('The environment variable with the token.'),
  }),
  z.strictObject({ type: z.literal('none').describe('Whoever reaches it is believed.') }),
])

export const webhookSchema = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9-]{1,64}$/, { error: 'expected small letters, digits and hyphens' })
    .describe('It is at /v1/signals/webhook/NAME, and the source of its events.'),
  description: z.string().max(256).default('').describe('For people.'),
  enabled: z.boolean().default(true).describe('false: it answers as if it were not there.'),
  auth: auth.describe('How a sender shows who it is: hmac over the body (SHA-256), bearer, or none.'),
  rootPath: path.default('$').describe('One event for each match.'),
  fields: z
    .strictObject({
      victimIp: path.describe('The attacked address.'),
      vector: path.optional().describe('What the attack is.'),
      timestamp: path.optional().describe('When it was: RFC 3339, or seconds or milliseconds since 1970.'),
      bps: path.optional().describe('Bits per second.'),
      pps: path.optional().describe('Packets per second.'),
      confidence: path.optional().describe('How sure it is.'),
      sourceId: path.optional().describe("The sender's own id of it."),
      topDstPorts: path.optional().describe('Ports of the target.'),
      action: path.optional().describe('ban or unban; missing: ban.'),
    })
    .describe('Where in a match each thing is (JSONPath).'),
  vectorMap: z
    .record(z.string().max(128), z.string().max(128))
    .default({})
    .describe('Names of the sender and what they are here.'),
  defaultVector: z.string().max(128).default('unknown').describe('Of what says none, or one nobody knows.'),
  confidenceScale: factor.default(1).describe('The confidence is divided by it: 100 for percent.'),
  sourceIdPrefix: z.string().max(64).default('').describe('Stands before each id.'),
  transforms: z
    .strictObject({
      ...{ bps: numeric, pps: numeric, confidence: numeric },
      vector: z
        .strictObject({
          pattern: pattern.describe('What is looked for.'),
          group: z.int().min(0).max(20).default(0).describe('Which group of it.'),
        })
        .optional()
        .describe('The part of the text that is the vector.'),
    })
    .prefault({})
    .describe('What is done with values before they are used.'),
})

export type WebhookConfig = z.output<typeof webhookSchema>

export const signalsSchema = z
  .strictObject({
    webhooks: z
      .array(webhookSchema)
      .max(64)
      .refine(all => new Set(all.map(({ name }) => name)).size === all.length, { error: 'two have one name' })
      .default([])
      .describe('Doors for any JSON.'),
  })
  .describe("Signals of other systems at prefixd's paths.")

export type SignalsConfig = z.output<typeof signalsSchema>
