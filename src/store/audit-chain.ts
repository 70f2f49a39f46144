// How entries of the audit hang together: each carries the hash over the hash before it and itself, so that none can be
// changed, taken out, put in or moved without all that follow telling of it.

import { createHash } from 'node:crypto'
import { canonicalJson } from './canonical-json.ts'
import { storedText } from './stored-text.ts'
import type { ChainRow } from './tables.ts'

/** An entry's place: what the next one hangs on. */
export interface Link {
  readonly sequence: number
  /** SHA-256 in hex. */
  readonly hash: string
}

/** What the first entry hangs on. */
export const GENESIS: Link = { sequence: 0, hash: '0'.repeat(64) }

/** What is in an entry's columns too, and what not. */
export interface ChainedFacts {
  readonly at: number
  readonly who: string
  readonly what: string
  readonly target: string
  readonly outcome: string
}

/** The row of an entry behind `previous`. */
export function chained(previous: Link, entry: ChainedFacts): ChainRow {
  const sequence = previous.sequence + 1
  const at = Math.floor(entry.at)
  const body = canonicalJson({ ...entry, at, sequence })
  const { who, what, target, outcome } = entry
  const hash = hashOf(previous.hash, body)
  return {
    ...{ sequence, at, body, hash },
    ...{ who: storedText(who), what: storedText(what) },
    ...{ target: storedText(target), outcome: storedText(outcome) },
  }
}

export const hashOf = (previousHash: string, body: string): string =>
  createHash('sha256').update(previousHash).update(body).digest('hex')

/** Why a row cannot stand behind `previous`, or `undefined` when it does. */
export function flawOf(previous: Link, row: ChainRow): string | undefined {
  const expected = previous.sequence + 1
  if (row.sequence > expected) {
    const last = row.sequence - 1
    return last === expected ? `entry ${expected} is missing` : `entries ${expected} to ${last} are missing`
  }
  if (row.sequence < expected) return `entry ${row.sequence} does not belong where it stands`
  if (hashOf(previous.hash, row.body) !== row.hash)
    return `entry ${row.sequence} is not what was written: its hash is another`
  return columnsAgree(row) ? undefined : `the columns of entry ${row.sequence} are not what its text says`
}

function columnsAgree(row: ChainRow): boolean {
  const told = parsed(row.body)
  if (told === undefined) return false
  const textOf = (name: string) => storedText(String(told[name]))
  return (
    told['sequence'] === row.sequence &&
    told['at'] === row.at &&
    textOf('who') === row.who &&
    textOf('what') === row.what &&
    textOf('target') === row.target &&
    textOf('outcome') === row.outcome
  )
}

/** The object that a body says; `undefined` when it is none. */
export function parsed(body: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(body)
    return typeof value === 'object' && value !== null ? { ...value } : undefined
  } catch {
    return undefined
  }
}
