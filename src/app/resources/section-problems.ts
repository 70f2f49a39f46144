// What is wrong with a section, by the place in its own text.

import type { SectionCheck } from '#api/contract/sections.ts'
import { formatPath, type Problem } from '#lib/schema/problem.ts'
import { pathWithin, type SectionText } from '../config/section-text.ts'

/**
 * Those about the section at `path` of the file; warnings about the rest of the file are left out, errors are not. Without a
 * text places are those of the problems.
 */
export function placedProblems(
  problems: readonly Problem[],
  path: readonly string[],
  text: SectionText | undefined,
): SectionCheck['problems'] {
  const prefix = formatPath(path)
  return problems.flatMap(problem => {
    const { severity, path: at } = problem
    const inner = at.startsWith(prefix) ? at.slice(prefix.length) : undefined
    if (at === '') {
      const { line, column } = problem
      const place = `line ${line}, column ${column}`
      return severity === 'error'
        ? [{ severity, at: place, problem: problemWords(problem), line, column }]
        : []
    }
    const isWithin = inner !== undefined && (inner === '' || /^[.[]/.test(inner))
    if (!isWithin) return severity === 'error' ? [{ severity, at, problem: problemWords(problem) }] : []
    const place = text?.locate(pathWithin(text.value, inner))
    const where = place === undefined ? {} : { line: place.line, column: place.column }
    return [{ severity, at, problem: problemWords(problem), ...where }]
  })
}

export const problemWords = ({ message, hint }: Problem): string =>
  hint === undefined ? message : `${message}; ${hint}`
