// The session's cookie (RFC 6265): read from a request, written into an answer.

export const SESSION_COOKIE = 'session'

/** A value of ours: 32 random bytes in base64url. */
const SECRET = /^[A-Za-z0-9_-]{43}$/

/**
 * The secret of the session a request names. `undefined` when it names none, none of ours, or several: a page of a
 * neighbouring host may have planted one beside ours, and nobody can say which is which.
 */
export function sessionSecretOf(header: string | undefined): string | undefined {
  if (header === undefined) return undefined
  let found: string | undefined
  for (const pair of header.split(';')) {
    const at = pair.indexOf('=')
    if (at < 0 || pair.slice(0, at).trim() !== SESSION_COOKIE) continue
    if (found !== undefined) return undefined
    found = pair.slice(at + 1).trim()
  }
  return found !== undefined && SECRET.test(found) ? found : undefined
}

/** `Set-Cookie` of a session: scripts cannot read it, other sites cannot send it. */
export const sessionCookie = (secret: string, maxAgeSeconds: number, isSecure: boolean): string =>
  `${SESSION_COOKIE}=${secret}; Path=/; Max-Age=${maxAgeSeconds}; HttpOnly; SameSite=Strict${isSecure ? '; Secure' : ''}`

/** `Set-Cookie` that takes it away. */
export const noSessionCookie = (isSecure: boolean): string => sessionCookie('', 0, isSecure)
