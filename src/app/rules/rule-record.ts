// A rule by a person as it is kept: what he wants, from when to when, and where it stands.

import { z } from 'zod'
import type { ManualOrder } from '#4-detection/reported-attack.ts'
import { RULE_ACTIONS, RULE_KINDS } from '#api/contract/rules.ts'

/** Kind of the documents, one for each rule by its id. */
export const RULE = 'rule'

const moment = z.number()
const optional = z.string().exactOptional()

export const ruleRecordSchema = z.object({
  id: z.string().min(1),
  kind: z.enum(RULE_KINDS),
  /** Canonical address or prefix. */
  target: z.string(),
  /** What it matches, in canonical text; of a blackhole empty. */
  flow: z.string(),
  action: z.enum([...RULE_ACTIONS, 'blackhole']),
  bitsPerSecond: z.number().exactOptional(),
  packetsPerSecond: z.number().exactOptional(),
  reason: z.string(),
  /** Wall clock, ms since 1970 UTC, as all moments here. */
  createdAt: moment,
  createdBy: z.string(),
  via: z.string(),
  customer: optional,
  startsAt: moment,
  endsAt: moment,
  /** It is extended by so much before it ends, until somebody withdraws it. */
  renewSeconds: z.number().exactOptional(),
  /** Scheduled: it begins later. Live: it is, or is to be, carried out. Over: see `how`. */
  phase: z.enum(['scheduled', 'live', 'over']),
  how: z.enum(['expired', 'withdrawn', 'failed', 'refused']).exactOptional(),
  endedAt: moment.exactOptional(),
  endedBy: optional,
  /** Why it waits, or was refused. */
  problem: optional,
  /** The attack it is carried out as. */
  attackId: optional,
})
export type RuleRecord = Readonly<z.infer<typeof ruleRecordSchema>>
export type RuleEnd = NonNullable<RuleRecord['how']>

export const isLive = ({ phase }: RuleRecord): boolean => phase !== 'over'

/** What is ordered for a rule that lasts so long from now. A watched rule lets all pass, so that none of it is refused for what it drops. */
export function orderOf(record: RuleRecord, ttlSeconds: number): ManualOrder {
  const { target, flow, action, bitsPerSecond, packetsPerSecond, reason } = record
  const isMonitored = action === 'monitor'
  return {
    ...{ target, ports: [] },
    order: {
      ...{ kind: isMonitored ? 'accept' : action, ttlSeconds, reason },
      ...(flow === '' ? {} : { flow }),
      ...(bitsPerSecond === undefined ? {} : { bitsPerSecond }),
      ...(packetsPerSecond === undefined ? {} : { packetsPerSecond }),
      ...(isMonitored ? { isMonitored } : {}),
    },
  }
}

/** The record when it is over. */
export function over(
  record: RuleRecord,
  how: RuleEnd,
  { at, by, problem }: { readonly at: number; readonly by?: string; readonly problem?: string | undefined },
): RuleRecord {
  const { problem: _before, ...rest } = record
  return {
    ...rest,
    ...{ phase: 'over', how, endedAt: at },
    ...(by === undefined ? {} : { endedBy: by }),
    ...(problem === undefined ? {} : { problem }),
  }
}
