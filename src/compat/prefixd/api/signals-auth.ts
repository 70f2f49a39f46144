// How the sender of a webhook shows who it is: a signature over the body as it came, or a token. Compared in constant time.

import { createHmac, timingSafeEqual } from 'node:crypto'

/** HMAC-SHA256 of the bytes of a body, in hex. */
export const signatureOf = (secret: string, body: Buffer): string =>
  createHmac('sha256', secret).update(body).digest('hex')

/** Whether the text of a header is the signature, with or without `sha256=` in front. */
export function isSigned(header: string | undefined, secret: string, body: Buffer): boolean {
  const hex = /^(?:sha256=)?([0-9a-f]{64})$/i.exec(header ?? '')?.[1]
  if (hex === undefined || secret === '') return false
  return timingSafeEqual(Buffer.from(hex, 'hex'), createHmac('sha256', secret).update(body).digest())
}

/** Both are hashed first, so that their lengths do not show. */
export function hasToken(header: string | undefined, token: string): boolean {
  const given = /^Bearer +(\S{1,4096})$/i.exec(header ?? '')?.[1]
  if (given === undefined || token === '') return false
  const hash = (text: string) => createHmac('sha256', 'token').update(text).digest()
  return timingSafeEqual(hash(given), hash(token))
}
