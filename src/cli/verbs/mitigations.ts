// `mitigations`: what is and was done about attacks; `order`, `withdraw` and `acknowledge` by hand.

import { type Command, Option } from 'commander'
import { measureState } from '#api/contract/measure-state.ts'
import type {
  ManyOutcome,
  Mitigations,
  MitigationView,
  MitigationWithAttack,
  OrderOutcome,
} from '#api/contract/mitigations.ts'
import { ROUTES } from '#api/contract/routes.ts'
import { momentText } from '#lib/clock/local-time.ts'
import { type AskFlags, ask } from '../ask.ts'
import { addJson, addSame, addState, addVerb, type Context } from '../context.ts'
import { portList, targetText, wholeNumber } from '../parse.ts'
import { table } from '../table.ts'

interface ListFlags extends AskFlags {
  readonly limit: number
  readonly all?: true
  readonly target?: string
  readonly customer?: string
  readonly attack?: string
  readonly cursor?: string
}

interface OrderFlags extends AskFlags {
  readonly protocol?: number
  readonly ports?: number[]
  readonly bitsPerSecond?: number
  readonly ttl: number
  readonly reason: string
}

interface ReasonFlags extends AskFlags {
  readonly reason?: string
}

const YEAR_SECONDS = 31_536_000

export function addMitigations(program: Command, context: Context): void {
  const verb = addVerb(program, 'mitigations', 'list what is done about attacks, or order it by hand', [
    'mitigations',
    'mitigations list --all --target 192.0.2.0/24',
    'mitigations show mi7kq3l9-1.0',
    'mitigations order 192.0.2.1 rate-limit --bits-per-second 5000000 --ttl 600 --reason "ticket 4711"',
    'mitigations withdraw mi7kq3l9-1.0 --reason "false alarm"',
  ])
  addFilters(verb).action((flags: ListFlags) => list(context, flags))
  addFilters(addSame(verb, 'list', 'mitigations list --customer acme')).action((_: unknown, self: Command) =>
    list(context, self.optsWithGlobals<ListFlags>()),
  )
  addShow(verb, context)
  addOrder(verb, context)
  addMany(verb, context)
}

const addFilters = (verb: Command): Command =>
  addState(addJson(verb))
    .option('--limit <count>', 'at most so many, newest first', wholeNumber(1, 1000), 100)
    .option('--all', 'also those that are over')
    .option('--target <prefix>', 'only those that protect something within it', targetText)
    .option('--customer <id>', 'only those of this customer')
    .option('--attack <id>', 'only those against this attack')
    .option('--cursor <text>', 'the next page, as the one before tells it')

function list(context: Context, flags: ListFlags): Promise<void> {
  const { limit, all, target, customer, attack, cursor } = flags
  const query = { limit, target, customer, attack, cursor, ...(all ? {} : { state: 'live' }) }
  return ask(context, flags, ROUTES.mitigations, query, mitigationsText)
}

function addShow(verb: Command, context: Context): void {
  addState(addJson(addVerb(verb, 'show', 'print one mitigation', ['mitigations show mi7kq3l9-1.0'])))
    .argument('<id>', 'as the list names it')
    .action((id: string, _: unknown, self: Command) =>
      ask(context, self.optsWithGlobals<AskFlags>(), ROUTES.mitigation, { id }, oneText),
    )
}

function addOrder(verb: Command, context: Context): void {
  const example =
    'mitigations order 192.0.2.0/28 discard --protocol 17 --ports 53 --ttl 300 --reason "flood on DNS"'
  addState(addJson(addVerb(verb, 'order', 'have routers limit or drop traffic, for a while', [example])))
    .argument('<target>', 'address or prefix', targetText)
    .addArgument(verb.createArgument('<action>', 'what routers do').choices(['rate-limit', 'discard']))
    .option('--protocol <number>', 'only this IP protocol, such as 17', wholeNumber(0, 255))
    .option('--ports <list>', 'only to these ports, parted by commas', portList)
    .option('--bits-per-second <count>', 'rate-limit: so much passes', wholeNumber(1, 1e13))
    .addOption(
      new Option('--ttl <seconds>', 'it ends after so long')
        .argParser(wholeNumber(1, YEAR_SECONDS))
        .makeOptionMandatory(),
    )
    .requiredOption('--reason <text>', 'why, for the audit')
    .action((target: string, action: 'rate-limit' | 'discard', _: unknown, self: Command) => {
      const flags = self.optsWithGlobals<OrderFlags>()
      const { protocol, ports, bitsPerSecond, ttl: ttlSeconds, reason } = flags
      const order = { target, action, protocol, ports, bitsPerSecond, ttlSeconds, reason }
      return ask(context, flags, ROUTES.order, order, orderedText)
    })
}

function addMany(verb: Command, context: Context): void {
  const withdraw = addVerb(verb, 'withdraw', 'take mitigations back and end their attacks', [
    'mitigations withdraw mi7kq3l9-1.0',
  ])
  addState(addJson(withdraw))
    .argument('<id...>', 'as the list names them')
    .option('--reason <text>', 'why, for the audit')
    .action((ids: string[], _: unknown, self: Command) => {
      const flags = self.optsWithGlobals<ReasonFlags>()
      return ask(context, flags, ROUTES.withdrawMany, { ids, reason: flags.reason }, manyText)
    })
  const extend = addVerb(verb, 'extend', 'give mitigations another end', [
    'mitigations extend mi7kq3l9-1.0 --ttl 3600 --reason "it goes on"',
  ])
  addState(addJson(extend))
    .argument('<id...>', 'as the list names them')
    .addOption(
      new Option('--ttl <seconds>', 'they end so long from now')
        .argParser(wholeNumber(1, YEAR_SECONDS))
        .makeOptionMandatory(),
    )
    .option('--reason <text>', 'why, for the audit')
    .action((ids: string[], _: unknown, self: Command) => {
      const { ttl: ttlSeconds, reason, ...flags } = self.optsWithGlobals<ReasonFlags & { ttl: number }>()
      return ask(context, flags, ROUTES.extendMany, { ids, ttlSeconds, reason }, manyText)
    })
  const acknowledge = addVerb(verb, 'acknowledge', 'note that their attacks were seen', [
    'mitigations acknowledge mi7kq3l9-1.0',
  ])
  addState(addJson(acknowledge))
    .argument('<id...>', 'as the list names them')
    .action((ids: string[], _: unknown, self: Command) =>
      ask(context, self.optsWithGlobals<AskFlags>(), ROUTES.acknowledgeMany, { ids }, manyText),
    )
}

export function mitigationsText({ mitigations, nextCursor }: Mitigations): string {
  if (mitigations.length === 0) return 'Nothing is done.\n'
  const more = nextCursor === undefined ? '' : `and more: --cursor ${nextCursor}\n`
  return rowsText(mitigations) + more
}

function rowsText(mitigations: readonly MitigationView[]): string {
  const rows = mitigations.map(each => [
    ...[each.id, each.target, each.action, each.enforcer, measureState(each)],
    momentText(Date.parse(each.createdAt)),
    each.isStanding ? 'somebody ends it' : momentText(Date.parse(each.endedAt ?? each.expiresAt)),
    each.reason,
  ])
  return table([['id', 'target', 'action', 'enforcer', 'state', 'since', 'until', 'why'], ...rows])
}

function oneText(mitigation: MitigationWithAttack): string {
  const { does, error, acknowledged, attack } = mitigation
  const lines = [
    `  does: ${does}`,
    ...(error === undefined ? [] : [`  failed: ${error}`]),
    ...(acknowledged === undefined ? [] : [`  seen by ${acknowledged.by}, ${acknowledged.at}`]),
    ...(attack === undefined ? [] : [`  attack: ${attack.why}`, `  decision: ${attack.decision}`]),
  ]
  return `${rowsText([mitigation])}${lines.join('\n')}\n`
}

function orderedText({ outcome, attackId, mitigations }: OrderOutcome): string {
  const what = outcome === 'opened' ? 'Ordered' : 'Ordered before, and goes on'
  return `${what}, as attack ${attackId}.\n${mitigations.length === 0 ? '' : rowsText(mitigations)}`
}

function manyText({ results }: ManyOutcome): string {
  return table(results.map(({ id, outcome, problem = '' }) => [id, WORDS[outcome], problem]))
}

const WORDS = {
  withdrawn: 'is taken back',
  over: 'was over already',
  extended: 'has another end',
  acknowledged: 'is noted as seen',
  known: 'was noted as seen before',
  unknown: 'is not known',
  failed: 'failed',
} as const
