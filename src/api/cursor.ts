// Cursors of long lists: opaque text that says where the next page begins, good for the list it came from alone.

import { hash } from 'node:crypto'
import { z } from 'zod'
import type { Problem } from './contract/problem.ts'

/** What a place may be; of a list it is always the same. */
export type CursorPlace = z.infer<ReturnType<typeof z.json>>

const CHARACTERS_MAX = 1024
const CHECK_CHARACTERS = 16
const TEXT = /^[A-Za-z0-9_-]+$/

const envelope = z.strictObject({ k: z.string(), p: z.json(), c: z.string() })

/** How a query names where its page begins. */
export const cursorInput = z
  .string()
  .min(1)
  .max(CHARACTERS_MAX)
  .optional()
  .describe('The nextCursor of the page before; missing: the first page.')

/** The cursor that stands for `place` in the list called `kind`. */
export function cursorOf(kind: string, place: CursorPlace): string {
  const json = JSON.stringify({ k: kind, p: place, c: checkOf(kind, place) })
  return Buffer.from(json, 'utf8').toString('base64url')
}

export type CursorRead<Place> =
  | { readonly kind: 'ok'; readonly place: Place }
  /** For an answer with the code `invalid-request`; it names the field. */
  | { readonly kind: 'wrong'; readonly errors: NonNullable<Problem['errors']> }

/**
 * The place in the list called `kind`. A cursor of another list, of another version, one that was cut, and one that was
 * made up are told apart from ours by their check and by `schema`. The check is no secret: whoever works it out has a
 * place that the schema allows, and sees there what he may see anyway.
 */
export function readCursor<Place extends z.ZodType>(
  kind: string,
  text: string,
  schema: Place,
): CursorRead<z.output<Place>> {
  const opened = envelope.safeParse(jsonOf(text))
  if (!opened.success) return wrong('expected the nextCursor of an answer, unchanged')
  const { k, p, c } = opened.data
  if (k !== kind) return wrong('it is a cursor of another list')
  const place = schema.safeParse(p)
  if (c !== checkOf(k, p) || !place.success) return wrong('expected the nextCursor of an answer, unchanged')
  return { kind: 'ok', place: place.data }
}

const wrong = (problem: string): CursorRead<never> => ({ kind: 'wrong', errors: [{ at: 'cursor', problem }] })

const checkOf = (kind: string, place: CursorPlace): string =>
  hash('sha256', `${kind}\n${JSON.stringify(place)}`, 'base64url').slice(0, CHECK_CHARACTERS)

function jsonOf(text: string): unknown {
  if (text.length > CHARACTERS_MAX || !TEXT.test(text)) return undefined
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString('utf8'))
  } catch {
    return undefined
  }
}
