// What a fastnetmon.conf says that cannot be meant, and that FastNetMon takes without a word.

import type { Problem } from '#lib/schema/problem.ts'
import type { ConfHostgroup } from './conf-hostgroups.ts'
import { type ConfLine, confProblem, isSecret, quote } from './conf-lines.ts'
import type { ConfValues } from './conf-values.ts'
import { LIMIT_OPTIONS, OPTION_BY_NAME, POLICY_KEYS } from './option-table.ts'

/** Problems of single lines and of switches with their numbers; what a reader of the option says itself is not repeated. */
export function reportNonsense(
  lines: readonly ConfLine[],
  values: ConfValues,
  groups: readonly ConfHostgroup[],
): Problem[] {
  const prefixes = ['', ...groups.map(group => `${group.name}_`)]
  askSwitches(values, prefixes)
  return [
    ...lines.flatMap(reportComment),
    ...lines.flatMap(reportSpaces),
    ...lines.flatMap(reportEmpty),
    ...prefixes.flatMap(prefix => reportUnused(prefix, values)),
  ]
}

/** A switch says itself what is odd about its value, but only when it is asked; no switch is left unasked. */
function askSwitches(values: ConfValues, prefixes: readonly string[]): void {
  for (const { name, kind } of OPTION_BY_NAME.values()) {
    if (kind !== 'switch') continue
    if (values.has(name)) values.isOn(name)
    if (!POLICY_KEYS.includes(name)) continue
    for (const prefix of prefixes) if (values.has(prefix + name)) values.isOn(prefix + name)
  }
}

/** Switches and numbers name the words behind their value themselves. */
function reportComment({ key, value, place }: ConfLine): Problem[] {
  const kind = OPTION_BY_NAME.get(key)?.kind
  if (!/\s[#;]/.test(value) || kind === undefined || ['switch', 'number'].includes(kind)) return []
  if (isSecret(key)) return []
  const message = `${key}: ${quote(value)} is taken whole: there are no comments behind a value`
  return [
    confProblem('fastnetmon-comment', 'warning', place, message, 'put the comment on a line of its own'),
  ]
}

/** FastNetMon splits lists at the commas and keeps the spaces: its second interface would be called " eth1". */
function reportSpaces({ key, value, place }: ConfLine): Problem[] {
  const kind = OPTION_BY_NAME.get(key)?.kind
  if (kind !== 'list' && kind !== 'hostgroup') return []
  const spaced = /,\s|\s,/.test(value)
  if (!spaced) return []
  const message = `${key}: FastNetMon does not understand spaces in ${quote(value)}; here they do not count`
  return [confProblem('fastnetmon-spaces', 'notice', place, message)]
}

function reportEmpty({ key, value, place }: ConfLine): Problem[] {
  const option = OPTION_BY_NAME.get(key)
  // An empty switch or number says so itself.
  const mayBeEmpty = option === undefined || ['text', 'switch', 'number'].includes(option.kind)
  if (value !== '' || mayBeEmpty) return []
  return [confProblem('fastnetmon-empty', 'warning', place, `${key} has no value`)]
}

/** Thresholds whose switch is not on: those whose switch is missing one by one, those that say off together. */
function reportUnused(prefix: string, values: ConfValues): Problem[] {
  const set = LIMIT_OPTIONS.filter(({ threshold }) => values.has(prefix + threshold))
  const unused = set.filter(({ ban }) => !values.isOn(values.nearestKey(prefix, ban)))
  const missing = unused.filter(({ ban }) => !values.has(values.nearestKey(prefix, ban)))
  const problems = missing.map(({ ban, threshold }) => {
    const message = `${prefix}${threshold} is set and ${prefix}${ban} is not: there is no such limit`
    const hint = `write ${prefix}${ban} = on to have it`
    return confProblem('fastnetmon-unused-limit', 'warning', values.place(prefix + threshold), message, hint)
  })
  const [first, ...more] = unused.filter(limit => !missing.includes(limit))
  if (first === undefined) return problems
  const others = more.length === 0 ? 'has no effect: its switch is' : 'have no effect: their switches are'
  const also = more.length === 0 ? '' : ` and ${more.length} more thresholds`
  const message = `${prefix}${first.threshold}${also} ${others} off`
  const place = values.place(prefix + first.threshold)
  return [...problems, confProblem('fastnetmon-unused-limit', 'notice', place, message)]
}
