// What a fastnetmon.conf asks for that is not done here: options of later versions, and keys nobody knows.

import { nearest } from '#lib/schema/nearest.ts'
import type { Problem } from '#lib/schema/problem.ts'
import { type ConfLine, confProblem, quote } from './conf-lines.ts'
import type { ConfValues } from './conf-values.ts'
import { type ConfOption, OPTION_BY_NAME, OPTIONS, POLICY_KEYS } from './option-table.ts'

/** One problem for each option that is not carried and would do something, and for each key that is not known. */
export function reportOptions(
  lines: readonly ConfLine[],
  values: ConfValues,
  groups: readonly string[],
): Problem[] {
  const ofGroups = new Set(groups.flatMap(group => POLICY_KEYS.map(key => `${group}_${key}`)))
  const strangers = new Map<string, ConfLine[]>()
  const problems: Problem[] = []
  const seen = new Set<string>()
  for (const line of lines) {
    if (seen.has(line.key) || ofGroups.has(line.key)) continue
    seen.add(line.key)
    const option = OPTION_BY_NAME.get(line.key)
    const stranger = option === undefined ? groupOf(line.key) : undefined
    if (option !== undefined) problems.push(...reportOption(option, values))
    else if (stranger !== undefined) strangers.set(stranger, [...(strangers.get(stranger) ?? []), line])
    else problems.push(reportUnknown(line, ofGroups))
  }
  return [...problems, ...[...strangers].flatMap(([group, ofGroup]) => reportStranger(group, ofGroup))]
}

function reportOption(option: ConfOption, values: ConfValues): Problem[] {
  const { name, kind, state, onlyWith, note } = option
  const place = values.place(name)
  if (state === 'honoured' || onlyWith !== '') return []
  if (kind === 'switch') {
    if (!values.isOn(name)) return []
    const said = state === 'never' ? 'is not carried' : 'is not carried by this version'
    const message = `${name} = on ${said}: ${note}`
    return [confProblem('fastnetmon-not-carried', 'warning', place, message)]
  }
  return [confProblem('fastnetmon-not-carried', 'notice', place, `${name} has no effect: ${note}`)]
}

/** `my_hosts` for `my_hosts_threshold_pps`. */
function groupOf(key: string): string | undefined {
  const policyKey = POLICY_KEYS.find(candidate => key.endsWith(`_${candidate}`))
  return policyKey === undefined ? undefined : key.slice(0, -policyKey.length - 1)
}

function reportStranger(group: string, lines: readonly ConfLine[]): Problem[] {
  const [first] = lines
  if (first === undefined) return []
  const others = lines.length === 1 ? '' : ` and ${lines.length - 1} more`
  const message = `${first.key}${others}: there is no hostgroup ${quote(group)}`
  const hint = `define it with hostgroup = ${group}:PREFIX`
  // The file that comes with FastNetMon holds such a group with all switches off: that misleads nobody.
  const severity = lines.some(({ value }) => value === 'on') ? 'warning' : 'notice'
  return [confProblem('fastnetmon-unknown-key', severity, first.place, message, hint)]
}

function reportUnknown(line: ConfLine, ofGroups: ReadonlySet<string>): Problem {
  const near = nearest(line.key, [...OPTIONS.map(option => option.name), ...ofGroups])
  const hint = near === undefined ? undefined : `did you mean ${near}?`
  const message = `unknown key ${quote(line.key)}; it is ignored`
  return confProblem('fastnetmon-unknown-key', 'warning', line.place, message, hint)
}
