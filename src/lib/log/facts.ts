// Facts made fit for a log: secrets out, errors as text, everything bounded.

import type { Facts } from './logger.ts'

/** Names whose values are never written, wherever they stand in a fact. */
const SECRET =
  /pass(word|phrase|wd)|secret|token|authorization|credential|cookie|api[-_]?key|private[-_]?key/i
const URL_PASSWORD = /(:\/\/[^\s:@/]*:)[^\s@/]+@/g
const QUERY_PASSWORD = /([?&](?:p|password|passwd|secret|token|key)=)[^&\s]+/gi

const REDACTED = '[redacted]'
const DEPTH_MAX = 4
const ITEMS_MAX = 64
const TEXT_MAX = 4096
const CAUSES_MAX = 8

/** What may stand in a line. */
export type Plain = string | number | boolean | null | readonly Plain[] | { readonly [name: string]: Plain }

/**
 * A copy of the facts that is safe to write: values under secret names and passwords in URLs are replaced, errors
 * become text (with stacks when wanted), bytes become their count, long or deep values are cut and say so.
 */
export function presentFacts(facts: Facts, stacks: boolean): Record<string, Plain> {
  const plain: Record<string, Plain> = {}
  for (const [name, value] of Object.entries(facts).slice(0, ITEMS_MAX)) {
    if (value !== undefined) plain[name] = presentNamed(name, value, 1, stacks)
  }
  return plain
}

const presentNamed = (name: string, value: unknown, depth: number, stacks: boolean): Plain =>
  SECRET.test(name) ? REDACTED : present(value, depth, stacks)

function present(value: unknown, depth: number, stacks: boolean): Plain {
  if (value === null || value === undefined) return null
  if (typeof value === 'string') return presentText(value)
  if (typeof value === 'boolean') return value
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value)
  if (typeof value !== 'object') return String(value)
  if (value instanceof Error) return presentText(stacks ? stackText(value) : errorText(value))
  if (ArrayBuffer.isView(value)) return `${value.byteLength} bytes`
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'no date' : value.toISOString()
  if (depth >= DEPTH_MAX) return '[deeper]'
  if (Array.isArray(value)) return presentList(value, depth, stacks)
  if (value instanceof Map || value instanceof Set) return `${value.size} entries`
  return presentRecord(value, depth, stacks)
}

function presentList(list: readonly unknown[], depth: number, stacks: boolean): Plain {
  const shown = list.slice(0, ITEMS_MAX).map(item => present(item, depth + 1, stacks))
  return list.length > ITEMS_MAX ? [...shown, `and ${list.length - ITEMS_MAX} more`] : shown
}

function presentRecord(record: object, depth: number, stacks: boolean): Plain {
  const plain: Record<string, Plain> = {}
  for (const [name, value] of Object.entries(record).slice(0, ITEMS_MAX)) {
    if (value !== undefined) plain[name] = presentNamed(name, value, depth + 1, stacks)
  }
  return plain
}

function presentText(text: string): string {
  const cut = text.length > TEXT_MAX ? `${text.slice(0, TEXT_MAX)}… (${text.length} characters)` : text
  // Most texts have neither, and there are thousands a second.
  const url = cut.includes('@') ? cut.replace(URL_PASSWORD, `$1${REDACTED}@`) : cut
  return url.includes('=') ? url.replace(QUERY_PASSWORD, `$1${REDACTED}`) : url
}

/** The message of an error and of its causes, as one sentence: `cannot read a.yaml: permission denied`. */
export function errorText(error: unknown): string {
  return causesOf(error)
    .map(each => (each instanceof Error ? each.message : String(each)))
    .join(': ')
}

/** The stacks of an error and of its causes. */
export function stackText(error: unknown): string {
  return causesOf(error)
    .map(each => (each instanceof Error ? (each.stack ?? each.message) : String(each)))
    .join('\ncaused by: ')
}

function causesOf(error: unknown): unknown[] {
  const causes: unknown[] = []
  let next = error
  while (next !== undefined && causes.length < CAUSES_MAX) {
    causes.push(next)
    next = next instanceof Error ? next.cause : undefined
  }
  return causes
}
