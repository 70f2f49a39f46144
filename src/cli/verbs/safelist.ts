// `safelist`: prefixes that are never touched; `add` and `remove` while the daemon runs.

import type { Command } from 'commander'
import { ROUTES } from '#api/contract/routes.ts'
import type { SafeEntry, SafelistView } from '#api/contract/safelist.ts'
import { momentText } from '#lib/clock/local-time.ts'
import { type AskFlags, ask } from '../ask.ts'
import { addJson, addSame, addState, addVerb, type Context } from '../context.ts'
import { targetText, wholeNumber } from '../parse.ts'
import { table } from '../table.ts'

interface AddFlags extends AskFlags {
  readonly reason: string
  readonly ttl?: number
}

const TEN_YEARS_SECONDS = 315_360_000

export function addSafelist(program: Command, context: Context): void {
  const verb = addVerb(program, 'safelist', 'list the prefixes that are never touched, add and remove some', [
    'safelist',
    'safelist add 192.0.2.53 --reason resolver',
    'safelist add 192.0.2.0/28 --reason "maintenance" --ttl 3600',
    'safelist remove 192.0.2.53',
  ])
  const list = (flags: AskFlags) => ask(context, flags, ROUTES.safelist, {}, safelistText)
  addState(addJson(verb)).action(list)
  addState(addJson(addSame(verb, 'list', 'safelist list --json'))).action((_: unknown, self: Command) =>
    list(self.optsWithGlobals<AskFlags>()),
  )
  const adding = 'never touch a prefix from now on; what is done inside is taken back'
  addState(addJson(addVerb(verb, 'add', adding, ['safelist add 2001:db8::/64 --reason "name servers"'])))
    .argument('<prefix>', 'address or prefix', targetText)
    .requiredOption('--reason <text>', 'why; it stands in every refusal')
    .option('--ttl <seconds>', 'it ends after so long', wholeNumber(1, TEN_YEARS_SECONDS))
    .action((prefix: string, _: unknown, self: Command) => {
      const flags = self.optsWithGlobals<AddFlags>()
      const { reason, ttl: ttlSeconds } = flags
      return ask(context, flags, ROUTES.addSafe, { prefix, reason, ttlSeconds }, addedText)
    })
  const removing = 'take out a prefix that was added; those of the file are taken out there'
  addState(addJson(addVerb(verb, 'remove', removing, ['safelist remove 2001:db8::/64'])))
    .argument('<prefix>', 'as the list names it')
    .action((prefix: string, _: unknown, self: Command) => {
      const flags = self.optsWithGlobals<AskFlags>()
      return ask(
        context,
        flags,
        ROUTES.removeSafe,
        { prefix },
        entry => `${entry.prefix} may be touched again.\n`,
      )
    })
}

const addedText = (entry: SafeEntry): string => `${entry.prefix} is never touched${untilText(entry)}.\n`

const untilText = ({ expiresAt }: SafeEntry): string =>
  expiresAt === undefined ? '' : ` until ${momentText(Date.parse(expiresAt))}`

export function safelistText({ safelist }: SafelistView): string {
  if (safelist.length === 0) return 'Nothing is safelisted.\n'
  const rows = safelist.map(
    ({ prefix, from, reason = '', addedBy = '', inNameOf, expiresAt, problem = '' }) => [
      ...[prefix, from, reason, inNameOf === undefined ? addedBy : `${addedBy} for ${inNameOf}`],
      expiresAt === undefined ? '' : momentText(Date.parse(expiresAt)),
      problem,
    ],
  )
  return table([['prefix', 'from', 'reason', 'by', 'until', ''], ...rows])
}
