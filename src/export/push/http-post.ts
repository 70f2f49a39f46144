// Posts bodies to one HTTP server over one connection that is kept, with a limit on every wait and on every answer.

import type { Agent, IncomingMessage } from 'node:http'
import { Agent as TlsAgent, request as tlsRequest } from 'node:https'
import { promisify } from 'node:util'
import { constants, gzip } from 'node:zlib'
import { Agent as PlainAgent, request } from '#lib/http.ts'
import type { ServerAddress } from '#lib/server-address.ts'

const SILENT_MS = 10_000
/** So much of an answer is kept unless more is wanted; the rest is let go. */
const ANSWER_BYTES = 2000
const ERROR_CHARACTERS = 200

export interface PostServer extends ServerAddress {
  readonly tls: boolean
  /** PEM of the authority the server is believed by; undefined: those Node knows. */
  readonly authority?: string | undefined
}

export interface Answered {
  readonly status: number
  /** Its beginning. */
  readonly text: string
  readonly retryAfter: string | undefined
}

export class HttpPost {
  readonly #server: PostServer
  readonly #agent: Agent | TlsAgent

  constructor(server: PostServer) {
    this.#server = server
    const options = { keepAlive: true, maxSockets: 1 }
    const ca = server.authority === undefined ? {} : { ca: server.authority }
    this.#agent = server.tls ? new TlsAgent({ ...options, ...ca }) : new PlainAgent(options)
  }

  /** Rejects when there is no answer: no connection, no word for 10 s, or the signal. No redirect is followed. */
  async post(
    path: string,
    body: Uint8Array,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
    answerBytes = ANSWER_BYTES,
  ): Promise<Answered> {
    const { promise, resolve, reject } = Promise.withResolvers<Answered>()
    const { host, port, tls } = this.#server
    const asked = (tls ? tlsRequest : request)(
      {
        ...{ host, port, path, method: 'POST', agent: this.#agent, signal, timeout: SILENT_MS },
        headers: { 'user-agent': 'Floodwarden', ...headers, 'content-length': body.length },
      },
      answer => {
        const { statusCode: status = 0, headers: theirs } = answer
        answerText(answer, answerBytes).then(
          text => resolve({ status, text, retryAfter: theirs['retry-after'] }),
          reject,
        )
      },
    )
    asked.on('timeout', () => asked.destroy(new Error('the server does not answer')))
    asked.on('error', reject)
    asked.end(body)
    return promise
  }

  close(): void {
    this.#agent.destroy()
  }
}

const deflated = promisify(gzip)

/** Compressed in a thread of the pool, fast rather than small. */
export const gzipped = (text: string): Promise<Buffer> => deflated(text, { level: constants.Z_BEST_SPEED })

async function answerText(answer: IncomingMessage, bytesMax: number): Promise<string> {
  const parts: Buffer[] = []
  let bytes = 0
  for await (const part of answer) {
    if (bytes >= bytesMax) continue
    parts.push(part)
    bytes += part.length
  }
  return Buffer.concat(parts).subarray(0, bytesMax).toString()
}

/** What a server said, on one line, and never a secret of ours back. */
export function saidText(text: string, secrets: readonly (string | undefined)[]): string {
  let open = text
  for (const secret of secrets)
    if (secret !== undefined && secret !== '') open = open.replaceAll(secret, '...')
  return open.replaceAll(/\s+/g, ' ').slice(0, ERROR_CHARACTERS)
}
