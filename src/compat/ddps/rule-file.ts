// Files of rules: one rule of fourteen keys as JSON, a list of them, or a file of the older generation.

import type { Rule } from '#lib/flowspec/rule.ts'
import { nestsTooDeep } from '#lib/json-nesting.ts'
import { HEAD, readNewRules } from './newrules-file.ts'
import { readDdpsRule } from './rule.ts'
import { convertRule } from './to-rule.ts'
import { readAction } from './words.ts'

/** `at`: the file, and where in it. */
export interface FileRule {
  readonly at: string
  /** Not looked at yet. */
  readonly rule: unknown
}

export interface FileProblem {
  readonly at: string
  readonly problem: string
}

export interface RulesOfFile {
  readonly rules: readonly FileRule[]
  readonly problems: readonly FileProblem[]
}

export interface ReadableRule {
  readonly at: string
  /** Without actions it only watches. */
  readonly rule: Rule
  readonly seconds: number
  readonly description: string
}

const RULES_MAX = 10_000

/** What can be read and what cannot; whose the targets are is not known here. */
export function readRuleFile(
  name: string,
  text: string,
): { readonly rules: readonly ReadableRule[]; readonly problems: readonly FileProblem[] } {
  const found = text.startsWith(HEAD) ? readNewRules(name, text) : readJsonRules(name, text)
  const problems: FileProblem[] = [...found.problems]
  const rules = found.rules.flatMap(({ at, rule: value }): ReadableRule[] => {
    const read = readDdpsRule(value)
    if (read.kind === 'problems') {
      problems.push(...read.problems.map(problem => ({ at, problem })))
      return []
    }
    const { thenaction, description } = read.rule
    const actions = readAction(thenaction) === undefined ? KNOWN_ACTIONS : [thenaction]
    const converted = convertRule(read.rule, { actions, mayTouch: () => true })
    if (converted.kind === 'rule')
      return [{ at, rule: converted.rule, seconds: converted.seconds, description }]
    problems.push({ at, problem: converted.text })
    return []
  })
  return { rules, problems }
}

const KNOWN_ACTIONS = ['accept', 'discard', 'rate-limit BYTES_PER_SECOND']

function readJsonRules(name: string, text: string): RulesOfFile {
  const fail = (problem: string): RulesOfFile => ({ rules: [], problems: [{ at: name, problem }] })
  if (nestsTooDeep(text)) return fail('nests too deep for a rule')
  const value = parsed(text)
  if (value === undefined) return fail('is neither JSON nor a file that begins with head;')
  if (!Array.isArray(value)) return { rules: [{ at: name, rule: value }], problems: [] }
  if (value.length > RULES_MAX) return fail(`has more than ${RULES_MAX} rules: split it`)
  return { rules: value.map((rule, at) => ({ at: `${name}[${at}]`, rule })), problems: [] }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
