// Why a host is under attack, or why it is not: its speeds, its limits, and what speaks for and against.

import { z } from 'zod'
import { attackSchema, suspicionSchema } from './attack.ts'
import { count, moment, speed } from './values.ts'

const share = z.number().min(0)
const direction = z.enum(['incoming', 'outgoing'])

export const limitStateSchema = z
  .object({
    limit: z.string().describe('Name of the limit, such as packets or udp-bits.'),
    direction,
    threshold: speed.describe('Packets, bits or flows per second.'),
    value: speed.optional().describe('The same of the host now; missing where it is only known of suspects.'),
    excessSeconds: share.describe('What passed above the limit and has not drained, in limit-seconds.'),
    overSeconds: share.describe('For how long there has been some.'),
    source: z
      .string()
      .optional()
      .describe(
        'Where the limit comes from: configured, inherited, or learned and accepted by whom and when.',
      ),
  })
  .describe('A limit of the host, and how it stands to it.')

export const burstSchema = z
  .object({
    limit: z.string(),
    direction,
    value: speed.describe('On average while the excess grew.'),
    threshold: speed,
    overSeconds: share,
    excessSeconds: share.describe('The most that had passed above the limit, in limit-seconds.'),
    budgetSeconds: share.describe('What would have been too much.'),
    suspicion: suspicionSchema.optional(),
    endedAt: moment,
    why: z.string().describe('What happened and why it was borne, in one sentence.'),
  })
  .describe('A crossing that was tolerated.')

const speedsSchema = z.object({ packets: speed, bits: speed, flows: speed }).describe('Per second.')

export const hostFactsSchema = z.object({
  host: z.string(),
  mode: z.enum(['budget', 'plain']),
  hostgroup: z.string().describe('Whose limits it has; global: the general ones.'),
  isJudged: z.boolean().describe('False: whitelisted, or its hostgroup or IP version is switched off.'),
  hasTraffic: z.boolean(),
  incoming: speedsSchema,
  outgoing: speedsSchema,
  limits: z.array(limitStateSchema).describe('In the order of testing.'),
  isSuspect: z.boolean().describe('Whether it is followed closely: over a limit, or not yet calm again.'),
  budgetSeconds: share.optional().describe('Of a suspect: limit-seconds that may pass above a limit.'),
  suspicion: suspicionSchema.optional(),
  calmSamples: count.describe('Packets of its calm traffic that are known.'),
  bursts: z.array(burstSchema).describe('Newest first.'),
})

export const explainInput = z.strictObject({
  subject: z.string().min(1).max(64).describe('An IPv4 or IPv6 address, or the identifier of an attack.'),
})

export const explainSchema = z.object({
  subject: z.string(),
  verdict: z.string().describe('Why it is under attack, or why not, in one sentence.'),
  attack: attackSchema.optional().describe('The attack asked for, or the open one of the host.'),
  now: hostFactsSchema.optional().describe('The host now; missing for an attack on more than one.'),
})

export type HostFacts = z.infer<typeof hostFactsSchema>
export type LimitState = z.infer<typeof limitStateSchema>
export type Burst = z.infer<typeof burstSchema>
export type Explanation = z.infer<typeof explainSchema>
