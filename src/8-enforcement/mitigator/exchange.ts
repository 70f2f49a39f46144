// One HTTP request to a MITIGATOR, with its failures as values: a time limit for the connection and one for all of it.

import { request as httpsRequest } from 'node:https'
import type { Socket } from 'node:net'
import { request as httpRequest } from '#lib/http.ts'

/** Whose certificates are believed. `anybody` is for whoever chose that aloud. */
export type Trust =
  | { readonly kind: 'system' }
  | { readonly kind: 'authority'; readonly pem: string }
  | { readonly kind: 'anybody' }

export interface Exchange {
  readonly method: 'GET' | 'PUT' | 'POST'
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** Sent as JSON. */
  readonly body: unknown
  readonly trust: Trust
  /** To be connected, TLS with it. */
  readonly connectMs: number
  readonly totalMs: number
}

export type Reply =
  | {
      readonly kind: 'answered'
      readonly status: number
      readonly location: string | undefined
      readonly text: string
    }
  /** It is not the server that is meant, and would not be later. */
  | { readonly kind: 'distrusted'; readonly error: string }
  | { readonly kind: 'failed'; readonly error: string }

/** Lists of policies are the longest that we ask for. */
const ANSWER_BYTES_MAX = 8 << 20
const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_(?:GET|VERIFY)|HOSTNAME_MISMATCH|ERR_TLS_/

/** Never rejects. */
export function exchange(options: Exchange): Promise<Reply> {
  const { method, url, totalMs, connectMs } = options
  const text = options.body === undefined ? undefined : JSON.stringify(options.body)
  const type = text === undefined ? {} : { 'content-type': 'application/json' }
  const length = text === undefined ? {} : { 'content-length': String(Buffer.byteLength(text)) }
  return new Promise(resolve => {
    const isSecure = new URL(url).protocol === 'https:'
    const all = { method, agent: false, headers: { ...options.headers, ...type, ...length } } as const
    const request = isSecure
      ? httpsRequest(url, { ...all, ...trusting(options.trust) })
      : httpRequest(url, all)
    const give = (error: string) => request.destroy(new Error(error))
    const slow = setTimeout(() => give(`no connection within ${connectMs / 1000} s`), connectMs)
    const late = setTimeout(() => give(`no answer within ${totalMs / 1000} s`), totalMs)
    const finish = (reply: Reply): void => {
      clearTimeout(slow)
      clearTimeout(late)
      resolve(reply)
    }
    const fail = (error: Error): void => finish(failureOf(error))
    request.on('socket', (socket: Socket) => {
      socket.once(isSecure ? 'secureConnect' : 'connect', () => clearTimeout(slow))
    })
    request.on('error', fail)
    request.on('response', incoming => {
      const parts: Buffer[] = []
      let bytes = 0
      incoming.on('data', (part: Buffer) => {
        bytes += part.length
        if (bytes > ANSWER_BYTES_MAX) give(`the answer is longer than ${ANSWER_BYTES_MAX} bytes`)
        else parts.push(part)
      })
      incoming.on('error', fail)
      incoming.on('end', () =>
        finish({
          kind: 'answered',
          status: incoming.statusCode ?? 0,
          location: incoming.headers.location,
          text: Buffer.concat(parts).toString('utf8'),
        }),
      )
    })
    request.end(text)
  })
}

function trusting(trust: Trust): { readonly ca?: string; readonly rejectUnauthorized: boolean } {
  switch (trust.kind) {
    case 'system':
      return { rejectUnauthorized: true }
    case 'authority':
      return { ca: trust.pem, rejectUnauthorized: true }
    case 'anybody':
      return { rejectUnauthorized: false }
  }
}

function failureOf(error: Error & { code?: string }): Reply {
  const code = error.code ?? ''
  return CERTIFICATE.test(code)
    ? { kind: 'distrusted', error: `its certificate is not believed: ${error.message} (${code})` }
    : { kind: 'failed', error: error.message || code }
}
