// A mitigation as it is read back: all of it is needed to take it back.

import { z } from 'zod'
import { type Action, ANNOUNCERS } from '#6-policy/action.ts'
import type { Mitigation } from '#7-mitigation/mitigation.ts'

const text = z.string().min(1)
const moment = z.number().nonnegative()

const route = {
  enforcer: z.enum(ANNOUNCERS),
  prefix: text,
  nextHop: text,
  communities: z.array(z.string()),
}

const action = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('script'), path: text }),
  z.object({ kind: z.literal('blackhole'), ...route }),
  z.object({ kind: z.literal('divert'), ...route }),
  z.object({ kind: z.literal('filter'), enforcer: z.enum(ANNOUNCERS), rule: text }),
]) satisfies z.ZodType<Action>

const facts = {
  id: text,
  attackId: text,
  target: text,
  action,
  reason: z.string(),
  enforcer: text,
  customer: text.optional(),
  pop: text.optional(),
  createdAt: moment,
  expiresAt: moment,
}

/** Only what has not ended is kept, so only that is read. */
export const mitigationSchema = z.discriminatedUnion('state', [
  z.object({ ...facts, state: z.literal('pending') }),
  z.object({ ...facts, state: z.literal('announced'), announcedAt: moment }),
  z.object({ ...facts, state: z.literal('failed'), failedAt: moment, error: z.string() }),
  z.object({ ...facts, state: z.literal('withdrawing'), announcedAt: moment.optional().transform(at => at) }),
]) satisfies z.ZodType<Mitigation>
