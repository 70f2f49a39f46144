// `rule templates`, `rule apply-template` and `rule apply-default-pack`: rules that people need often.

import type { Command } from 'commander'
import { ROUTES } from '#api/contract/routes.ts'
import { type PackMade, TEMPLATES, type Templates } from '#api/contract/rule-templates.ts'
import { FIELD_TYPES, type FieldName } from '#lib/flowspec/fields.ts'
import { type AskFlags, ask } from '../ask.ts'
import { addJson, addState, addVerb, type Context } from '../context.ts'
import { expiryMoment, portList, targetText } from '../parse.ts'
import { table } from '../table.ts'
import { addEnd, type EndFlags, endOf } from './rule-words.ts'
import { networkTexts } from './users.ts'

interface TemplateFlags extends AskFlags, EndFlags {
  readonly ports?: number[]
  readonly starts?: string
  readonly reason: string
  readonly extend?: true
}

interface PackFlags extends AskFlags, EndFlags {
  readonly network?: string[]
  readonly reason: string
}

type Template = (typeof TEMPLATES)[number]

export function addRuleTemplates(rule: Command, context: Context): void {
  const listing = addVerb(rule, 'templates', 'list the templates and what they do', ['rule templates'])
  addState(addJson(listing)).action((_: unknown, self: Command) =>
    ask(context, self.optsWithGlobals<AskFlags>(), ROUTES.templates, {}, templatesText),
  )
  const applying = addVerb(rule, 'apply-template', 'drop what a server of one service does not need', [
    'rule apply-template web 192.0.2.80 --ttl 1h --reason "flood on the shop"',
    'rule apply-template web 192.0.2.80 --ports 80,443,8443 --ttl 1h --reason "flood on the shop"',
  ])
  addEnd(addState(addJson(applying)))
    .addArgument(applying.createArgument('<template>', 'what the server is for').choices([...TEMPLATES]))
    .argument('<target>', 'address or prefix of the server', targetText)
    .option('--ports <list>', 'where it is reached, in place of the usual ports', portList)
    .option('--starts <when>', 'it begins at a moment such as 2027-01-01T00:00:00Z', expiryMoment)
    .option('--extend', 'have rules that are there already last as long')
    .requiredOption('--reason <text>', 'why, for the audit')
    .action((name: Template, target: string, _: unknown, self: Command) => {
      const flags = self.optsWithGlobals<TemplateFlags>()
      const { ports, starts, reason, extend } = flags
      const request = {
        ...{ name, target, reason, ...endOf(flags) },
        ...(ports === undefined ? {} : { ports }),
        ...(starts === undefined ? {} : { startsAt: starts }),
        ...(extend ? { ifExists: 'extend' as const } : {}),
      }
      return ask(context, flags, ROUTES.applyTemplate, request, packText)
    })
  const pack = addVerb(
    rule,
    'apply-default-pack',
    'drop what no network wants, until somebody withdraws it',
    [
      'rule apply-default-pack --reason "as always"',
      'rule apply-default-pack --network 192.0.2.0/24 --ttl 1d --reason "tonight"',
    ],
  )
  addEnd(addState(addJson(pack)))
    .option('--network <prefix...>', 'for these networks; else for all of ours', networkTexts)
    .requiredOption('--reason <text>', 'why, for the audit')
    .action((_: unknown, self: Command) => {
      const flags = self.optsWithGlobals<PackFlags>()
      const { network: networks, reason } = flags
      const request = { reason, ...endOf(flags), ...(networks && { networks }) }
      return ask(context, flags, ROUTES.applyPack, request, packText)
    })
}

export function templatesText({ templates }: Templates): string {
  const rows = templates.flatMap(({ name, what, rules }) =>
    rules.map((rule, at) => [
      ...(at === 0 ? [name, what] : ['', '']),
      rule.what,
      Object.entries(rule.match)
        .map(([field, value]) => `${FIELD_TYPES[field as FieldName]} ${value}`)
        .join(' '),
      rule.action,
    ]),
  )
  return table([['template', 'for', 'rule', 'matches', 'does'], ...rows])
}

export function packText({ results, made }: PackMade): string {
  const rows = results.map(({ target, what, outcome, rule, problem = '' }) => [
    ...[target, what, outcome, rule?.id ?? '', rule?.state ?? problem],
  ])
  return `${made} of ${results.length} rules are there.\n${table(rows)}`
}
