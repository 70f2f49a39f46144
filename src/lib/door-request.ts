// One HTTP request to a daemon, with its failures as values.

import { type Door, doorName, openRequest } from './door.ts'

export interface DoorRequest {
  readonly door: Door
  readonly method: string
  /** Path and query. */
  readonly path: string
  /** Sent as JSON. */
  readonly body: unknown
  readonly timeoutMs: number
}

export type DoorReply =
  | {
      readonly kind: 'answered'
      readonly status: number
      readonly contentType: string
      readonly text: string
    }
  /** Nothing there, or nobody listens on it; `path` is the socket or the URL. */
  | { readonly kind: 'absent'; readonly path: string; readonly cause: Error }
  | { readonly kind: 'forbidden'; readonly path: string; readonly cause: Error }
  | { readonly kind: 'silent'; readonly path: string; readonly timeoutMs: number }
  | { readonly kind: 'broken'; readonly path: string; readonly cause: Error }

/** Larger answers are given up: nothing we ask for comes near. */
const ANSWER_BYTES_MAX = 64 * 1024 * 1024

/** Sends the request and reads the whole answer; never rejects. `timeoutMs` is for all of it. */
export function requestAt(options: DoorRequest): Promise<DoorReply> {
  const path = doorName(options.door)
  const body = options.body === undefined ? undefined : JSON.stringify(options.body)
  const signal = AbortSignal.timeout(options.timeoutMs)
  return new Promise(resolve => {
    const fail = (error: Error): void => resolve(failureOf(error, path, options.timeoutMs))
    const outgoing = openRequest(
      options.door,
      {
        method: options.method,
        path: options.path,
        signal,
        headers: body === undefined ? {} : { 'Content-Type': 'application/json' },
      },
      incoming => {
        const chunks: Buffer[] = []
        let bytes = 0
        incoming.on('data', (chunk: Buffer) => {
          bytes += chunk.length
          if (bytes > ANSWER_BYTES_MAX)
            outgoing.destroy(new Error(`the answer is longer than ${ANSWER_BYTES_MAX} bytes`))
          else chunks.push(chunk)
        })
        incoming.on('error', fail)
        incoming.on('end', () => {
          const contentType = (incoming.headers['content-type'] ?? '').split(';')[0] ?? ''
          const text = Buffer.concat(chunks).toString('utf8')
          resolve({ kind: 'answered', status: incoming.statusCode ?? 0, contentType, text })
        })
      },
    )
    outgoing.on('error', fail)
    outgoing.end(body)
  })
}

/** What went wrong, by the words of the system. */
export function failureOf(
  error: Error & { code?: string },
  path: string,
  timeoutMs: number,
): Exclude<DoorReply, { kind: 'answered' }> {
  switch (error.code) {
    case 'ENOENT':
    case 'ECONNREFUSED':
    case 'ENOTDIR':
    case 'ENOTFOUND':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return { kind: 'absent', path, cause: error }
    case 'EACCES':
    case 'EPERM':
      return { kind: 'forbidden', path, cause: error }
    case 'ABORT_ERR':
      return { kind: 'silent', path, timeoutMs }
    default:
      return { kind: 'broken', path, cause: error }
  }
}
