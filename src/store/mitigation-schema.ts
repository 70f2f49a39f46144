// A mitigation as it is read back: all of it is needed to take it back.

import { z } from 'zod'
import { type Action, ANNOUNCERS } from '#6-policy/action.ts'
import { COUNTERMEASURES, PROTECTORS } from '#6-policy/countermeasure.ts'
import type { Mitigation } from '#7-mitigation/mitigation.ts'

const text = z.string().min(1)
const moment = z.number().nonnegative()
const maybe = moment.optional().transform(at => at)

const route = {
  enforcer: z.enum(ANNOUNCERS),
  prefix: text,
  nextHop: text,
  communities: z.array(z.string()),
}

const DAY_SECONDS = 86_400

const action = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('script'), path: text }),
  z.object({ kind: z.literal('blackhole'), ...route }),
  z.object({ kind: z.literal('divert'), ...route }),
  z.object({ kind: z.literal('filter'), enforcer: z.enum(ANNOUNCERS), rule: text }),
  z.object({
    kind: z.literal('countermeasure'),
    enforcer: z.enum(PROTECTORS),
    profile: text,
    countermeasure: z.enum(COUNTERMEASURES),
    prefix: text,
    rules: z.array(text).optional(),
  }),
]) satisfies z.ZodType<Action>

const facts = {
  id: text,
  attackId: text,
  target: text,
  action,
  reason: z.string(),
  enforcer: text,
  // Earlier versions knew no steps and no TTL: what they left lives until the expiry it was given.
  playbook: z.string().default(''),
  step: z.int().nonnegative().default(0),
  customer: text.optional(),
  pop: text.optional(),
  createdAt: moment,
  ttlSeconds: z.number().positive().default(DAY_SECONDS),
  isStanding: z.boolean().default(false),
  expiresAt: moment,
}

/** Those that have not ended: what a restart takes up. */
export const mitigationSchema = z.discriminatedUnion('state', [
  z.object({ ...facts, state: z.literal('pending') }),
  z.object({ ...facts, state: z.enum(['announced', 'escalated']), announcedAt: moment }),
  z.object({ ...facts, state: z.literal('failed'), failedAt: moment, error: z.string() }),
  z.object({ ...facts, state: z.literal('ending'), announcedAt: maybe, heldUntil: moment }),
  z.object({ ...facts, state: z.literal('withdrawing'), announcedAt: maybe }),
]) satisfies z.ZodType<Mitigation>

/** Those that are over, kept to be looked up. */
export const pastMitigationSchema = z.discriminatedUnion('state', [
  z.object({ ...facts, state: z.enum(['withdrawn', 'expired']), endedAt: moment }),
  z.object({ ...facts, state: z.literal('refused'), endedAt: moment, error: z.string() }),
]) satisfies z.ZodType<Mitigation>
