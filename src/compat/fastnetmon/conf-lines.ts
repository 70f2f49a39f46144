// The lines of a fastnetmon.conf: `key = value`, one each, comments on lines of their own.

import type { Place, Problem, Severity } from '#lib/schema/problem.ts'
import type { ConfErrorCode } from './errors.ts'

export interface ConfLine {
  readonly key: string
  readonly value: string
  /** Where the value begins, or the key when there is none. */
  readonly place: Place
}

export interface ConfLines {
  readonly lines: readonly ConfLine[]
  readonly problems: readonly Problem[]
}

/** Splits the text. A line with no `=` or with more than one is ignored, as FastNetMon does, and reported. */
export function readConfLines(text: string, file: string): ConfLines {
  const lines: ConfLine[] = []
  const problems: Problem[] = []
  for (const [at, line] of text.split('\n').entries()) {
    const trimmed = line.trim()
    if (trimmed === '' || trimmed.startsWith('#')) continue
    const start = { file, line: at + 1, column: line.length - line.trimStart().length + 1 }
    const parts = line.split('=')
    const [key = '', value = ''] = parts.map(part => part.trim())
    if (parts.length !== 2 || key === '') {
      const message = `expected key = value, found ${quote(trimmed)}; the line is ignored`
      problems.push(confProblem('fastnetmon-line', 'warning', start, message))
      continue
    }
    const column = value === '' ? start.column : line.indexOf(value, line.indexOf('=') + 1) + 1
    lines.push({ key, value, place: { ...start, column } })
  }
  return { lines, problems }
}

export function confProblem(
  code: ConfErrorCode,
  severity: Severity,
  place: Place,
  message: string,
  hint?: string,
): Problem {
  return { ...place, code, severity, path: '', message, hint }
}

const TEXT_MAX = 60

/** Text of a file as it is safe to print. */
export const quote = (text: string): string =>
  JSON.stringify(text.length > TEXT_MAX ? `${text.slice(0, TEXT_MAX)}...` : text)
