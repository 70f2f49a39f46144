// Bans: which hosts are under one, and how an operator sets and ends one.

import { z } from 'zod'
import { DIRECTIONS } from './traffic.ts'
import {
  banTargetInput,
  count,
  family,
  host,
  hostInput,
  limitInput,
  moment,
  prefixes,
  reasonInput,
  scope,
  speed,
} from './values.ts'

export const banSchema = z.object({
  host,
  scope,
  prefixes,
  family,
  attackId: z.string(),
  origin: z.enum(['detected', 'manual', 'event']),
  direction: z.enum(DIRECTIONS),
  peak: speed.describe('Highest packets per second seen.'),
  openedAt: moment,
  endsAt: moment.optional().describe('Earliest end; missing when it lasts until somebody ends it.'),
  why: z.string(),
  decision: z
    .string()
    .describe('What policy decided: what is done, would be done in a dry run, or why nothing is.'),
})

export const bansInput = z.strictObject({ limit: limitInput(1000, 100_000) })
export const bansSchema = z.object({
  bans: z.array(banSchema).describe('Newest first.'),
  total: count.describe('How many there are, also beyond the limit.'),
})

export const banInput = z.strictObject({
  host: hostInput,
  seconds: z
    .int()
    .min(0)
    .max(31_536_000)
    .optional()
    .describe('How long; 0: until somebody ends it. Missing: as configured.'),
  reason: reasonInput,
})
export const unbanInput = z.strictObject({ host: banTargetInput, reason: reasonInput })

export type Ban = z.infer<typeof banSchema>
export type Bans = z.infer<typeof bansSchema>
export type BansQuery = z.infer<typeof bansInput>
export type BanRequest = z.infer<typeof banInput>
