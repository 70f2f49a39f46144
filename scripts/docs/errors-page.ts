// The catalogue of errors, gathered from every errors.ts.

import type { CatalogueEntry } from '#lib/schema/problem.ts'
import { exportsOf, pageHead } from './exports.ts'

const INTRODUCTION = `
Each failure has a code that stays the same from version to version. What happened, what it means for the traffic, what to do.
`

export async function errorsPage(): Promise<string> {
  const parts = (await exportsOf('errors.ts')).map(({ folder, exports }) => {
    const entries: readonly unknown[] = Array.isArray(exports['ERRORS']) ? exports['ERRORS'] : []
    return `## ${folder}\n\n${entries.filter(isEntry).map(entryText).join('\n\n')}`
  })
  return `${pageHead('Errors', 'src/**/errors.ts')}${INTRODUCTION}\n${parts.join('\n\n')}\n`
}

const entryText = (entry: CatalogueEntry): string =>
  `### ${entry.code}\n\n${entry.what}\n\n- Means: ${entry.means}\n- Do: ${entry.do}`

const isEntry = (value: unknown): value is CatalogueEntry =>
  typeof value === 'object' &&
  value !== null &&
  'code' in value &&
  'what' in value &&
  'means' in value &&
  'do' in value
