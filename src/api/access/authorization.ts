// The Authorization header: one bearer token (RFC 6750), or a reason why it is none.

import type { IncomingMessage } from 'node:http'

export type Authorization =
  | { readonly kind: 'none' }
  | { readonly kind: 'bearer'; readonly token: string }
  | { readonly kind: 'wrong'; readonly detail: string }

/** The scheme's case does not count (RFC 9110, section 11.1). */
const BEARER = /^bearer +([\x21-\x7e]{1,512})$/i

export function authorizationOf({ headers, rawHeaders }: IncomingMessage): Authorization {
  const { authorization } = headers
  if (authorization === undefined) return { kind: 'none' }
  // Node keeps the first of several; a proxy may have looked at another.
  if (countOf(rawHeaders, 'authorization') > 1)
    return { kind: 'wrong', detail: 'header Authorization came more than once' }
  const token = BEARER.exec(authorization.trim())?.[1]
  return token === undefined
    ? { kind: 'wrong', detail: 'header Authorization is not of the form: Bearer TOKEN' }
    : { kind: 'bearer', token }
}

/** Names stand at even places. */
function countOf(rawHeaders: readonly string[], name: string): number {
  let count = 0
  for (let at = 0; at < rawHeaders.length; at += 2) if (rawHeaders[at]?.toLowerCase() === name) count++
  return count
}
