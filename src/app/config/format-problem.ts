// Problems of a configuration as lines for people: `file:line:column: error: setting: message`.

import type { Problem } from '#lib/schema/problem.ts'

/** One line, and a second one with what to do when there is a hint. */
export function formatProblem(problem: Problem): string {
  const { file, line, column, severity, path, message, hint } = problem
  const place = line === 0 ? file : `${file}:${line}:${column}`
  const what = path === '' ? message : `${path}: ${message}`
  const said = `${place}: ${severity}: ${what}`
  return hint === undefined ? said : `${said}\n  ${hint}`
}
