// `explain`: why a host is under attack, or why it is not.

import type { Command } from 'commander'
import type { Proposed, Suspicion } from '#api/contract/attack.ts'
import type { Burst, Explanation, HostFacts, LimitState } from '#api/contract/explain.ts'
import { ROUTES } from '#api/contract/routes.ts'
import { momentText } from '#lib/clock/local-time.ts'
import { grouped, percentText } from '#lib/number-text.ts'
import { type AskFlags, ask } from '../ask.ts'
import { addJson, addState, addVerb, type Context } from '../context.ts'
import { table } from '../table.ts'
import { mitigationLine } from './attacks.ts'

const EXAMPLES = ['explain 198.51.100.7', 'explain 2001:db8::7 --json', 'explain mi7kq3l9-1']

export function addExplain(program: Command, context: Context): void {
  const summary = 'say why a host is under attack, or why it is not'
  addState(addJson(addVerb(program, 'explain', summary, EXAMPLES)))
    .argument('<subject>', 'an address of ours, or the identifier of an attack')
    .action((subject: string, flags: AskFlags) =>
      ask(context, flags, ROUTES.explain, { subject }, explanationText),
    )
}

/** The explanation for people. */
export function explanationText({ subject, verdict, attack, now }: Explanation): string {
  const parts = [`${subject}: ${verdict}\n`]
  if (attack !== undefined) {
    const { crossing } = attack
    parts.push(
      `\nAttack ${attack.id}, ${attack.state}\n  why: ${attack.why}\n  decision: ${attack.decision}\n`,
    )
    if (crossing?.interval !== undefined) {
      const { low, high } = crossing.interval
      parts.push(`  counted from samples: between ${grouped(low)} and ${grouped(high)}\n`)
    }
    if (crossing?.suspicion !== undefined) parts.push(suspicionText(crossing.suspicion))
    if (attack.proposed !== undefined) parts.push(proposedText(attack.proposed))
  }
  for (const measure of attack?.mitigations ?? []) parts.push(`${mitigationLine(measure)}\n`)
  if (now !== undefined) parts.push(factsText(now, attack === undefined))
  return parts.join('')
}

/** Each rule with its components' reasons; what else was looked at; what the rules of before would have let pass. */
function proposedText({ text, rules, reason, nextAction, alternatives, before }: Proposed): string {
  const lines = [
    ...(rules.length === 0
      ? [`proposed: ${text}`]
      : rules.map(one => `proposed: ${one.rule}, ${takesText(one)}`)),
    ...rules.flatMap(({ because }) => because.map(sentence => `  ${sentence}`)),
    ...(reason === undefined || nextAction === undefined ? [] : [`  worth trying instead: ${nextAction}`]),
    ...(before === undefined
      ? []
      : [
          `  of its latest packets the rules of before take ${part(before.share)}; ${part(1 - before.share)} would have passed`,
        ]),
    ...alternatives.map(other => `  not ${other.text}: ${other.why}`),
  ]
  return lines.map(line => `  ${line}\n`).join('')
}

const part = (share: number): string => `${(share * 100).toFixed(1)} %`

const takesText = ({ attack, normal }: Proposed['rules'][number]): string =>
  `takes ${part(attack.share)} (${part(attack.low)} to ${part(attack.high)}) of ${grouped(attack.of)} packets seen during the attack` +
  (normal === undefined
    ? ''
    : ` and ${part(normal.share)} (at most ${part(normal.high)}) of ${grouped(normal.of)} calm ones`)

function factsText(facts: HostFacts, withSuspicion: boolean): string {
  const { incoming, outgoing } = facts
  const speeds = ([name, side]: [string, typeof incoming]) =>
    `  ${name} ${grouped(side.packets)} packets/s, ${grouped(Math.round(side.bits / 1e6))} Mbit/s, ${grouped(side.flows)} flows/s\n`
  const parts = [
    `\nNow (limits of ${facts.hostgroup}, mode ${facts.mode})\n`,
    speeds(['incoming', incoming]),
    speeds(['outgoing', outgoing]),
    facts.limits.length === 0 ? '' : `\n${limitsText(facts.limits)}`,
    facts.budgetSeconds === undefined ? '' : `\n  budget ${facts.budgetSeconds} limit-seconds\n`,
    facts.suspicion === undefined || !withSuspicion ? '' : suspicionText(facts.suspicion),
    facts.mode === 'plain' ? '' : `  packets known of its calm traffic: ${grouped(facts.calmSamples)}\n`,
  ]
  const bursts = facts.bursts.map(burstLine)
  return [...parts, ...(bursts.length === 0 ? [] : ['\nTolerated\n', ...bursts])].join('')
}

function limitsText(limits: readonly LimitState[]): string {
  const rows = limits.map(limit => [
    `  ${limit.direction} ${limit.limit}`,
    grouped(limit.threshold),
    limit.value === undefined ? '-' : grouped(limit.value),
    limit.excessSeconds === 0 ? '-' : limit.excessSeconds.toFixed(2),
    limit.excessSeconds === 0 ? '-' : `${limit.overSeconds.toFixed(1)} s`,
    limit.source ?? '',
  ])
  const head = ['  limit', 'per second', 'now', 'limit-seconds over', 'since', 'source']
  return table([head, ...rows], [1, 2, 3, 4])
}

function suspicionText({ weight, packets, features }: Suspicion): string {
  const signed = (value: number) => `${value < 0 ? '-' : '+'}${Math.abs(value).toFixed(2)}`
  const rows = features.map(feature => [
    `    ${feature.name}`,
    feature.value.toFixed(2),
    signed(feature.weight),
    feature.reason,
  ])
  const head = `  suspicion ${percentText(Math.round(weight * 100))}, from ${grouped(packets)} packets: 0.50 and\n`
  return `${head}${table(rows, [1, 2])}`
}

const burstLine = ({ endedAt, why }: Burst): string => `  ${momentText(Date.parse(endedAt))}: ${why}\n`
