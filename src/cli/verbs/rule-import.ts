// `rule import`: rules of DDPS's files, shown first and made when that is wanted.

import type { Command } from 'commander'
import { failureText } from '#api/contract/failure-text.ts'
import { ROUTES } from '#api/contract/routes.ts'
import {
  addJson,
  addState,
  addVerb,
  type Context,
  EXIT,
  type JsonFlag,
  printJson,
  type StateFlag,
} from '../context.ts'
import { doorOf } from '../door.ts'
import type { RuleOfFile } from '../local-verbs.ts'
import { table } from '../table.ts'

interface ImportFlags extends StateFlag, JsonFlag {
  readonly apply?: true
  readonly skipUnreadable?: true
}

/** What became of a rule: its id, or why there is none. */
interface Made {
  readonly id?: string
  readonly problem?: string
}

const EXAMPLES = [
  'rule import rule.json',
  'rule import /var/spool/ddps --apply',
  'rule import newrules-*.dat --apply --skip-unreadable',
]

export function addRuleImport(rule: Command, context: Context): void {
  addState(addJson(addVerb(rule, 'import', "show the rules of DDPS's files, or make them", EXAMPLES)))
    .argument(
      '<file...>',
      'JSON of fourteen keys, newrules-*.dat of the older generation, or folders of them',
    )
    .option('--apply', 'make them; without it they are only shown')
    .option('--skip-unreadable', 'make those that can be read although others cannot')
    .action((files: string[], _: unknown, self: Command) =>
      importRules(context, files, self.optsWithGlobals<ImportFlags>()),
    )
}

async function importRules(context: Context, files: readonly string[], flags: ImportFlags): Promise<void> {
  const { io, verbs } = context
  const { rules, problems } = await verbs.ruleFiles({ files })
  for (const { at, problem } of problems) io.err(`${at}: ${problem}\n`)
  const isHeld = problems.length > 0 && flags.skipUnreadable !== true
  const made = flags.apply && !isHeld ? await makeAll(context, rules, flags) : undefined
  if (flags.json) printJson(io, { rules: rules.map((rule, at) => ({ ...rule, ...made?.[at] })), problems })
  else io.out(textOf(rules, made))
  if (!flags.json && flags.apply !== true && rules.length > 0)
    io.err('floodwarden: nothing was made; say --apply to make them\n')
  if (flags.apply && isHeld)
    io.err('floodwarden: nothing was made; put this right, or say --skip-unreadable to make the others\n')
  const isRefused = made?.some(({ problem }) => problem !== undefined) ?? false
  context.exitCode = problems.length > 0 || isRefused ? EXIT.failed : EXIT.ok
}

/** One after the other, in the order of the files; when nobody answers, the rest is not tried. */
async function makeAll({ io }: Context, rules: readonly RuleOfFile[], flags: ImportFlags): Promise<Made[]> {
  const client = io.connect(doorOf(io, flags))
  const made: Made[] = []
  for (const { at, rule, isWatched, seconds, description } of rules) {
    const wanted = {
      rule,
      ttlSeconds: seconds,
      reason: description,
      ...(isWatched && { action: 'monitor' as const }),
    }
    const reply = await client.call(ROUTES.addRule, wanted)
    if (reply.kind === 'ok') made.push({ id: reply.value.rule.id })
    else {
      const problem = failureText(reply.failure)
      io.err(`${at}: ${problem}\n`)
      made.push({ problem })
      if (reply.failure.kind !== 'refused') break
    }
  }
  return made
}

function textOf(rules: readonly RuleOfFile[], made: readonly Made[] | undefined): string {
  if (rules.length === 0) return 'no rule can be read\n'
  const rows = rules.map(({ at, rule, isWatched, seconds, description }, index) => [
    ...(made === undefined ? [] : [made[index]?.id ?? 'not made']),
    `${rule}${isWatched ? ' (only watched)' : ''}`,
    `${Math.round(seconds / 60)} min`,
    description,
    at,
  ])
  return table([[...(made === undefined ? [] : ['ID']), 'RULE', 'LASTS', 'REASON', 'FROM'], ...rows])
}
