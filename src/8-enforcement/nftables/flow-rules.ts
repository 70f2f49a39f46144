// Rules of people (ACL) and of the distiller (filter): what they match is FlowSpec.

import type { ProtectionProfile } from '#7-mitigation/protection/profile.ts'
import { expressionsOf } from '#lib/flowspec/nftables/expressions.ts'
import { parseRule } from '#lib/flowspec/parse.ts'
import type { Action, Rule } from '#lib/flowspec/rule.ts'
import { type Draft, type Measure, WORDS } from './draft.ts'
import { overBits, overPackets } from './source-rates.ts'

/** A rule becomes one line for each way in which it can hold; one that would become more is refused. */
const LINES_MAX = 64
const BURST_SECONDS = 0.1

/** Who passes goes on to the other countermeasures. */
export function addAcl(measure: Measure<'acl'>): void {
  const lines = measure.parameters.rules.flatMap(({ verdict, match }, at) => {
    const rule = readRule(measure, match, at)
    if (rule === undefined) return []
    if (rule.actions.length > 0)
      measure.refuse(`rule ${at + 1}: "${match}" has an action: write only what it matches`)
    const end = verdict === 'pass' ? 'return' : measure.verdict
    return expressionsOf(rule).map(expression => `${expression} ${end}`)
  })
  measure.addChain(lines)
}

/** The first rule that matches decides, as a router would. */
export function addFilter(measure: Measure<'filter'>): void {
  const lines = measure.parameters.rules.flatMap((text, at) => {
    const rule = readRule(measure, text, at)
    if (rule === undefined) return []
    const chain = measure.named(`rule${at}`)
    measure.draft.addChain({
      name: chain,
      rules: rule.actions.flatMap(action => statementOf(measure, rule, action)),
    })
    return expressionsOf(rule).map(expression => `${expression} goto ${chain}`)
  })
  measure.addChain(lines)
}

function readRule(measure: Measure, text: string, at: number): Rule | undefined {
  const read = parseRule(text)
  if (read.kind === 'problem') {
    measure.refuse(`rule ${at + 1}, column ${read.column}: ${read.what}; ${read.advice}`)
    return undefined
  }
  const lines = expressionsOf(read.value).length
  if (lines === 0) measure.refuse(`rule ${at + 1}: no packet can match "${text}"`)
  if (lines > LINES_MAX) measure.refuse(`rule ${at + 1}: "${text}" takes ${lines} lines: split it`)
  return lines === 0 || lines > LINES_MAX ? undefined : read.value
}

function statementOf(measure: Measure, rule: Rule, action: Action): string[] {
  switch (action.kind) {
    case 'discard':
      return [measure.verdict]
    case 'rate-bytes':
      return [`${overBits(action.bytesPerSecond * 8, BURST_SECONDS)} ${measure.verdict}`]
    case 'rate-packets':
      return [`${overPackets(action.packetsPerSecond, BURST_SECONDS)} ${measure.verdict}`]
    case 'mark':
      return measure.isMonitor ? [] : [`${rule.family === 4 ? 'ip' : 'ip6'} dscp set ${action.dscp}`]
    default:
      measure.refuse(`nftables does not do ${action.kind} here`)
      return []
  }
}

/** Expressions for all that goes to a profile: to its targets, or of that only some traffic. */
export function coveredBy(
  { id, traffic }: Pick<ProtectionProfile, 'id' | 'traffic'>,
  targets: readonly { readonly family: 4 | 6; readonly set: string }[],
  draft: Draft,
): string[] {
  if (traffic === undefined) return targets.map(({ family, set }) => `${WORDS[family].target} @${set}`)
  return traffic.flatMap(text => {
    const read = parseRule(text)
    if (read.kind === 'parsed') return expressionsOf(read.value)
    draft.refusals.push(`profile ${id}: its traffic, column ${read.column}: ${read.what}; ${read.advice}`)
    return []
  })
}
