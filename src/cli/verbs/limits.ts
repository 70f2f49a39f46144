// `limits`: what calm traffic suggests as limits; `accept` and `reject` decide, `export` prints what was accepted.

import type { Command } from 'commander'
import type { LearnedLimit, LimitDecision, Limits } from '#api/contract/limits.ts'
import { ROUTES } from '#api/contract/routes.ts'
import { grouped } from '#lib/number-text.ts'
import { type AskFlags, ask } from '../ask.ts'
import { addJson, addState, addVerb, type Context } from '../context.ts'
import { wholeNumber } from '../parse.ts'
import { table } from '../table.ts'
import { limitsYaml } from './limits-yaml.ts'

interface LimitsFlags extends AskFlags {
  readonly limit: number
  readonly all?: true
}

const EXAMPLES = [
  'limits',
  'limits --all --json',
  'limits accept caches/host/incoming',
  'limits reject global/host/outgoing/flows',
  'limits export',
]
/** As many as one answer may hold. */
const ALL = 5000

export function addLimits(program: Command, context: Context): void {
  const limits = addVerb(program, 'limits', 'show the limits that calm traffic suggests', EXAMPLES)
  addState(addJson(limits))
    .option('--limit <count>', 'at most so many', wholeNumber(1, ALL), 1000)
    .option('--all', 'also those that were rejected')
    .action((flags: LimitsFlags) =>
      ask(context, flags, ROUTES.limits, { limit: flags.limit }, answer => limitsText(answer, flags.all)),
    )
  addDecision(
    limits,
    context,
    'accept',
    'put suggested limits in force; the configuration file stays as it is',
  )
  addDecision(limits, context, 'reject', 'refuse suggested limits, or withdraw accepted ones')
  const words = 'print the accepted limits as configuration (YAML)'
  addState(addJson(addVerb(limits, 'export', words, ['limits export']))).action(
    (_: unknown, verb: Command) => {
      const flags = verb.optsWithGlobals<AskFlags>()
      return ask(context, flags, ROUTES.limits, { state: 'accepted', limit: ALL }, answer =>
        limitsYaml(answer.limits),
      )
    },
  )
}

function addDecision(limits: Command, context: Context, decision: 'accept' | 'reject', words: string): void {
  const verb = addVerb(limits, decision, words, [`limits ${decision} caches`])
  addState(addJson(verb))
    .argument('<place...>', 'as the list names them, or the first parts: caches/host')
    .action((places: string[], _: unknown, self: Command) => {
      const flags = self.optsWithGlobals<AskFlags>()
      return ask(context, flags, ROUTES.decideLimits, { decision, places }, decisionText)
    })
}

/** What was decided, and what an order to accept left as it was. */
export function decisionText({ limits, stillRejected = [] }: LimitDecision): string {
  const left = stillRejected.map(place => `  ${place}\n`)
  const words = '\nRejected before, and still so; name each to accept it:\n'
  return [rowsText(limits), ...(left.length === 0 ? [] : [words, ...left])].join('')
}

export function limitsText(
  { enabled, limits, scopes, scopesRefused, minimumHours, total }: Limits,
  all?: true,
) {
  if (!enabled && limits.length === 0) return 'Nothing is learned: detection.learn.enabled is false.\n'
  const young = scopes.filter(({ hours }) => hours < minimumHours)
  const waiting = young.map(
    ({ name, hours, excludedHours }) =>
      `${name}: ${hours} of ${minimumHours} hours of calm traffic${excludedHours === 0 ? '' : `, ${excludedHours} hours with attacks are left out`}\n`,
  )
  const shown = limits.filter(({ state }) => all === true || state !== 'rejected')
  return [
    shown.length === 0 ? 'No limit is suggested.\n' : rowsText(shown),
    ...(total > limits.length ? [`and ${grouped(total - limits.length)} more\n`] : []),
    ...(waiting.length === 0 ? [] : ['\nNot enough is known yet:\n', ...waiting]),
    ...(scopesRefused === 0 ? [] : [`\n${scopesRefused} hostgroups and networks found no room.\n`]),
  ].join('')
}

function rowsText(limits: readonly LearnedLimit[]): string {
  const rows = limits.map(each => [
    each.place,
    each.state,
    numberText(each.now),
    numberText(each.suggested),
    each.confidence === undefined ? '' : each.confidence.toFixed(2),
    each.source,
    whyText(each),
  ])
  return table([['limit', 'state', 'now', 'suggested', 'confidence', 'source', 'why'], ...rows], [2, 3, 4])
}

/** What a running daemon has accepted beside its file, for `check`. */
export function learnedLines(limits: readonly LearnedLimit[]): string {
  if (limits.length === 0) return ''
  const lines = limits.map(
    ({ place, accepted, source, standing }) =>
      `  ${place} ${numberText(accepted)}: ${standing === 'applied' ? source : `not in force, ${standing}`}\n`,
  )
  return `\nlearned limits of the running daemon:\n${lines.join('')}`
}

const numberText = (value: number | null | undefined): string =>
  value === undefined ? '' : value === null ? 'none' : grouped(value)

function whyText({ standing, why = 'traffic suggests nothing any more' }: LearnedLimit): string {
  if (standing === 'superseded') return `not in force: the file says something else since; ${why}`
  if (standing === 'homeless') return `not in force: its hostgroup or network is gone; ${why}`
  return why
}
