// The live feed: what happens, over a WebSocket, as it happens. Each message is one JSON object.

import { z } from 'zod'
import { attackSchema } from './attack.ts'
import { mitigationSchema } from './mitigations.ts'
import { wordsInput } from './paging.ts'
import { profileSchema } from './protection.ts'
import { ruleSchema } from './rules.ts'
import { count, moment, speed } from './values.ts'

export const LIVE = { method: 'GET', path: '/api/v1/live' } as const

export const TOPICS = ['attacks', 'mitigations', 'rules', 'protection', 'traffic'] as const
export type Topic = (typeof TOPICS)[number]

export const liveInput = z.strictObject({
  topics: wordsInput(TOPICS).optional().describe('What to hear of, parted by commas. Missing: everything.'),
})

const rates = z.object({ packets: speed, bits: speed })

export const liveMessageSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.enum(['attack-opened', 'attack-updated', 'attack-ended']), attack: attackSchema }),
  z.object({ kind: z.literal('mitigation-changed'), mitigation: mitigationSchema }),
  z.object({ kind: z.literal('rule-changed'), rule: ruleSchema }),
  z.object({ kind: z.literal('protection-changed'), profile: profileSchema }),
  z.object({
    kind: z.literal('traffic'),
    at: moment,
    incoming: rates,
    outgoing: rates,
    internal: rates,
    other: rates,
    openAttacks: count,
  }),
  z.object({
    kind: z.literal('resync'),
    reason: z.string().describe('Why what is known may be out of date: ask for lists again.'),
  }),
])

export type LiveMessage = z.infer<typeof liveMessageSchema>
