// Who shows which token: made at the sign-in, read from a cookie or a header, and good as long as its holder is.

import type { Headed, Identity, Shown } from '#api/contract/access.ts'
import { uuidOfName } from '#lib/uuid.ts'
import type { TokenHolder, TokenRoom } from './desk.ts'
import { type Claims, readToken, writeToken } from './token.ts'

export const COOKIE = 'token'

export type ShownToken =
  /** Other: a header that is for somebody else to read. */
  | { readonly kind: 'none' | 'other' | 'malformed' | 'forged' | 'over' }
  | {
      readonly kind: 'good'
      readonly identity: Identity
      readonly claims: Claims
      readonly by: 'header' | 'cookie'
    }

const NO_CUSTOMER = '00000000-0000-0000-0000-000000000000'
const BEARER = /^bearer +(\S+)$/i

export class DdpsTokens {
  readonly #room: TokenRoom

  constructor(room: TokenRoom) {
    this.#room = room
  }

  /** `since`: seconds since 1970 at which the password was shown. `undefined`: there is no key to sign with. */
  issue({ identity, version }: TokenHolder, since?: number): { token: string; expires: Date } | undefined {
    const key = this.#room.key()
    if (key === undefined) return undefined
    const now = Math.floor(this.#room.now() / 1000)
    const exp = now + this.#room.life().tokenSeconds
    const claims = { ...claimsOf(identity), exp, iat: since ?? now, ver: version }
    return { token: writeToken(claims, key), expires: new Date(exp * 1000) }
  }

  /** Of a header before that of a cookie. A bearer of another kind is left to others, and so is the cookie beside it. */
  shown({ headers, rawHeaders }: Headed): ShownToken {
    const { authorization } = headers
    if (authorization === undefined) {
      const cookie = cookieIn(headers.cookie)
      return cookie === undefined ? { kind: 'none' } : this.#check(cookie, 'cookie')
    }
    // Of two a proxy may have looked at the other.
    const count = rawHeaders.filter(
      (name, at) => at % 2 === 0 && name.toLowerCase() === 'authorization',
    ).length
    const bearer = count > 1 ? undefined : BEARER.exec(authorization.trim())?.[1]
    const shown = bearer === undefined ? undefined : this.#check(bearer, 'header')
    return shown === undefined || shown.kind === 'malformed' ? { kind: 'other' } : shown
  }

  readonly credential = (message: Headed): Shown => {
    const shown = this.shown(message)
    if (shown.kind === 'none' || shown.kind === 'other') return { kind: 'none' }
    return shown.kind === 'good'
      ? { kind: 'known', identity: shown.identity, by: shown.by }
      : { kind: 'wrong', detail: `the token is ${shown.kind}` }
  }

  #check(text: string, by: 'header' | 'cookie'): ShownToken {
    const read = readToken(text, this.#room.key())
    if (read.kind !== 'token') return read
    const { claims } = read
    const holder = this.#room.holder(claims.Adminid)
    const isOver = claims.exp * 1000 <= this.#room.now()
    if (isOver || holder === undefined || holder.version !== claims.ver) return { kind: 'over' }
    return { kind: 'good', identity: holder.identity, claims, by }
  }
}

/** Of several customers the first; DDPS knows one. */
function claimsOf({ name, id, customers = [] }: Identity) {
  const [customer] = customers
  return {
    username: name,
    Adminid: id,
    Customerid: customer === undefined ? NO_CUSTOMER : uuidOfName(`customer ${customer}`),
  }
}

/** Of several of one name nobody can say which is ours. */
function cookieIn(header: string | undefined): string | undefined {
  const values = (header ?? '').split(';').flatMap(pair => {
    const at = pair.indexOf('=')
    return at >= 0 && pair.slice(0, at).trim() === COOKIE ? [pair.slice(at + 1).trim()] : []
  })
  return values.length === 1 && values[0] !== '' ? values[0] : undefined
}
