// `rule add` and `rule preview`: a rule as text, or a target, an action and the fields that it matches.

import type { Command } from 'commander'
import { ROUTES } from '#api/contract/routes.ts'
import type { RulePreview } from '#api/contract/rule-preview.ts'
import { RULE_ACTIONS, type RuleMade, type RuleView } from '#api/contract/rules.ts'
import { FIELD_TYPES, type FieldName, type Fields } from '#lib/flowspec/fields.ts'
import { type AskFlags, ask } from '../ask.ts'
import { addJson, addState, addVerb, type Context } from '../context.ts'
import { expiryMoment, wholeNumber } from '../parse.ts'
import { addEnd, type EndFlags, endOf, oneRuleText } from './rule-words.ts'

type MakeFlags = AskFlags &
  EndFlags &
  Fields & {
    readonly bitsPerSecond?: number
    readonly packetsPerSecond?: number
    readonly starts?: string
    readonly reason?: string
    readonly extend?: true
  }

type Action = (typeof RULE_ACTIONS)[number]

export function addRuleMaking(rule: Command, context: Context): void {
  const examples = [
    'rule add 192.0.2.1 discard --protocol =udp --source-port =123 --ttl 2h --reason "ticket 4711"',
    "rule add 'destination 192.0.2.0/28 protocol =gre then discard' --ttl 600 --reason x --starts 2027-01-01T02:00:00Z",
    'rule add 192.0.2.1 monitor --protocol =tcp --ttl 1d --reason "how much is it"',
  ]
  withRule(addVerb(rule, 'add', 'make a rule, for a while and with a reason', examples))
    .requiredOption('--reason <text>', 'why, for the audit')
    .option('--extend', 'when a live rule matches the same, have that one last as long')
    .action((what: string, action: Action | undefined, _: unknown, self: Command) => {
      const flags = self.optsWithGlobals<MakeFlags>()
      const ifExists = flags.extend ? 'extend' : 'refuse'
      const request = { ...wordsOf(what, action, flags), reason: flags.reason ?? '', ifExists } as const
      return ask(context, flags, ROUTES.addRule, request, madeText)
    })
  withRule(
    addVerb(rule, 'preview', 'what a rule would match of the last minute; nothing is made', [
      'rule preview 192.0.2.1 discard --protocol =udp --source-port =123',
    ]),
  ).action((what: string, action: Action | undefined, _: unknown, self: Command) => {
    const flags = self.optsWithGlobals<MakeFlags>()
    return ask(context, flags, ROUTES.previewRule, wordsOf(what, action, flags), previewText)
  })
}

function withRule(verb: Command): Command {
  addEnd(addState(addJson(verb)))
    .argument('<target>', 'address or prefix; or the whole rule as text, with its destination')
    .addArgument(verb.createArgument('[action]', 'what routers do').choices([...RULE_ACTIONS]))
    .option('--bits-per-second <count>', 'rate-limit: so much passes', wholeNumber(1, 1e13))
    .option('--packets-per-second <count>', 'rate-limit: so many packets pass', wholeNumber(1, 1e10))
    .option('--starts <when>', 'it begins at a moment such as 2027-01-01T00:00:00Z', expiryMoment)
  for (const [field, what] of Object.entries(FIELDS))
    verb.option(`--${FIELD_TYPES[field as FieldName]} <list>`, what)
  return verb
}

const FIELDS: Readonly<Record<FieldName, string>> = {
  source: 'prefix it comes from',
  protocol: 'protocols, such as =udp or =tcp,=udp',
  port: 'ports at either end',
  destinationPort: 'ports at the target, such as <=79,>=81',
  sourcePort: 'ports at the source, such as =123',
  icmpType: 'types of ICMP',
  icmpCode: 'codes of ICMP',
  tcpFlags: 'flags of TCP, such as =syn&!ack',
  packetLength: 'octets of the packet, such as >=1000&<=1500',
  dscp: 'code points',
  fragment: 'kinds of fragments, such as is-fragment',
  flowLabel: 'flow labels of IPv6',
}

/** Whoever writes blanks writes a rule, and no target. */
function wordsOf(what: string, action: Action | undefined, flags: MakeFlags) {
  const { bitsPerSecond, packetsPerSecond, starts } = flags
  const named = Object.keys(FIELDS).flatMap(field => {
    const value = flags[field as FieldName]
    return value === undefined ? [] : [[field, value] as const]
  })
  return {
    ...(/\s/.test(what.trim()) ? { rule: what } : { target: what }),
    ...(action === undefined ? {} : { action }),
    ...(named.length === 0 ? {} : { match: Object.fromEntries(named) }),
    ...(bitsPerSecond === undefined ? {} : { bitsPerSecond }),
    ...(packetsPerSecond === undefined ? {} : { packetsPerSecond }),
    ...(starts === undefined ? {} : { startsAt: starts }),
    ...endOf(flags),
  }
}

function madeText({ outcome, rule }: RuleMade): string {
  const what = outcome === 'created' ? 'Made' : 'A live rule matches the same, and lasts as long'
  return `${what}: ${rule.id} is ${standsText(rule)}.\n${oneRuleText(rule)}`
}

const standsText = ({ state, dryRun }: RuleView): string => (dryRun ? `${state}, in a dry run` : state)

export function previewText({ rule, refusals, underAttack, traffic }: RulePreview): string {
  const lines = [
    rule,
    ...(refusals.length === 0
      ? ['It would be made.']
      : ['It would be refused:', ...refusals.map(({ by, reason }) => `  ${reason} (${by})`)]),
    underAttack ? 'Its target is under attack.' : 'Its target is under no attack that is known.',
  ]
  if (traffic === undefined)
    return `${[...lines, 'What it would match is not known: ask again.'].join('\n')}\n`
  const { seconds, packets, bits, friends } = traffic
  if (packets.of === 0)
    return `${[...lines, 'There are no samples of its target from the last minute.'].join('\n')}\n`
  return `${[
    ...lines,
    `Of ${packets.of} samples of the last ${seconds} s it matches ${packets.matched}:`,
    `  ${percent(packets)} of the packets, ${percent(bits)} of the bits`,
    friends.of === 0
      ? '  of sources that talked with the target before nothing was seen'
      : `  ${percent(friends)} of the packets of sources that talked with the target before`,
  ].join('\n')}\n`
}

const percent = ({ share, low, high }: { share: number; low: number; high: number }): string =>
  `${(share * 100).toFixed(1)} % (${(low * 100).toFixed(1)} to ${(high * 100).toFixed(1)})`
