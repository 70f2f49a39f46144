// Settings of policy: the rails no action may cross.

import { z } from 'zod'
import { prefixText } from '#3-traffic/config.ts'

export const policySchema = z
  .strictObject({
    managementPrefixes: z
      .array(prefixText)
      .default([])
      .describe('Nothing is ever done to hosts in these prefixes: management, BGP sessions, resolvers.'),
    bansMax: z
      .int()
      .min(1)
      .max(100_000)
      .default(1000)
      .describe(
        'Hosts under action at the same time. Above it attacks are reported and nothing is done until there is room.',
      ),
    bansPerMinute: z
      .int()
      .min(1)
      .max(100_000)
      .default(120)
      .describe(
        'Hosts that come under action within any minute. Above it attacks are reported, and acted on in turn when there is room.',
      ),
  })
  .describe('What may be done, and to whom never.')

export type PolicyConfig = z.infer<typeof policySchema>
