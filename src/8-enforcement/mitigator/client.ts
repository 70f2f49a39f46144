// A client of MITIGATOR's API v4: logs in when its kept token is no good, follows the leader of a cluster, opens envelopes,
// and tries again what may succeed.

import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { nestsTooDeep } from '#lib/json-nesting.ts'
import { failureSchema, PATHS, successSchema, TOKEN_HEADER, tokenSchema } from './contract.ts'
import { type Exchange, exchange, type Reply, type Trust } from './exchange.ts'
import type { KeptSession, SessionKeeper } from './session-file.ts'

export interface MitigatorServer {
  /** Origin, such as `https://mitigator.example.org`. */
  readonly origin: string
  readonly username: string
  readonly password: string
  readonly trust: Trust
  readonly connectMs: number
  /** Of each request. */
  readonly requestMs: number
  /** How often a request that failed is sent again. */
  readonly retries: number
  /** Before the first time; each further pause is twice as long. */
  readonly pauseMs: number
  /** On the clock of `performance.now()`: no later anything is waited for. */
  readonly endsAt: number
}

/**
 * `absent`: never stored, or no such thing. `refused`: the server said no and would again, or is not the one that is meant.
 * `failed`: later it may work; `isAway`: nobody answered.
 */
export type Failure =
  | { readonly kind: 'absent'; readonly error: string }
  | { readonly kind: 'refused'; readonly error: string }
  | { readonly kind: 'failed'; readonly error: string; readonly isAway: boolean }
export type Answer<Value> = { readonly kind: 'done'; readonly value: Value } | Failure

const LEADERS_MAX = 3
const LONGEST_PAUSE_MS = 4000
const TEXT_CHARACTERS_MAX = 300
/** Trouble of the server, or too many requests. */
const LATER: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504])

type Request = Pick<Exchange, 'method' | 'body'> & { readonly path: string }

export class MitigatorClient {
  readonly #server: MitigatorServer
  readonly #keeper: SessionKeeper
  #session: KeptSession
  /** The token was good in this process. */
  #isTested = false

  constructor(server: MitigatorServer, keeper: SessionKeeper) {
    this.#server = server
    this.#keeper = keeper
    const kept = keeper.load()
    const mine = { server: server.origin, username: server.username }
    this.#session = kept?.server === mine.server && kept.username === mine.username ? kept : mine
  }

  /** Where requests go: the leader, once the cluster has named it. */
  get origin(): string {
    return this.#session.leader ?? this.#server.origin
  }

  get<Value>(path: string, schema: z.ZodType<Value>): Promise<Answer<Value>> {
    return this.#patiently({ method: 'GET', path, body: undefined }, schema)
  }

  /** What it answers is not looked at. */
  put(path: string, body: unknown): Promise<Answer<unknown>> {
    return this.#patiently({ method: 'PUT', path, body }, z.unknown())
  }

  post(path: string, body: unknown): Promise<Answer<unknown>> {
    return this.#patiently({ method: 'POST', path, body }, z.unknown())
  }

  async #patiently<Value>(request: Request, schema: z.ZodType<Value>): Promise<Answer<Value>> {
    for (let tries = 0; ; tries++) {
      const answer = await this.#signed(request, schema)
      const pause = Math.min(this.#server.pauseMs * 2 ** tries, LONGEST_PAUSE_MS)
      if (answer.kind !== 'failed' || tries >= this.#server.retries || this.#leftMs() <= pause) return answer
      await sleep(pause)
    }
  }

  async #signed<Value>(request: Request, schema: z.ZodType<Value>): Promise<Answer<Value>> {
    const token = await this.#token()
    if (token.kind !== 'done') return token
    const reply = await this.#led(request, token.value)
    if (reply.kind !== 'answered' || reply.status !== 401) return answerOf(reply, schema)
    // The session expired between the test and now; a log-in that does not help is not repeated.
    this.#isTested = false
    this.#remember({ token: undefined })
    const fresh = await this.#token()
    return fresh.kind === 'done' ? answerOf(await this.#led(request, fresh.value), schema) : fresh
  }

  /** The kept token is tested before one logs in: sessions of a server are few. */
  async #token(): Promise<Answer<string>> {
    const { token } = this.#session
    if (token !== undefined && this.#isTested) return { kind: 'done', value: token }
    if (token !== undefined) {
      const ping = await this.#led({ method: 'GET', path: PATHS.ping, body: undefined }, token)
      if (ping.kind !== 'answered' || LATER.has(ping.status)) return answerOf(ping, z.never())
      this.#isTested = ping.status === 200
      if (this.#isTested) return { kind: 'done', value: token }
    }
    const { username, password } = this.#server
    const body = { username, password }
    const reply = await this.#led({ method: 'POST', path: PATHS.session, body }, undefined)
    const answer = answerOf(reply, tokenSchema)
    if (answer.kind === 'refused')
      return { ...answer, error: `log-in of ${JSON.stringify(username)}: ${answer.error}` }
    if (answer.kind !== 'done') return answer
    this.#isTested = true
    this.#remember({ token: answer.value.token })
    return { kind: 'done', value: answer.value.token }
  }

  /** Repeats the request where the cluster says its leader is; when a leader from before is away, where we are configured to. */
  async #led(request: Request, token: string | undefined): Promise<Reply> {
    for (let hops = 0; hops < LEADERS_MAX; hops++) {
      const reply = await this.#send(request, token)
      const isLeaderGone = reply.kind !== 'answered' && this.#session.leader !== undefined
      if (isLeaderGone) this.#remember({ leader: undefined })
      else if (reply.kind !== 'answered' || reply.status !== 421) return reply
      else {
        const leader = leaderIn(reply.location, this.origin)
        if (leader === undefined)
          return { kind: 'failed', error: 'it does not lead its cluster, and names no leader to be trusted' }
        this.#remember({ leader })
      }
      if (this.#leftMs() <= 0) break
    }
    return { kind: 'failed', error: 'the cluster does not agree who leads it' }
  }

  #send({ method, path, body }: Request, token: string | undefined): Promise<Reply> {
    const { trust, connectMs, requestMs } = this.#server
    const left = this.#leftMs()
    if (left <= 0) return Promise.resolve({ kind: 'failed', error: 'no time is left' })
    const headers = { accept: 'application/json', ...(token === undefined ? {} : { [TOKEN_HEADER]: token }) }
    const totalMs = Math.ceil(Math.min(requestMs, left))
    const url = `${this.origin}${path}`
    return exchange({ method, url, headers, body, trust, totalMs, connectMs: Math.min(connectMs, totalMs) })
  }

  #leftMs(): number {
    return this.#server.endsAt - performance.now()
  }

  #remember(change: { readonly token?: string | undefined; readonly leader?: string | undefined }): void {
    const { server, username, token, leader } = { ...this.#session, ...change }
    this.#session = {
      ...{ server, username },
      ...(token === undefined ? {} : { token }),
      ...(leader === undefined ? {} : { leader }),
    }
    this.#keeper.save(this.#session)
  }
}

/** Its origin. The token goes there, so it has to be as well guarded as where we come from. */
function leaderIn(location: string | undefined, from: string): string | undefined {
  if (location === undefined || !URL.canParse(location, from)) return undefined
  const { protocol, origin, username } = new URL(location, from)
  return protocol === new URL(from).protocol && username === '' ? origin : undefined
}

function answerOf<Value>(reply: Reply, schema: z.ZodType<Value>): Answer<Value> {
  if (reply.kind === 'distrusted') return { kind: 'refused', error: reply.error }
  if (reply.kind === 'failed') return { kind: 'failed', error: reply.error, isAway: true }
  const { status, text } = reply
  const body = jsonOf(text)
  if (status < 200 || status > 299) {
    const error = `answer ${status}: ${failureText(body, text)}`
    if (status === 404) return { kind: 'absent', error }
    return LATER.has(status) ? { kind: 'failed', error, isAway: false } : { kind: 'refused', error }
  }
  const envelope = successSchema.safeParse(text.trim() === '' ? {} : body)
  const value = schema.safeParse(envelope.data?.data)
  return envelope.success && value.success
    ? { kind: 'done', value: value.data }
    : { kind: 'refused', error: `answer ${status} has not the form that is expected: ${lineOf(text)}` }
}

function jsonOf(text: string): unknown {
  if (nestsTooDeep(text)) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function failureText(body: unknown, text: string): string {
  const failure = failureSchema.safeParse(body)
  if (!failure.success) return lineOf(text)
  const { error } = failure.data
  return lineOf(typeof error === 'string' ? error : JSON.stringify(error))
}

/** What others wrote becomes one printable line. */
const lineOf = (text: string): string =>
  text
    .slice(0, TEXT_CHARACTERS_MAX)
    .replace(/[^\x20-\x7e\u00a0-\uffff]+/g, ' ')
    .trim()
