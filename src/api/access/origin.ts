// Whether a browser sends a request for a page of ours (RFC 6454), and whether it asks for a host that is ours.

import type { IncomingMessage } from 'node:http'
import { isLoopback } from '#lib/ip/loopback.ts'

export interface OriginOptions {
  /** Origins that are ours besides the one under which we are asked. */
  readonly origins: readonly string[]
  /** Whether the request came over TLS: then a page that did not is none of ours. */
  readonly isSecure: boolean
}

/**
 * False when a browser says that a page of somebody else sends this. True without such words: programs send none, and
 * browsers always do with what changes something and with WebSockets.
 */
export function originIsOurs(message: IncomingMessage, { origins, isSecure }: OriginOptions): boolean {
  const { origin, host } = message.headers
  if (origin === undefined) {
    const site = message.headers['sec-fetch-site']
    return site === undefined || site === 'same-origin' || site === 'none'
  }
  if (origins.includes(origin)) return true
  if (host === undefined || !URL.canParse(origin)) return false
  const { protocol, host: ofOrigin } = new URL(origin)
  if (protocol !== 'https:' && (protocol !== 'http:' || isSecure)) return false
  // Parsed the same way, default ports drop out of both.
  return URL.canParse(`${protocol}//${host}`) && new URL(`${protocol}//${host}`).host === ofOrigin
}

/**
 * Whether the name under which we are asked is this machine's own. Where nobody says who he is, a page whose name was
 * made to point at us (DNS rebinding) is told apart by this alone.
 */
export function isAskedAsLocal(message: IncomingMessage, origins: readonly string[]): boolean {
  const { host } = message.headers
  if (host === undefined || !URL.canParse(`http://${host}`)) return false
  const name = new URL(`http://${host}`).hostname.replace(/^\[|\]$/g, '')
  if (name === 'localhost' || isLoopback(name)) return true
  return origins.some(origin => new URL(origin).host === host)
}
