// The token of DDPS: a JSON Web Token (RFC 7519) signed with HMAC-SHA256 (RFC 7515), and no other algorithm.

import { createHmac, timingSafeEqual } from 'node:crypto'
import { z } from 'zod'

/** The first four are DDPS's. */
export interface Claims {
  readonly username: string
  readonly Adminid: string
  readonly Customerid: string
  /** Seconds since 1970: it is over then. */
  readonly exp: number
  /** When its holder showed his password; a refresh keeps it. */
  readonly iat: number
  /** What his password was then, as `TokenHolder.version` has it. */
  readonly ver: string
}

export type ReadToken =
  | { readonly kind: 'token'; readonly claims: Claims }
  /** It is no JWT, or its signature is not ours. */
  | { readonly kind: 'malformed' | 'forged' }

const HEADER = encode({ alg: 'HS256', typ: 'JWT' })
const SHAPE = /^[\w-]{1,512}\.[\w-]{1,4096}\.[\w-]{43}$/

const headerSchema = z.object({ alg: z.string() })
const claimsSchema = z.object({
  username: z.string(),
  Adminid: z.string(),
  Customerid: z.string(),
  exp: z.int(),
  iat: z.int(),
  ver: z.string(),
})

export function writeToken(claims: Claims, key: Buffer): string {
  const signed = `${HEADER}.${encode(claims)}`
  return `${signed}.${signatureOf(signed, key).toString('base64url')}`
}

/** Whether it is over is left to who knows the time. Nothing that is not signed is believed. */
export function readToken(text: string, key: Buffer | undefined): ReadToken {
  const [header = '', payload = '', signature = ''] = text.split('.')
  const named = SHAPE.test(text) ? headerSchema.safeParse(decode(header)).data : undefined
  if (named === undefined) return { kind: 'malformed' }
  // A key that nobody has yet signed nothing; whoever names another algorithm wants his own word to count.
  if (key === undefined || named.alg !== 'HS256') return { kind: 'forged' }
  const given = Buffer.from(signature, 'base64url')
  const wanted = signatureOf(`${header}.${payload}`, key)
  if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) return { kind: 'forged' }
  const claims = claimsSchema.safeParse(decode(payload))
  return claims.success ? { kind: 'token', claims: claims.data } : { kind: 'malformed' }
}

const signatureOf = (text: string, key: Buffer): Buffer => createHmac('sha256', key).update(text).digest()

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

function decode(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString('utf8'))
  } catch {
    return undefined
  }
}
