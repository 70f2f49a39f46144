// Mitigations: what is done about attacks, now and before, and what operators order, withdraw and acknowledge.

import { z } from 'zod'
import { attackSchema, MITIGATION_STATES, measureSchema, noteSchema } from './attack.ts'
import { nextCursor, pageInput, spanInput, wordsInput, yesOrNo } from './paging.ts'
import { count, moment, plainText, reasonInput, targetInput } from './values.ts'

/** `live` stands for all that are not over, `ended` for those that are. */
export const STATE_WORDS = ['live', 'ended', ...MITIGATION_STATES] as const
export const ACTION_KINDS = ['script', 'blackhole', 'divert', 'filter', 'countermeasure'] as const

/** More in one order are refused. */
export const BULK_MAX = 1000

const YEAR_SECONDS = 31_536_000
const mitigationId = z.string().min(1).max(80)

export const mitigationSchema = measureSchema
  .extend({
    attackId: z.string(),
    target: z.string().describe('Address or prefix that it protects.'),
    customer: z.string().optional().describe('Id in the inventory.'),
    pop: z.string().optional().describe('Id in the inventory.'),
    endedAt: moment.optional(),
    acknowledged: noteSchema.optional(),
  })
  .describe('A mitigation: what is done about an attack.')

export const mitigationsInput = z.strictObject({
  ...{ ...pageInput, ...spanInput },
  state: wordsInput(STATE_WORDS)
    .optional()
    .describe('One or several states, parted by commas; live: not over, ended: over. Missing: all.'),
  customer: z.string().min(1).max(128).optional().describe('Only those of this customer of the inventory.'),
  target: targetInput.optional().describe('Only those that protect something within it.'),
  enforcer: z.string().min(1).max(64).optional().describe('Only those it carries out.'),
  action: z.enum(ACTION_KINDS).optional().describe('Only those that do this.'),
  attack: z.string().min(1).max(64).optional().describe('Only those against this attack.'),
  acknowledged: yesOrNo.optional().describe('Only those whose attack somebody noted as seen, or nobody did.'),
})
export const mitigationsSchema = z.object({
  mitigations: z.array(mitigationSchema).describe('Newest first.'),
  nextCursor,
})

export const mitigationInput = z.strictObject({ id: mitigationId })
export const mitigationViewSchema = mitigationSchema.extend({
  attack: attackSchema.optional().describe('Missing: it is no longer kept.'),
})

const orderWords = {
  target: targetInput.describe('IPv4 or IPv6 address or prefix to protect.'),
  protocol: z.int().min(0).max(255).optional().describe('IP protocol number such as 17. Missing: all.'),
  ports: z
    .array(z.int().min(0).max(65_535))
    .max(64)
    .default([])
    .describe('Of the target; needs protocol 6 or 17. Empty: all.'),
  action: z.enum(['rate-limit', 'discard']).describe('What routers do with the traffic.'),
  bitsPerSecond: z.number().positive().max(1e13).optional().describe('rate-limit: so much passes.'),
  ttlSeconds: z.int().min(1).max(YEAR_SECONDS).describe('It ends after so long, by itself.'),
}

interface OrderWords {
  readonly action: 'rate-limit' | 'discard'
  readonly bitsPerSecond?: number | undefined
  readonly ports: readonly number[]
  readonly protocol?: number | undefined
}

function checkOrder({ action, bitsPerSecond, ports, protocol }: OrderWords, context: z.RefinementCtx): void {
  if ((action === 'rate-limit') !== (bitsPerSecond !== undefined))
    context.addIssue({
      ...{ code: 'custom', path: ['bitsPerSecond'] },
      message: action === 'discard' ? 'expected none: a discard lets nothing pass' : 'expected a rate',
    })
  if (ports.length > 0 && protocol !== 6 && protocol !== 17)
    context.addIssue({
      code: 'custom',
      path: ['protocol'],
      message: 'expected 6 or 17: only they have ports',
    })
}

export const orderInput = z
  .strictObject({ ...orderWords, reason: plainText(200).min(1).describe('Why, for the audit.') })
  .superRefine(checkOrder)

/** What would make the order may be sent as it is, also without a reason. */
export const orderPreviewInput = z
  .strictObject({ ...orderWords, reason: reasonInput.describe('Says nothing here.') })
  .superRefine(checkOrder)

export const orderedSchema = z.object({
  outcome: z
    .enum(['opened', 'extended'])
    .describe('extended: the same was ordered before, and goes on for as long again.'),
  attackId: z.string(),
  mitigations: z.array(mitigationSchema).describe('What is done now; in a dry run what would be.'),
})

export const withdrawInput = z.strictObject({ id: mitigationId, reason: reasonInput })
export const withdrawnSchema = z.object({
  outcome: z.enum(['withdrawn', 'over']).describe('over: it was over already, nothing changed.'),
  mitigation: mitigationSchema,
})

const ids = z.array(mitigationId).min(1).max(BULK_MAX)
export const withdrawManyInput = z.strictObject({ ids, reason: reasonInput })
export const extendManyInput = z.strictObject({
  ids,
  ttlSeconds: z
    .int()
    .min(1)
    .max(YEAR_SECONDS)
    .describe('They end so long from now, later or sooner than before.'),
  reason: reasonInput,
})
export const acknowledgeManyInput = z.strictObject({ ids })
export const manySchema = z.object({
  results: z
    .array(
      z.object({
        id: z.string(),
        outcome: z
          .enum(['withdrawn', 'over', 'extended', 'acknowledged', 'known', 'unknown', 'failed'])
          .describe('known: it was acknowledged before. unknown: there is none of this id.'),
        problem: z.string().optional().describe('Why it failed.'),
      }),
    )
    .describe('One for each id, in their order.'),
  done: count.describe('How many were withdrawn, extended or acknowledged now.'),
})

export type MitigationView = z.infer<typeof mitigationSchema>
export type MitigationsQuery = z.infer<typeof mitigationsInput>
export type Mitigations = z.infer<typeof mitigationsSchema>
export type MitigationWithAttack = z.infer<typeof mitigationViewSchema>
export type OrderRequest = z.infer<typeof orderInput>
export type OrderPreviewRequest = z.infer<typeof orderPreviewInput>
export type ExtendManyRequest = z.infer<typeof extendManyInput>
export type OrderOutcome = z.infer<typeof orderedSchema>
export type WithdrawOutcome = z.infer<typeof withdrawnSchema>
export type ManyOutcome = z.infer<typeof manySchema>
