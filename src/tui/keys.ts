// What the keys of the traffic screen do.

import type { Sort } from '#api/contract/values.ts'

export interface View {
  readonly sort: Sort
  /** Rows of each table. */
  readonly limit: number
}

export const LIMIT_MAX = 100

export const KEY_LINE = 'p packets  b bytes  f flows   + more rows  - fewer rows   q quit'

const SORT_KEYS: Readonly<Record<string, Sort>> = { p: 'packets', b: 'bytes', f: 'flows' }
const INTERRUPT = '\u0003'
// biome-ignore lint/suspicious/noControlCharactersInRegex: arrows and function keys are sequences that begin with ESC.
const SEQUENCE = /\u001b(?:\[[0-9;?]*[ -/]*[@-~]|O.|.)?/g

/** The view after the keys of one read from the terminal; `quit` when one of them ends the program. Others are ignored. */
export function pressed(view: View, input: string): View | 'quit' {
  let next = view
  for (const key of input.replace(SEQUENCE, '').toLowerCase()) {
    if (key === 'q' || key === INTERRUPT) return 'quit'
    next = afterKey(next, key)
  }
  return next
}

function afterKey(view: View, key: string): View {
  if (key === '+' || key === '=')
    return { ...view, limit: Math.max(view.limit, Math.min(LIMIT_MAX, view.limit + 1)) }
  if (key === '-') return { ...view, limit: Math.max(1, view.limit - 1) }
  const sort = SORT_KEYS[key]
  return sort === undefined ? view : { ...view, sort }
}
