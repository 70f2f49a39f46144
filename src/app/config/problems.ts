// Making and trimming problems of a configuration.

import {
  formatPath,
  type Problem,
  type SettingPath,
  type SettingsSource,
  type Severity,
} from '#lib/schema/problem.ts'
import type { ConfigErrorCode } from './errors.ts'

/** More of one kind help nobody; the rest is counted. */
const OF_ONE_KIND_MAX = 20

/** A problem about a setting, placed where the setting was written. */
export function problemAt(
  source: SettingsSource,
  code: ConfigErrorCode,
  severity: Severity,
  path: SettingPath,
  message: string,
  hint?: string,
): Problem {
  return { ...source.locate(path, 'value'), code, severity, path: formatPath(path), message, hint }
}

/** By file, line and column; of each kind the first, and a count of the others. */
export function trimProblems(problems: readonly Problem[]): Problem[] {
  const files = [...new Set(problems.map(problem => problem.file))]
  const sorted = problems.toSorted(
    (a, b) => files.indexOf(a.file) - files.indexOf(b.file) || a.line - b.line || a.column - b.column,
  )
  const counts = new Map<string, number>()
  const last = new Map<string, Problem>()
  const kept = sorted.filter(problem => {
    const count = (counts.get(problem.code) ?? 0) + 1
    counts.set(problem.code, count)
    last.set(problem.code, problem)
    return count <= OF_ONE_KIND_MAX
  })
  for (const [code, count] of counts) {
    const example = last.get(code)
    if (count <= OF_ONE_KIND_MAX || example === undefined) continue
    const message = `${count - OF_ONE_KIND_MAX} more of the kind ${code}`
    kept.push({ ...example, code: 'config-more', line: 0, column: 0, path: '', message, hint: undefined })
  }
  return kept
}
