// `attacks`: open attacks and those that ended recently, and the report of one.

import { type Command, Option } from 'commander'
import type { Attack, Attacks } from '#api/contract/attack.ts'
import { HELD, measureState } from '#api/contract/measure-state.ts'
import { ROUTES } from '#api/contract/routes.ts'
import { targetText } from '#api/contract/target-text.ts'
import { momentText } from '#lib/clock/local-time.ts'
import { grouped, percentText } from '#lib/number-text.ts'
import { type AskFlags, ask } from '../ask.ts'
import { addJson, addState, addVerb, type Context } from '../context.ts'
import { wholeNumber } from '../parse.ts'

interface AttacksFlags extends AskFlags {
  readonly which: 'open' | 'ended' | 'all'
  readonly limit: number
}

const EXAMPLES = ['attacks', 'attacks --which open --json', 'attacks mi7kq3l9-1']

export function addAttacks(program: Command, context: Context): void {
  const summary = 'list attacks and why each is one, or print the report of one as JSON'
  addState(addJson(addVerb(program, 'attacks', summary, EXAMPLES)))
    .argument('[id]', 'identifier of an attack: print its report')
    .addOption(
      new Option('--which <state>', 'which attacks').choices(['open', 'ended', 'all']).default('all'),
    )
    .option('--limit <count>', 'at most so many, newest first', wholeNumber(1, 1000), 100)
    .action((id: string | undefined, flags: AttacksFlags) => {
      if (id !== undefined) return ask(context, { ...flags, json: true }, ROUTES.attack, { id }, () => '')
      const query = { state: flags.which, limit: flags.limit }
      return ask(context, flags, ROUTES.attacks, query, attacksText)
    })
}

export function attacksText({ attacks, total }: Attacks): string {
  if (total === 0) return 'No attack is known.\n'
  const rest = total > attacks.length ? `and ${grouped(total - attacks.length)} more\n` : ''
  return attacks.map(attackText).join('\n') + rest
}

function attackText(attack: Attack): string {
  const lines = [
    `${attack.id}  ${targetText(attack)}  ${attack.direction} ${attack.type} (${attack.protocol}), ${stateText(attack)}`,
    `  peak ${grouped(attack.peak)} packets/s, since ${momentText(Date.parse(attack.openedAt))}`,
    ...findingLines(attack.finding),
    ...prefixLines(attack),
    `  why: ${attack.why}`,
    `  decision: ${attack.decision}`,
    ...(attack.proposed === undefined ? [] : [`  proposed: ${attack.proposed.text}`]),
    ...attack.mitigations.map(mitigationLine),
  ]
  return `${lines.join('\n')}\n`
}

/** What is done, how it stands, and until when it is held. */
export function mitigationLine(measure: Attack['mitigations'][number]): string {
  const { action, enforcer, state, isDryRun, error, reason, isStanding, expiresAt } = measure
  const until = isStanding ? ', standing' : `, until ${momentText(Date.parse(expiresAt))}`
  const held = HELD.includes(state) ? until : ''
  const by = isDryRun ? '' : ` by ${enforcer}`
  return `  ${action}${by}: ${measureState(measure)}${held}${error === undefined ? '' : `: ${error}`} (${reason})`
}

/** All prefixes of an attack on several; the first line names only the first. */
const prefixLines = ({ scope, prefixes }: Attack): string[] =>
  scope === 'host' || prefixes.length < 2 ? [] : [`  prefixes: ${prefixes.join(' ')}`]

function findingLines(finding: Attack['finding']): string[] {
  if (finding === undefined) return []
  const names = finding.parts.map(({ vector, share }) => `${vector} ${percentText(Math.round(share * 100))}`)
  const sure = percentText(Math.round(finding.confidence * 100))
  return [
    `  is: ${names.join(' + ')} (confidence ${sure}, from ${grouped(finding.packets)} packets)`,
    ...finding.parts.flatMap(({ vector, reasons }) => reasons.map(reason => `    ${vector}: ${reason}`)),
  ]
}

function stateText(attack: Attack): string {
  if (attack.state === 'open') {
    if (attack.reported !== undefined) return `open, ${attack.reported.source} reports it`
    if (attack.origin === 'manual') return 'open, by hand'
    return attack.isOver ? 'open, over its limit' : 'open, below its limit'
  }
  const when = attack.endedAt === undefined ? '' : ` ${momentText(Date.parse(attack.endedAt))}`
  return `ended${when}, by ${attack.endedBy ?? 'nobody known'}`
}
