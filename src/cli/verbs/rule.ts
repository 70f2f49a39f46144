// `rule`: FlowSpec rules by people: listed, made, previewed, extended, taken back; from templates and from files.

import type { Command } from 'commander'
import { ROUTES } from '#api/contract/routes.ts'
import { RULE_STATE_WORDS, type RulesQuery } from '#api/contract/rules.ts'
import { type AskFlags, ask } from '../ask.ts'
import { addJson, addSame, addState, addVerb, type Context } from '../context.ts'
import { targetText, wholeNumber } from '../parse.ts'
import { addRuleChanges } from './rule-change.ts'
import { addRuleImport } from './rule-import.ts'
import { addRuleMaking } from './rule-make.ts'
import { addRulePost } from './rule-post.ts'
import { addRuleTemplates } from './rule-templates.ts'
import { oneRuleText, rulesText } from './rule-words.ts'

interface ListFlags extends AskFlags {
  readonly limit: number
  readonly all?: true
  readonly inState?: NonNullable<RulesQuery['state']>[number]
  readonly target?: string
  readonly customer?: string
  readonly cursor?: string
}

export function addRule(program: Command, context: Context): void {
  const rule = addVerb(program, 'rule', 'list the rules that people made, make and take back some', [
    'rule',
    'rule list --all --target 192.0.2.0/24',
    'rule add 192.0.2.1 discard --protocol =udp --source-port =123 --ttl 2h --reason "ticket 4711"',
    "rule preview 'destination 192.0.2.1/32 protocol =tcp tcp-flags =syn&!ack then rate 125000 bytes/s'",
    'rule extend mi7kq3l9-r1 --ttl 1d',
    'rule withdraw mi7kq3l9-r1 --reason "it is over"',
    'rule apply-template dns 192.0.2.53 --ttl 1h --reason "flood on the resolver"',
    'rule import rule.json',
    'rule post rule.json',
  ])
  addFilters(rule).action((flags: ListFlags) => list(context, flags))
  addFilters(addSame(rule, 'list', 'rule list --in-state scheduled')).action((_: unknown, self: Command) =>
    list(context, self.optsWithGlobals<ListFlags>()),
  )
  addState(addJson(addVerb(rule, 'show', 'print one rule', ['rule show mi7kq3l9-r1'])))
    .argument('<id>', 'as the list names it')
    .action((id: string, _: unknown, self: Command) =>
      ask(context, self.optsWithGlobals<AskFlags>(), ROUTES.rule, { id }, oneRuleText),
    )
  addRuleMaking(rule, context)
  addRuleChanges(rule, context)
  addRuleTemplates(rule, context)
  addRuleImport(rule, context)
  addRulePost(rule, context)
}

const addFilters = (verb: Command): Command =>
  addState(addJson(verb))
    .option('--limit <count>', 'at most so many, newest first', wholeNumber(1, 1000), 100)
    .option('--all', 'also those that are over')
    .addOption(
      verb.createOption('--in-state <state>', 'only those in this state').choices([...RULE_STATE_WORDS]),
    )
    .option('--target <prefix>', 'only those about something within it', targetText)
    .option('--customer <id>', 'only those of this customer')
    .option('--cursor <text>', 'the next page, as the one before tells it')

function list(context: Context, flags: ListFlags): Promise<void> {
  const { limit, all, inState, target, customer, cursor } = flags
  const state = inState ?? (all ? undefined : 'live')
  const query = { limit, target, customer, cursor, ...(state === undefined ? {} : { state }) }
  return ask(context, flags, ROUTES.rules, query, rulesText)
}
