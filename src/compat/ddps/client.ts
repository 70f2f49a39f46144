// A client of DDPS's API, ours or DDPS's own: signs in, adds rules, and takes them back where the server can.

import { z } from 'zod'
import { type Door, openRequest } from '#lib/door.ts'
import type { DdpsRule } from './rule.ts'
import { isSameRule } from './same-rule.ts'

export interface DdpsCredentials {
  readonly username: string
  readonly password: string
}

export interface DdpsServer {
  /** Without a token: DDPS has cookies. */
  readonly door: Extract<Door, { kind: 'url' }>
  readonly credentials: DdpsCredentials
  /** Of each request. */
  readonly timeoutMs: number
}

/** `refused`: the server said no, and would again. `failed`: it was not reached, or is in trouble itself; later it may work. */
export type DdpsAnswer =
  | { readonly kind: 'done'; readonly text: string }
  | { readonly kind: 'refused'; readonly status: number; readonly text: string }
  | { readonly kind: 'failed'; readonly error: string }

const ANSWER_BYTES_MAX = 4 << 20
const TEXT_CHARACTERS_MAX = 500
/** Trouble of the server, or too many requests: later it may work. */
const LATER: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504])

const rowSchema = z.looseObject({
  flowspecruleid: z.string(),
  destinationprefix: z.string().optional(),
})

/** Signs in when first asked for something, and keeps the token for its own life only. */
export class DdpsClient {
  readonly #server: DdpsServer
  #cookie: string | undefined

  constructor(server: DdpsServer) {
    this.#server = server
  }

  /** `done` when the server said `rule accepted`. */
  async add(rule: DdpsRule): Promise<DdpsAnswer> {
    const answer = await this.#signed('POST', '/addrule', rule)
    if (answer.kind !== 'done' || answer.text.trim() === 'rule accepted') return answer
    return { kind: 'refused', status: 200, text: `the server says ${JSON.stringify(answer.text)}` }
  }

  /** Withdraws live rules that mean what these do; DDPS itself has no such request. The text says how many. */
  async withdraw(rules: readonly DdpsRule[]): Promise<DdpsAnswer> {
    const listed = await this.#signed('GET', '/rules?which=active')
    if (listed.kind !== 'done') return listed
    const ids = idsOf(listed.text, rules)
    if (ids === undefined) return { kind: 'refused', status: 200, text: 'the server lists no rules' }
    for (const id of ids) {
      const answer = await this.#signed('POST', `/rules/${encodeURIComponent(id)}/withdraw`, {})
      if (answer.kind !== 'done') return answer
    }
    return { kind: 'done', text: `${ids.length} withdrawn` }
  }

  async #signed(method: 'GET' | 'POST', path: string, body?: unknown): Promise<DdpsAnswer> {
    if (this.#cookie === undefined) {
      const { username, password } = this.#server.credentials
      const reply = await this.#request('POST', '/signin', { username, password })
      if (reply.kind !== 'replied') return reply
      if (reply.status !== 200) return answerOf(reply)
      const cookie = cookieIn(reply.cookies)
      if (cookie === undefined) return { kind: 'refused', status: 200, text: 'the server gave no token' }
      this.#cookie = cookie
    }
    const reply = await this.#request(method, path, body, { cookie: `token=${this.#cookie}` })
    return reply.kind === 'replied' ? answerOf(reply) : reply
  }

  #request(
    method: 'GET' | 'POST',
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Reply> {
    const { door, timeoutMs } = this.#server
    const signal = AbortSignal.timeout(timeoutMs)
    const text = body === undefined ? undefined : JSON.stringify(body)
    const length = text === undefined ? {} : { 'content-length': String(Buffer.byteLength(text)) }
    const type = text === undefined ? {} : { 'content-type': 'application/json' }
    return new Promise(resolve => {
      const fail = (error: Error & { code?: string }) =>
        resolve({
          kind: 'failed',
          error: signal.aborted
            ? `the server gave no answer within ${timeoutMs / 1000} s`
            : `the server was not reached: ${error.code ?? error.message}`,
        })
      const request = openRequest(
        door,
        { method, path, signal, headers: { ...headers, ...type, ...length } },
        incoming => {
          const parts: Buffer[] = []
          let bytes = 0
          incoming.on('data', (part: Buffer) => {
            bytes += part.length
            if (bytes <= ANSWER_BYTES_MAX) return void parts.push(part)
            resolve({ kind: 'failed', error: `the server answers with more than ${ANSWER_BYTES_MAX} bytes` })
            request.destroy()
          })
          incoming.on('error', fail)
          incoming.on('end', () => {
            resolve({
              kind: 'replied',
              status: incoming.statusCode ?? 0,
              text: Buffer.concat(parts).toString('utf8'),
              cookies: incoming.headers['set-cookie'] ?? [],
            })
          })
        },
      )
      request.on('error', fail)
      request.end(text)
    })
  }
}

type Reply =
  | {
      readonly kind: 'replied'
      readonly status: number
      readonly text: string
      readonly cookies: readonly string[]
    }
  | { readonly kind: 'failed'; readonly error: string }

function answerOf({ status, text }: Extract<Reply, { kind: 'replied' }>): DdpsAnswer {
  if (status === 200) return { kind: 'done', text }
  const line = lineOf(text)
  if (LATER.has(status)) return { kind: 'failed', error: `the server answers ${status}: ${line}` }
  return { kind: 'refused', status, text: line }
}

/** What others wrote becomes one printable line. */
const lineOf = (text: string): string =>
  text
    .slice(0, TEXT_CHARACTERS_MAX)
    .replace(/[^\x20-\x7e\u00a0-\uffff]+/g, ' ')
    .trim()

/** The value of `token`, if it can stand in a header. */
function cookieIn(cookies: readonly string[]): string | undefined {
  for (const cookie of cookies) {
    const value = /^token=([\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]{1,4096})(?:;|$)/.exec(cookie)?.[1]
    if (value !== undefined) return value
  }
  return undefined
}

/** Of rows that mean the same. */
function idsOf(text: string, rules: readonly DdpsRule[]): string[] | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  const rows = z.array(rowSchema).safeParse(value)
  if (!rows.success) return undefined
  return rows.data
    .filter(row => rules.some(rule => isSameRule(rule, row)))
    .map(({ flowspecruleid }) => flowspecruleid)
}
