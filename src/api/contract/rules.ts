// Rules by people: FlowSpec rules that somebody writes, for a while and with a reason, and what became of them.

import { z } from 'zod'
import { nextCursor, pageInput, wordsInput } from './paging.ts'
import { checkRule } from './rule-text.ts'
import { count, moment, plainText, reasonInput, targetInput, when } from './values.ts'

export const RULE_STATES = [
  ...(['scheduled', 'pending', 'active', 'monitored', 'failed'] as const),
  ...(['refused', 'expired', 'withdrawn'] as const),
] as const
/** `live` stands for all that are not over, `ended` for those that are. */
export const RULE_STATE_WORDS = ['live', 'ended', ...RULE_STATES] as const
export const RULE_ACTIONS = ['discard', 'rate-limit', 'accept', 'monitor'] as const
export const RULE_KINDS = ['filter', 'blackhole'] as const

/** Rules of one order at most. */
export const RULES_AT_ONCE = 1000
const YEAR_SECONDS = 31_536_000

export const ruleIdInput = z.string().min(1).max(64)

const list = (what: string, example: string) =>
  z
    .string()
    .min(1)
    .max(1024)
    .optional()
    .describe(what)
    .meta({ examples: [example] })

export const ruleMatchInput = z
  .strictObject({
    source: list('Prefix it comes from.', '198.51.100.0/24'),
    protocol: list('Protocols by name or number.', '=udp'),
    port: list('Ports at either end.', '=53'),
    destinationPort: list('Ports at the target.', '<=79,>=81&<=442,>=444'),
    sourcePort: list('Ports at the source.', '=123'),
    icmpType: list('Types of ICMP.', '=8'),
    icmpCode: list('Codes of ICMP.', '=0'),
    tcpFlags: list('Flags of TCP.', '=syn&!ack'),
    packetLength: list('Octets of the IP packet.', '>=1000&<=1500'),
    dscp: list('Differentiated services code point.', '=46'),
    fragment: list('What kind of fragment.', 'is-fragment+first+last'),
    flowLabel: list('Flow label of IPv6.', '=0'),
  })
  .describe('What the rule matches beside its target, each in the words of docs/reference/flowspec.md.')

const rates = {
  bitsPerSecond: z.number().positive().max(1e13).optional().describe('rate-limit: so many bits pass.'),
  packetsPerSecond: z
    .number()
    .positive()
    .max(1e10)
    .optional()
    .describe('rate-limit: so many packets pass, in place of bits.'),
}

export const ruleSpan = {
  startsAt: when.optional().describe('It is pending until then. Missing: it begins at once.'),
  until: when.optional().describe('It ends then.'),
  ttlSeconds: z.int().min(1).max(YEAR_SECONDS).optional().describe('It ends so long after its start.'),
}

export const ruleWords = {
  rule: z
    .string()
    .min(1)
    .max(4096)
    .optional()
    .describe(
      'The rule as text with its destination, in place of target and match; also what is done, after then.',
    )
    .meta({ examples: ['destination 192.0.2.1/32 protocol =udp source-port =123 then discard'] }),
  target: targetInput.optional().describe('IPv4 or IPv6 address or prefix to protect.'),
  match: ruleMatchInput.optional(),
  action: z
    .enum(RULE_ACTIONS)
    .optional()
    .describe(
      'What routers do with what matches. accept: it passes, whatever other rules say. monitor: it is shown and never announced.',
    ),
  ...rates,
}

/** Where both ends are named, or neither is. */
export const oneEnd = (
  { until, ttlSeconds }: { readonly until?: string | undefined; readonly ttlSeconds?: number | undefined },
  context: z.RefinementCtx,
): void => {
  if ((until === undefined) === (ttlSeconds === undefined))
    context.addIssue({
      ...{ code: 'custom', path: ['ttlSeconds'], message: 'expected until or ttlSeconds: every rule ends' },
    })
}

export const ifExists = z
  .enum(['refuse', 'extend'])
  .default('refuse')
  .describe(
    'When a live rule matches the same: refuse this one, or have the one there is last as long as this would.',
  )
export const ruleReason = plainText(256).min(1).describe('Why, for the audit.')

export const ruleInput = z
  .strictObject({ ...ruleWords, ...ruleSpan, reason: ruleReason, ifExists })
  .superRefine((input, context) => {
    checkRule(input, context)
    oneEnd(input, context)
  })

export const ruleSchema = z
  .object({
    id: z.string(),
    kind: z.enum(RULE_KINDS),
    state: z
      .enum(RULE_STATES)
      .describe(
        'scheduled: it begins later. pending: routers are asked, or it waits for room. active: they have it. monitored: it is only shown. failed: they could not be told. refused: policy or the router refuses it.',
      ),
    target: z.string().describe('Address or prefix that it is about.'),
    rule: z.string().describe('As text, with what is done; of a blackhole its prefix.'),
    action: z.enum([...RULE_ACTIONS, 'blackhole']),
    bitsPerSecond: z.number().optional(),
    packetsPerSecond: z.number().optional(),
    reason: z.string(),
    createdAt: moment,
    createdBy: z.string().describe('As the audit calls whoever made it.'),
    via: z.string().describe('How it came: api, ddps, template NAME or default pack.'),
    customer: z.string().optional().describe('Id in the inventory of whose target it is.'),
    startsAt: moment,
    endsAt: moment.describe('When it ends by itself.'),
    renews: z.boolean().describe('It is extended by itself until somebody withdraws it.'),
    endedAt: moment.optional(),
    endedBy: z.string().optional().describe('Whoever withdrew it.'),
    dryRun: z.boolean().describe('It is shown and not announced, because nothing is armed.'),
    problem: z.string().optional().describe('Why it is pending, failed or refused.'),
    attackId: z.string().optional().describe('The attack it is carried out as.'),
  })
  .describe('A rule by a person.')

export const rulesInput = z.strictObject({
  ...pageInput,
  state: wordsInput(RULE_STATE_WORDS)
    .optional()
    .describe('One or several states, parted by commas; live: not over, ended: over. Missing: all.'),
  kind: z.enum(RULE_KINDS).optional().describe('Only rules, or only blackholes.'),
  target: targetInput.optional().describe('Only those about something within it.'),
  customer: z.string().min(1).max(128).optional(),
  action: z.enum([...RULE_ACTIONS, 'blackhole']).optional(),
  createdBy: z
    .string()
    .min(1)
    .max(128)
    .optional()
    .describe('Only those of this person, as the audit calls him.'),
  via: z.string().min(1).max(64).optional(),
})
export const rulesSchema = z.object({
  rules: z.array(ruleSchema).describe('Newest first.'),
  nextCursor,
  live: count.describe('How many are live, of those that the caller may see.'),
})

export const ruleShowInput = z.strictObject({ id: ruleIdInput })
export const ruleMadeSchema = z.object({
  outcome: z.enum(['created', 'extended']).describe('extended: there was a live one that matches the same.'),
  rule: ruleSchema,
})

export const ruleExtendInput = z
  .strictObject({
    id: ruleIdInput,
    until: ruleSpan.until,
    ttlSeconds: ruleSpan.ttlSeconds,
    reason: reasonInput,
  })
  .superRefine(oneEnd)
export const ruleWithdrawInput = z.strictObject({ id: ruleIdInput, reason: reasonInput })
export const ruleWithdrawnSchema = z.object({
  outcome: z.enum(['withdrawn', 'over']).describe('over: it was over already, nothing changed.'),
  rule: ruleSchema,
})

export const blackholeInput = z
  .strictObject({
    prefix: targetInput.describe('What is blackholed.'),
    ...ruleSpan,
    reason: ruleReason,
    ifExists,
  })
  .superRefine(oneEnd)
export const blackholeEndInput = z.strictObject({ prefix: targetInput, reason: reasonInput })

export const panicInput = z.strictObject({
  confirm: z.literal(true).describe('true: it is meant.'),
  reason: reasonInput,
})
export const panicSchema = z.object({
  rules: count.describe('Rules and blackholes by people that are withdrawn for good.'),
  mitigations: count.describe('All that was held and is taken back, those of detection among them.'),
  stillHeld: count.describe('Those of them that nobody has confirmed to be gone yet.'),
  armed: z.literal(false),
  liftedBy: z.string().describe('What has things announced again.'),
})

export type RuleState = (typeof RULE_STATES)[number]
export type RuleView = z.infer<typeof ruleSchema>
export type RuleRequest = z.infer<typeof ruleInput>
export type RulesQuery = z.infer<typeof rulesInput>
export type Rules = z.infer<typeof rulesSchema>
export type RuleMade = z.infer<typeof ruleMadeSchema>
export type RuleExtension = z.infer<typeof ruleExtendInput>
export type RuleWithdrawn = z.infer<typeof ruleWithdrawnSchema>
export type BlackholeRequest = z.infer<typeof blackholeInput>
export type PanicRequest = z.infer<typeof panicInput>
export type Panic = z.infer<typeof panicSchema>
