// `blackhole`: routes that drop all traffic to an address or prefix of ours, by hand.

import type { Command } from 'commander'
import { ROUTES } from '#api/contract/routes.ts'
import { type AskFlags, ask } from '../ask.ts'
import { addJson, addState, addVerb, type Context } from '../context.ts'
import { expiryMoment, targetText } from '../parse.ts'
import { addEnd, type EndFlags, endOf, oneRuleText, rulesText } from './rule-words.ts'

interface AddFlags extends AskFlags, EndFlags {
  readonly reason: string
  readonly starts?: string
  readonly extend?: true
}

export function addBlackhole(program: Command, context: Context): void {
  const verb = addVerb(
    program,
    'blackhole',
    'drop all traffic to an address or prefix of ours, for a while',
    ['blackhole show', 'blackhole add 192.0.2.1 --ttl 1h --reason "ticket 4711"', 'blackhole del 192.0.2.1'],
  )
  const show = (flags: AskFlags) =>
    ask(context, flags, ROUTES.rules, { kind: 'blackhole', state: 'live', limit: 1000 }, rulesText)
  addState(addJson(verb)).action(show)
  addState(addJson(addVerb(verb, 'show', 'list those that are live', ['blackhole show']))).action(
    (_: unknown, self: Command) => show(self.optsWithGlobals<AskFlags>()),
  )
  const adding = addVerb(verb, 'add', 'blackhole a prefix', [
    'blackhole add 2001:db8::/64 --ttl 600 --reason x',
  ])
  addEnd(addState(addJson(adding)))
    .argument('<prefix>', 'address or prefix', targetText)
    .requiredOption('--reason <text>', 'why, for the audit')
    .option('--starts <when>', 'it begins at a moment such as 2027-01-01T00:00:00Z', expiryMoment)
    .option('--extend', 'when it is blackholed already, have that last as long')
    .action((prefix: string, _: unknown, self: Command) => {
      const flags = self.optsWithGlobals<AddFlags>()
      const { reason, starts, extend } = flags
      const request = {
        ...{ prefix, reason, ...endOf(flags) },
        ...(starts === undefined ? {} : { startsAt: starts }),
        ...(extend ? { ifExists: 'extend' as const } : {}),
      }
      return ask(context, flags, ROUTES.addBlackhole, request, ({ rule }) => oneRuleText(rule))
    })
  addState(addJson(addVerb(verb, 'del', 'end a blackhole', ['blackhole del 192.0.2.1 --reason over'])))
    .argument('<prefix>', 'as it was added', targetText)
    .option('--reason <text>', 'why, for the audit')
    .action((prefix: string, _: unknown, self: Command) => {
      const flags = self.optsWithGlobals<AskFlags & { readonly reason?: string }>()
      const { reason } = flags
      const request = { prefix, ...(reason === undefined ? {} : { reason }) }
      return ask(context, flags, ROUTES.endBlackhole, request, () => `${prefix} is blackholed no more.\n`)
    })
}
