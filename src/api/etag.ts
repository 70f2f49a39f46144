// Entity tags (RFC 9110, sections 8.8.3 and 13.1): whoever changes something says which state of it he has seen.

import { hash } from 'node:crypto'
import type { ErrorCode } from './errors.ts'

const TAG_CHARACTERS = 27
const TAGS_MAX = 64

/** The strong tag of what is shown: the same for the same facts, in whatever order their keys stand. */
export const etagOf = (value: unknown): string =>
  `"${hash('sha256', canonicalJson(value), 'base64url').slice(0, TAG_CHARACTERS)}"`

/** JSON with the keys of every object in one order; what JSON leaves out is left out. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) => {
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner
    return Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
  })
}

type Refused = { readonly kind: 'refused'; readonly code: ErrorCode; readonly detail: string }

/**
 * Whether a change may go on, by the If-Match header of its request and the tag of the present state; undefined: it
 * may. `required`: without the header it is refused (RFC 6585, section 3). Tags compare strongly.
 */
export function heldByIfMatch(
  header: string | undefined,
  tag: string,
  required: 'required' | 'optional',
): Refused | undefined {
  if (header === undefined) {
    if (required === 'optional') return undefined
    return { kind: 'refused', code: 'precondition-required', detail: 'header If-Match is missing' }
  }
  const tags = tagsOf(header)
  if (tags === '*' || tags.includes(tag)) return undefined
  return { kind: 'refused', code: 'precondition-failed', detail: `what is there now has the tag ${tag}` }
}

/** Whether whoever asks has it already, by the If-None-Match header of his request. Tags compare weakly. */
export function isKnownByIfNoneMatch(header: string | undefined, tag: string): boolean {
  if (header === undefined) return false
  const tags = tagsOf(header)
  return tags === '*' || tags.some(each => each.replace(/^W\//, '') === tag.replace(/^W\//, ''))
}

function tagsOf(header: string): '*' | string[] {
  if (header.trim() === '*') return '*'
  return header
    .split(',', TAGS_MAX)
    .map(part => part.trim())
    .filter(part => /^(?:W\/)?"[\x21\x23-\x7e]*"$/.test(part))
}
