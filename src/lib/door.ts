// Where a daemon is asked: its Unix socket, or a URL with a token.

import type { ClientRequest, IncomingMessage, RequestOptions } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { request as httpRequest } from './http.ts'

export type Door =
  | { readonly kind: 'socket'; readonly path: string }
  | {
      readonly kind: 'url'
      /** Of the daemon, perhaps with a path before its own. */
      readonly url: string
      /** Sent as a bearer token (RFC 6750); missing: nothing is said of who asks. */
      readonly token?: string
      /** Whose certificates are believed besides those of the system, PEM. */
      readonly authority?: string
      /** Shown as the client's own, PEM. */
      readonly certified?: { readonly certificate: string; readonly key: string }
    }

/** Its name in messages; never the token. */
export const doorName = (door: Door): string => (door.kind === 'socket' ? door.path : door.url)

/** Begins a request; nothing of it is kept for another one. */
export function openRequest(
  door: Door,
  options: Pick<RequestOptions, 'method' | 'path' | 'signal' | 'headers'>,
  answered: (incoming: IncomingMessage) => void,
): ClientRequest {
  if (door.kind === 'socket')
    return httpRequest({ ...options, socketPath: door.path, agent: false }, answered)
  const { url, token, authority, certified } = door
  const { protocol, hostname, port, pathname } = new URL(url)
  const common = {
    ...options,
    // Brackets are for the URL alone.
    host: hostname.replace(/^\[|\]$/g, ''),
    ...(port === '' ? {} : { port }),
    path: `${pathname.replace(/\/$/, '')}${options.path}`,
    headers: { ...options.headers, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) },
    agent: false,
  } as const
  if (protocol === 'http:') return httpRequest(common, answered)
  const tls = {
    ...(authority === undefined ? {} : { ca: authority }),
    ...(certified && { cert: certified.certificate, key: certified.key }),
  }
  return httpsRequest({ ...common, ...tls }, answered)
}
