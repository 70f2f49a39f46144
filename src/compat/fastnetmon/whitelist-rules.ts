// The rule file of the whitelist: one JSON object per line, in the words of a FlowSpec rule.

import { WHITELIST_RULES_MAX, type WhitelistRule, whitelistRuleSchema } from '#3-traffic/config.ts'
import { nearest } from '#lib/schema/nearest.ts'
import type { Place, Problem } from '#lib/schema/problem.ts'
import { confProblem, quote } from './conf-lines.ts'

export interface PlacedRule {
  readonly rule: WhitelistRule
  readonly place: Place
}

export interface WhitelistRules {
  readonly rules: readonly PlacedRule[]
  readonly problems: readonly Problem[]
}

/** Keys that a rule file may hold and that say nothing about packets. */
const WITHOUT_MEANING = new Set(['action', 'action_type', 'uuid'])
const KEYS = Object.keys(whitelistRuleSchema.shape)

/** Reads the lines; comments stand on lines of their own. A line that is no rule is left out and reported. */
export function readWhitelistRules(text: string, file: string): WhitelistRules {
  const rules: PlacedRule[] = []
  const problems: Problem[] = []
  for (const [at, line] of text.split('\n').entries()) {
    const words = line.trim()
    if (words === '' || words.startsWith('#')) continue
    const place = { file, line: at + 1, column: line.indexOf(words) + 1 }
    const report = (message: string, hint?: string) =>
      problems.push(confProblem('fastnetmon-whitelist-rule', 'warning', place, message, hint))
    const read = readRule(words)
    if (read.kind === 'wrong') report(`${read.error}; the rule is left out`, read.hint)
    else if (rules.length === WHITELIST_RULES_MAX)
      report(`there are ${WHITELIST_RULES_MAX} rules already; the rule is left out`)
    else rules.push({ rule: read.rule, place })
  }
  return { rules, problems }
}

type ReadRule =
  | { readonly kind: 'ok'; readonly rule: WhitelistRule }
  | { readonly kind: 'wrong'; readonly error: string; readonly hint?: string | undefined }

function readRule(text: string): ReadRule {
  const value = parseJson(text)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return {
      kind: 'wrong',
      error: `expected a JSON object such as {"source_prefix":"192.0.2.0/24"}, found ${quote(text)}`,
    }
  }
  const entries = Object.entries(value).filter(([key]) => !WITHOUT_MEANING.has(key))
  const strange = entries.map(([key]) => key).find(key => !KEYS.includes(key))
  if (strange !== undefined) {
    const near = nearest(strange, KEYS)
    const hint = near === undefined ? `known are ${KEYS.join(', ')}` : `did you mean ${near}?`
    return { kind: 'wrong', error: `unknown key ${quote(strange)}`, hint }
  }
  const parsed = whitelistRuleSchema.safeParse(Object.fromEntries(entries))
  if (parsed.success) return { kind: 'ok', rule: parsed.data }
  const [issue] = parsed.error.issues
  const key = issue === undefined || issue.path.length === 0 ? '' : `${issue.path.join('.')}: `
  return { kind: 'wrong', error: `${key}${issue?.message ?? 'no rule'}` }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
