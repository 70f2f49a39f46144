// Reads files of rules as DDPS writes them, and folders of such files, for the verb `rule import`.

import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type FileProblem, type ReadableRule, readRuleFile } from '#compat/ddps/rule-file.ts'
import { printRule } from '#lib/flowspec/print.ts'
import { errorText } from '#lib/log/facts.ts'
import { decodeLeniently, readBounded } from '../config/read-file.ts'

export interface RuleOfFile {
  /** The file, and where in it. */
  readonly at: string
  /** As our text form has it; without `then` when it only watches. */
  readonly rule: string
  readonly isWatched: boolean
  readonly seconds: number
  readonly description: string
}

export interface RulesOfFiles {
  readonly rules: readonly RuleOfFile[]
  readonly problems: readonly FileProblem[]
}

const FILE_BYTES_MAX = 16 << 20
const FILES_MAX = 10_000
const RULE_FILE = /\.(?:json|dat)$/i

/** Of a folder its `.json` and `.dat` files, by name; not those of folders in it. */
export function readRuleFiles(paths: readonly string[]): RulesOfFiles {
  const rules: RuleOfFile[] = []
  const problems: FileProblem[] = []
  const files = paths.flatMap(path => filesAt(path, problems))
  if (files.length > FILES_MAX)
    return { rules, problems: [{ at: paths.join(' '), problem: `has more than ${FILES_MAX} files` }] }
  for (const file of files) {
    const read = readBounded(file, FILE_BYTES_MAX)
    if (read.kind !== 'ok') {
      problems.push({ at: file, problem: whyUnread(read) })
      continue
    }
    const found = readRuleFile(file, decodeLeniently(read.bytes).replace(/^\uFEFF/, ''))
    rules.push(...found.rules.map(present))
    problems.push(...found.problems)
  }
  return { rules, problems }
}

const present = ({ at, rule, seconds, description }: ReadableRule): RuleOfFile => ({
  ...{ at, rule: printRule(rule), isWatched: rule.actions.length === 0, seconds, description },
})

function filesAt(path: string, problems: FileProblem[]): string[] {
  try {
    if (!statSync(path).isDirectory()) return [path]
    const names = readdirSync(path).filter(name => RULE_FILE.test(name))
    if (names.length === 0) problems.push({ at: path, problem: 'has no .json or .dat file' })
    return names.sort().map(name => join(path, name))
  } catch (error) {
    problems.push({ at: path, problem: `cannot be read: ${errorText(error)}` })
    return []
  }
}

function whyUnread(read: Exclude<ReturnType<typeof readBounded>, { kind: 'ok' }>): string {
  switch (read.kind) {
    case 'missing':
      return 'is not there'
    case 'too-large':
      return `is larger than ${FILE_BYTES_MAX} bytes: split it`
    case 'failed':
      return `cannot be read: ${read.error}`
  }
}
