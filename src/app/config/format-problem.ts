// Problems of a configuration as lines for people: `file:line:column: error: setting: message`.

import type { Problem } from '#lib/schema/problem.ts'

/** `file:line:column`, or the file alone. */
export const formatPlace = ({ file, line, column }: Problem): string =>
  line === 0 ? file : `${file}:${line}:${column}`

/** One line, and a second one with what to do when there is a hint. */
export function formatProblem(problem: Problem): string {
  const { severity, path, message, hint } = problem
  const what = path === '' ? message : `${path}: ${message}`
  const said = `${formatPlace(problem)}: ${severity}: ${what}`
  return hint === undefined ? said : `${said}\n  ${hint}`
}
