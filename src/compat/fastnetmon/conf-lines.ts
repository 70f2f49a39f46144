// The lines of a fastnetmon.conf: `key = value`, one each, comments on lines of their own.

import { hasErrors, type Place, type Problem, type Severity } from '#lib/schema/problem.ts'
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
  const problems: Problem[] = [...reportEncoding(text, file)]
  if (hasErrors(problems)) return { lines, problems }
  for (const [at, line] of text.split('\n').entries()) {
    const trimmed = line.trim()
    if (trimmed === '' || trimmed.startsWith('#')) continue
    const start = { file, line: at + 1, column: line.length - line.trimStart().length + 1 }
    const parts = line.split('=')
    const [key = '', value = ''] = parts.map(part => part.trim())
    if (parts.length !== 2 || key === '') {
      const shown = isSecret(key) ? `${key} = ...` : trimmed
      const found = `expected key = value, found ${quote(shown)}; the line is ignored`
      const message = parts.length > 2 ? `${found}: a value may not hold another =` : found
      problems.push(confProblem('fastnetmon-line', 'warning', start, message))
      continue
    }
    const column = value === '' ? start.column : line.indexOf(value, line.indexOf('=') + 1) + 1
    lines.push({ key, value, place: { ...start, column } })
  }
  return { lines, problems }
}

/** Values of such keys are never shown. */
export const isSecret = (key: string): boolean => /password|secret|token/i.test(key)

/** A byte order mark hides the first key from FastNetMon; zeros are UTF-16 or no text at all. */
function reportEncoding(text: string, file: string): Problem[] {
  const zero = text.indexOf('\0')
  if (zero >= 0) {
    const place = { file, line: text.slice(0, zero).split('\n').length, column: 1 }
    const message = 'the file holds zero bytes: it is not text, or not in UTF-8'
    return [confProblem('fastnetmon-encoding', 'error', place, message, 'save it as UTF-8')]
  }
  if (!text.startsWith('\uFEFF')) return []
  const message = 'the file begins with a byte order mark, which hides its first line from FastNetMon'
  return [
    confProblem('fastnetmon-encoding', 'notice', { file, line: 1, column: 1 }, message, 'here it is skipped'),
  ]
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
