// `notifications`: who is told of attacks and how each fares, dead letters; `message-test`: a test to one or all of them.

import { type Command, Option } from 'commander'
import {
  type DeadLetters,
  type NotifyPreview,
  type NotifyTested,
  type NotifyView,
  PREVIEW_EVENTS,
} from '#api/contract/notify.ts'
import { ROUTES } from '#api/contract/routes.ts'
import { momentText } from '#lib/clock/local-time.ts'
import { type AskFlags, ask } from '../ask.ts'
import { addJson, addSame, addState, addVerb, type Context, EXIT } from '../context.ts'
import { wholeNumber } from '../parse.ts'
import { table } from '../table.ts'

interface LetterFlags extends AskFlags {
  readonly destination?: string
  readonly all?: true
}

const LETTERS = 'notifications dead-letters'

export function addNotifications(program: Command, context: Context): void {
  const words = 'show who is told of attacks, how each fares, and what nobody has taken'
  const verb = addVerb(program, 'notifications', words, [
    'notifications',
    'notifications dead-letters --destination chat',
    'notifications resend --all',
    'notifications discard 0mi7kq3l9-000001-9f3a',
  ])
  const list = (flags: AskFlags) => ask(context, flags, ROUTES.notifications, {}, notificationsText)
  addState(addJson(verb)).action(list)
  addState(addJson(addSame(verb, 'list', 'notifications list --json'))).action((_: unknown, self: Command) =>
    list(self.optsWithGlobals<AskFlags>()),
  )
  addState(addJson(addVerb(verb, 'dead-letters', 'list messages that nobody has taken', [LETTERS])))
    .option('--destination <name>', 'only those of this one')
    .option('--limit <count>', 'at most so many', wholeNumber(1, 10_000), 100)
    .action((_: unknown, self: Command) => {
      const flags = self.optsWithGlobals<LetterFlags & { readonly limit: number }>()
      const { destination, limit } = flags
      return ask(context, flags, ROUTES.deadLetters, { destination, limit }, deadLettersText)
    })
  addDeed(verb, context, 'resend', 'send dead letters again', ({ done, homeless }) =>
    homeless === 0
      ? `${done} sent again.\n`
      : `${done} sent again, ${homeless} left: their destination is gone.\n`,
  )
  addDeed(verb, context, 'discard', 'forget dead letters', ({ done }) => `${done} discarded.\n`)
}

function addDeed(
  parent: Command,
  context: Context,
  name: 'resend' | 'discard',
  words: string,
  text: (done: { readonly done: number; readonly homeless: number }) => string,
): void {
  const route = name === 'resend' ? ROUTES.resendDeadLetters : ROUTES.discardDeadLetters
  addState(addJson(addVerb(parent, name, words, [`notifications ${name} --destination chat`])))
    .argument('[id...]', 'as dead-letters lists them')
    .option('--destination <name>', 'all of this destination')
    .option('--all', 'all of them')
    .action((ids: string[], _: unknown, self: Command) => {
      const flags = self.optsWithGlobals<LetterFlags>()
      const { destination, all } = flags
      const chosen = { ids: ids.length > 0 ? ids : undefined, destination, all }
      return ask(context, flags, route, chosen, text)
    })
}

export function addMessageTest(program: Command, context: Context): void {
  const words = 'send a test message to a destination, or to all'
  const verb = addVerb(program, 'message-test', words, [
    'message-test',
    'message-test chat',
    'message-test chat --preview ended',
  ])
  addState(addJson(verb))
    .argument('[destination]', 'as notifications lists it')
    .addOption(
      new Option('--preview <event>', 'send nothing, and show what it would be told').choices(PREVIEW_EVENTS),
    )
    .action(async (destination: string | undefined, flags: AskFlags & { readonly preview?: NotifyEvent }) => {
      const { preview: event } = flags
      if (event !== undefined)
        return ask(context, flags, ROUTES.previewNotification, { destination, event }, previewText)
      let hasFailed = false
      await ask(context, flags, ROUTES.testNotifications, { destination }, tested => {
        hasFailed = tested.results.some(({ outcome }) => outcome === 'failed')
        return testedText(tested)
      })
      if (hasFailed) context.exitCode = EXIT.failed
      return undefined
    })
}

type NotifyEvent = (typeof PREVIEW_EVENTS)[number]

export function notificationsText({ destinations, routes, deadLetters, problems }: NotifyView): string {
  if (destinations.length === 0 && deadLetters === 0)
    return 'Nobody is told: see notify.destinations in docs/operate/notifications.md.\n'
  const rows = destinations.map(({ id, type, state, waiting, sent, deadLetters: dead, ...times }) => [
    ...[id, type, state, String(waiting), String(sent), String(dead)],
    times.lastSuccessAt === undefined ? '' : momentText(Date.parse(times.lastSuccessAt)),
    times.lastError ?? '',
  ])
  const head = ['destination', 'type', 'state', 'waiting', 'sent', 'dead letters', 'last success', 'error']
  return [
    table([head, ...rows], [3, 4, 5]),
    ...(routes.length === 0 ? [] : ['\nroutes:\n', ...routes.map(route => `  ${route}\n`)]),
    ...(problems.length === 0 ? [] : ['\n', ...problems.map(problem => `${problem}\n`)]),
    ...(deadLetters === 0 ? [] : [`\n${deadLetters} dead letters: floodwarden ${LETTERS}\n`]),
  ].join('')
}

export function deadLettersText({ deadLetters, total }: DeadLetters): string {
  if (total === 0) return 'All messages were taken.\n'
  const rows = deadLetters.map(({ id, destination, event, title, givenUpAt, why, error }) => [
    ...[id, destination, event, momentText(Date.parse(givenUpAt)), why, error, title],
  ])
  const more = total > rows.length ? `and ${total - rows.length} more\n` : ''
  return `${table([['id', 'destination', 'event', 'given up', 'why', 'error', 'title'], ...rows])}${more}`
}

export function testedText({ results }: NotifyTested): string {
  if (results.length === 0)
    return 'Nobody is told: see notify.destinations in docs/operate/notifications.md.\n'
  return table(
    results.map(({ destination, type, outcome, milliseconds, error = '' }) => [
      ...[destination, type, outcome, `${milliseconds} ms`, error],
    ]),
    [3],
  )
}

export function previewText({ title, text, body, to }: NotifyPreview): string {
  const whom = to.length === 0 ? 'Its routes lead to nobody.' : `Routes lead to: ${to.join(', ')}.`
  return `${title}\n\n${text}\n${body === '' ? '' : `\n${body}\n`}\n${whom}\n`
}
