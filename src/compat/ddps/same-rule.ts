// Whether two rules of DDPS's mean the same, however they are written: `80` and `=80`, `syn ack` and `ack syn`.

import { actionsKey, matchKey } from '#lib/flowspec/canonical.ts'
import { DDPS_KEYS, type DdpsRule, readDdpsRule } from './rule.ts'
import { convertRule } from './to-rule.ts'

/** `row`: as a server lists it, with more keys or fewer. How long it lasts does not count: it is told in another way. */
export function isSameRule(rule: DdpsRule, row: Readonly<Record<string, unknown>>): boolean {
  const { durationminutes } = rule
  const keys = Object.fromEntries(DDPS_KEYS.map(key => [key, row[key]]))
  const read = readDdpsRule({ ...keys, durationminutes })
  if (read.kind === 'problems') return false
  const key = meaningOf(rule)
  return key !== undefined && key === meaningOf(read.rule)
}

function meaningOf(rule: DdpsRule): string | undefined {
  const converted = convertRule(rule, { actions: [rule.thenaction], mayTouch: () => true })
  if (converted.kind === 'refused') return undefined
  return `${matchKey(converted.rule)} ${actionsKey(converted.rule.actions)} ${rule.description}`
}
