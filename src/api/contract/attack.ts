// Attacks: open ones and those that ended a while ago, and why each is one.

import { z } from 'zod'
import { nextCursor, pageInput, spanInput } from './paging.ts'
import { DIRECTIONS } from './traffic.ts'
import { count, family, host, moment, prefixes, scope, speed, targetInput } from './values.ts'

export const suspicionSchema = z
  .object({
    weight: z.number().min(0).max(1).describe('0 surely honest, 1 surely an attack.'),
    packets: count.describe('Packets that were looked at.'),
    features: z
      .array(z.object({ name: z.string(), value: z.number(), weight: z.number(), reason: z.string() }))
      .describe('What it is made of: each adds its weight to a neutral half.'),
  })
  .describe('How suspicious a crossing is, and why.')

export const crossingSchema = z
  .object({
    limit: z.string().describe('Name of the limit, such as packets or udp-bits.'),
    direction: z.enum(['incoming', 'outgoing']),
    value: speed.describe('Speed that crossed it, per second.'),
    threshold: speed,
    hostgroup: z.string().describe('Who set the limit: a hostgroup, or global.'),
    mode: z.enum(['budget', 'plain']),
    overSeconds: z.number().min(0).describe('Seconds from the first tick over the limit to the decision.'),
    budgetSeconds: z
      .number()
      .min(0)
      .optional()
      .describe('Limit-seconds that were allowed to pass above the limit; missing in plain mode.'),
    suspicion: suspicionSchema.optional(),
    interval: z
      .object({ low: speed, high: speed })
      .optional()
      .describe('Where the value lies, when it was counted from samples.'),
  })
  .describe('Which number crossed which limit.')

export const MITIGATION_STATES = [
  ...(['pending', 'announced', 'escalated', 'failed', 'ending', 'withdrawing'] as const),
  ...(['withdrawn', 'expired', 'refused'] as const),
] as const

export const measureSchema = z
  .object({
    id: z.string(),
    enforcer: z.string().describe('Who carries it out.'),
    action: z.string().describe('What is done, such as script.'),
    isDryRun: z
      .boolean()
      .describe('true: nothing is or was done, whatever the state says: it shows what would have been.'),
    state: z.enum(MITIGATION_STATES),
    does: z.string().describe('What is done, in words.'),
    playbook: z.string().optional().describe('The playbook that wants it; missing: the built-in one.'),
    step: count.optional().describe('At which of its steps, from 0.'),
    reason: z.string(),
    createdAt: moment,
    expiresAt: moment.describe('It ends then, unless its attack is still seen.'),
    ttlSeconds: count.describe('It is extended by so long at a time.'),
    isStanding: z.boolean().describe('true: its ban lasts until somebody ends it, and renews it.'),
    error: z.string().optional().describe('Why it failed, or was refused.'),
  })
  .describe('A mitigation: what is done about an attack.')

export const findingSchema = z
  .object({
    parts: z
      .array(
        z.object({
          vector: z.string().describe('Name of a vector of the reference, or unknown.'),
          share: z.number().min(0).max(1).describe('Of the packets or of the bytes, whichever is more.'),
          reasons: z.array(z.string()),
        }),
      )
      .describe('The largest first, unknown last; several make a mixed attack.'),
    confidence: z.number().min(0).max(1),
    packets: count.describe('Packets that were looked at.'),
  })
  .describe('What its packets say it is.')

const part = z.number().min(0).max(1)

const takenSchema = z.object({
  share: part,
  low: part.describe('The interval in which it lies with 95 % certainty.'),
  high: part,
  matched: count.describe('Packets.'),
  of: count,
})

export const proposedSchema = z
  .object({
    at: moment.describe('When the packets were seen it comes from.'),
    result: z
      .enum(['rules', 'inseparable', 'too-few'])
      .describe(
        'inseparable: whatever takes the flood takes honest traffic as well, so nothing is discarded.',
      ),
    text: z.string().describe('All of it in one phrase.'),
    targets: z.array(z.string()).describe('Destinations the rules hold for; each rule names the first.'),
    rules: z.array(
      z.object({
        rule: z.string().describe('As it would be announced, with the action discard.'),
        attack: takenSchema.describe('Of the packets seen during the attack.'),
        normal: takenSchema.optional().describe('Of calm packets; missing: none are known.'),
        because: z.array(z.string()).describe('A sentence for each component.'),
      }),
    ),
    attack: takenSchema.optional().describe('What all rules take of the packets seen during the attack.'),
    normal: takenSchema.optional(),
    before: takenSchema
      .optional()
      .describe('What the rules of before take of these packets: the rest would have passed.'),
    reason: z.string().optional().describe('Why there is no rule.'),
    nextAction: z.enum(['rate-limit', 'divert']).optional().describe('What is worth trying instead.'),
    alternatives: z
      .array(z.object({ text: z.string(), attack: part, normal: part.optional(), why: z.string() }))
      .describe('What else was looked at, and why it was not taken.'),
  })
  .describe('Rules that its packets suggest. Playbooks say what is done with them.')

export const reportedSchema = z
  .object({
    source: z.string().describe('Name of the foreign detector, or the operator who ordered it.'),
    vector: z.string().describe('As its source calls it.'),
    confidence: z.number().min(0).max(1),
    ports: z.array(count).describe('Of the target, that the flood goes to; empty: not known.'),
    order: z
      .object({
        kind: z.enum(['rate-limit', 'discard', 'accept', 'blackhole']),
        bitsPerSecond: speed.optional(),
        packetsPerSecond: speed.optional(),
        ttlSeconds: count,
        reason: z.string(),
        flow: z.string().optional().describe('What a rule matches that a person wrote.'),
        isMonitored: z.boolean().optional().describe('It is shown and never carried out.'),
      })
      .optional()
      .describe('What an operator ordered in place of what playbooks say.'),
  })
  .describe('What somebody else said of it.')

export const noteSchema = z
  .object({ at: moment, by: z.string().describe('As the audit calls whoever did.') })
  .describe('Who noted that he has seen the attack, and when.')

export const attackSchema = z.object({
  id: z.string(),
  host,
  scope,
  prefixes,
  family,
  state: z.enum(['open', 'ended']),
  origin: z.enum(['detected', 'manual', 'event']),
  reported: reportedSchema.optional().describe('Missing for what was found here, and for bans.'),
  hostgroup: z.string(),
  direction: z.enum(DIRECTIONS),
  type: z.enum(['syn_flood', 'icmp_flood', 'ip_fragmentation', 'udp_flood', 'unknown']),
  protocol: z.enum(['tcp', 'udp', 'icmp', 'unknown']),
  power: speed.describe('Packets per second when it opened.'),
  peak: speed.describe('Highest packets per second since.'),
  openedAt: moment,
  banSeconds: count.describe('The ban lasts at least so long; 0: until somebody ends it.'),
  isOver: z.boolean().describe('Whether traffic is over a limit now.'),
  endedAt: moment.optional(),
  endedBy: z.enum(['finished', 'operator', 'configuration']).optional(),
  because: z.string().optional().describe('In the words of whoever ended it.'),
  crossing: crossingSchema.optional().describe('Missing for a manual ban.'),
  finding: findingSchema.optional().describe('Missing while too few packets were seen.'),
  why: z.string().describe('The crossing in one sentence.'),
  decision: z.string().describe('What policy decided and why, in one sentence.'),
  mitigations: z.array(measureSchema),
  proposed: proposedSchema.optional().describe('Missing: no rules were sought, or none are known yet.'),
  customer: z.string().optional().describe('Id in the inventory.'),
  service: z.string().optional().describe('Id in the inventory.'),
  pop: z.string().optional().describe('Id in the inventory.'),
  acknowledged: noteSchema.optional().describe('Missing: nobody has yet.'),
})

const word = z.string().min(1).max(128)

export const attacksInput = z.strictObject({
  ...{ ...pageInput, ...spanInput },
  state: z.enum(['open', 'ended', 'all']).default('all'),
  host: targetInput
    .optional()
    .describe('Only those on this address; of an attack on prefixes the first of them.'),
  customer: word.optional().describe('Only those of this customer of the inventory.'),
  hostgroup: word.optional().describe('Only those in this hostgroup; global: in none.'),
  direction: z.enum(DIRECTIONS).optional(),
})
export const attacksSchema = z.object({
  attacks: z.array(attackSchema).describe('Newest first.'),
  total: count.describe(
    'How many of those in memory fit, also beyond the limit: all open ones, and the newest that ended.',
  ),
  nextCursor,
})

export const attackInput = z.strictObject({ id: z.string().min(1).max(64) })
/** The report of an attack as a document; its shape is that of the report, not of this API. */
export const attackReportSchema = z.record(z.string(), z.unknown())

export type Attack = z.infer<typeof attackSchema>
export type Attacks = z.infer<typeof attacksSchema>
export type AttacksQuery = z.infer<typeof attacksInput>
export type AttackReport = z.infer<typeof attackReportSchema>
export type Reported = z.infer<typeof reportedSchema>
export type Finding = z.infer<typeof findingSchema>
export type Crossing = z.infer<typeof crossingSchema>
export type Suspicion = z.infer<typeof suspicionSchema>
export type Proposed = z.infer<typeof proposedSchema>
export type Measure = z.infer<typeof measureSchema>
