// `events`: what foreign detectors reported, and what became of it.

import { type Command, Option } from 'commander'
import { EVENT_OUTCOMES, type Events } from '#api/contract/events.ts'
import { ROUTES } from '#api/contract/routes.ts'
import { momentText } from '#lib/clock/local-time.ts'
import { type AskFlags, ask } from '../ask.ts'
import { addJson, addState, addVerb, type Context } from '../context.ts'
import { hostAddress, wholeNumber } from '../parse.ts'
import { table } from '../table.ts'

interface EventsFlags extends AskFlags {
  readonly limit: number
  readonly source?: string
  readonly target?: string
  readonly outcome?: (typeof EVENT_OUTCOMES)[number]
  readonly since?: string
  readonly until?: string
  readonly cursor?: string
}

const EXAMPLES = [
  'events',
  'events --source fastnetmon --outcome refused',
  'events --target 192.0.2.1 --json',
]

export function addEvents(program: Command, context: Context): void {
  const verb = addVerb(
    program,
    'events',
    'list what foreign detectors reported, and what became of it',
    EXAMPLES,
  )
  addState(addJson(verb))
    .option('--limit <count>', 'at most so many, newest first', wholeNumber(1, 1000), 100)
    .option('--source <name>', 'only those of this detector')
    .option('--target <host>', 'only those about this host', hostAddress)
    .addOption(new Option('--outcome <outcome>', 'only those that were answered so').choices(EVENT_OUTCOMES))
    .option('--since <moment>', 'only from this moment on, such as 2026-01-15T12:00:00Z')
    .option('--until <moment>', 'only before this moment')
    .option('--cursor <text>', 'the next page, as the one before tells it')
    .action((flags: EventsFlags) => {
      const { limit, source, target, outcome, since, until, cursor } = flags
      const query = { limit, source, target, outcome, since, until, cursor }
      return ask(context, flags, ROUTES.events, query, eventsText)
    })
}

export function eventsText({ events, nextCursor }: Events): string {
  if (events.length === 0) return 'Nothing was reported.\n'
  const rows = events.map(
    ({ receivedAt, source, action, host, vector, outcome, isDryRun, attackId = '', id }) => [
      ...[momentText(Date.parse(receivedAt)), source, action, host, vector],
      ...[isDryRun ? `${outcome}, dry-run` : outcome, attackId, id],
    ],
  )
  const head = ['received', 'source', 'action', 'host', 'vector', 'outcome', 'attack', 'id']
  return table([head, ...rows]) + (nextCursor === undefined ? '' : `and more: --cursor ${nextCursor}\n`)
}
