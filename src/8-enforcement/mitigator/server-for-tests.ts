// A server that answers as the specification of MITIGATOR's API v4 has it, on a free port of the loopback, and keeps what it heard.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import type { TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'

export interface Heard {
  readonly method: string
  /** Path and query below `/api/v4/`. */
  readonly path: string
  readonly token: string | undefined
  readonly body: unknown
}

export interface Policy {
  readonly id: number
  readonly name: string
  readonly is_default?: boolean
  readonly auto_mitigation?: boolean
}

export const USER = { username: 'ann', password: 'correct horse' } as const
const SWITCH = /^(?:(?:toggle|[a-z0-9]+)\/switch|bgp\/announce)$/
const STORED = /^(?:acl\/entries|[a-z0-9]+\/settings)$/

/** What it holds may be changed by the test while it runs. */
export class FakeMitigator {
  readonly heard: Heard[] = []
  /** By path and policy, such as `toggle/switch?policy=7`; what is missing was never stored. */
  readonly stored = new Map<string, unknown>()
  policies: Policy[] = [{ id: 1, name: 'default', is_default: true }]
  /** Policy of packets by target; others have none. */
  readonly policyOfTarget = new Map<string, number>()
  readonly blocked: unknown[] = []
  readonly tokens = new Set<string>()
  /** The one that leads its cluster; undefined: it does itself. */
  leader: string | undefined
  /** Nobody answers: connections are closed at once. */
  isAway = false
  delayMs = 0
  /** Answers to what matches, before all else; `times` counts down. */
  failures: { readonly path: RegExp; readonly method?: string; readonly status: number; times: number }[] = []
  url = ''
  #logIns = 0

  /** Requests that change something, in words: `PUT toggle/switch?policy=7 true`. */
  get changes(): string[] {
    return this.heard
      .filter(({ method, path }) => method !== 'GET' && path !== 'users/session')
      .map(({ method, path, body }) => `${method} ${path} ${Object.values(body ?? {}).join()}`)
  }

  get logIns(): number {
    return this.heard.filter(({ path }) => path === 'users/session').length
  }

  isOn(path: string): boolean {
    const value = this.stored.get(path)
    return typeof value === 'object' && value !== null && Object.values(value)[0] === true
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const say = (status: number, body: unknown, headers = {}): void => {
      response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
    }
    if (this.isAway) {
      request.socket.destroy()
      return
    }
    const method = request.method ?? ''
    const body = method === 'GET' ? undefined : await json(request).catch(() => undefined)
    const path = (request.url ?? '').replace(/^\/api\/v4\//, '')
    const header = request.headers['x-auth-token']
    const token = typeof header === 'string' ? header : undefined
    this.heard.push({ method, path, token, body })
    if (this.delayMs > 0) await sleep(this.delayMs)
    const failure = this.failures.find(
      one => one.times > 0 && one.path.test(path) && (one.method ?? method) === method,
    )
    if (failure !== undefined) {
      failure.times--
      say(failure.status, { error: `made to answer ${failure.status}` })
    } else if (this.leader !== undefined) say(421, { error: 'not the leader' }, { location: this.leader })
    else if (path === 'users/session') this.#logIn(body, say)
    else if (token === undefined || !this.tokens.has(token)) say(401, { error: 'no session' })
    else this.#answerSigned(method, path, body, say)
  }

  #logIn(body: unknown, say: (status: number, body: unknown) => void): void {
    const field = (name: string) => (typeof body === 'object' && body !== null ? Reflect.get(body, name) : '')
    if (field('username') !== USER.username || field('password') !== USER.password) {
      say(401, { error: 'wrong user or password' })
      return
    }
    const token = `token-${++this.#logIns}-of-${new URL(this.url).port}`
    this.tokens.add(token)
    say(200, { data: { token } })
  }

  #answerSigned(
    method: string,
    path: string,
    body: unknown,
    say: (status: number, body: unknown) => void,
  ): void {
    const url = new URL(path, 'http://none/')
    const what = url.pathname.slice(1)
    const policy = url.searchParams.get('policy')
    if (what === 'backend/ping') say(200, { data: {} })
    else if (what === 'backend/version') say(200, { data: { version: 'v25.12.1' } })
    else if (what === 'policies/policies') say(200, { data: this.policies })
    else if (what === 'policies/by_inbound_packet') this.#findPolicy(url.searchParams, say)
    else if (policy !== null && !this.policies.some(({ id }) => String(id) === policy))
      say(404, { error: `no policy ${policy}` })
    else if (/^tbl6?\/items$/.test(what) && method === 'POST') {
      this.blocked.push({ policy: Number(policy), list: what, ...Object(body) })
      say(200, { data: {} })
    } else if (SWITCH.test(what) || STORED.test(what) || what.startsWith('policies/monitor_mode/'))
      this.#storedAt(method, path, body, say)
    else say(404, { error: `no ${what}` })
  }

  #storedAt(method: string, path: string, body: unknown, say: (status: number, body: unknown) => void): void {
    if (method === 'PUT') {
      this.stored.set(path, body)
      say(200, { data: {} })
    } else if (this.stored.has(path)) say(200, { data: this.stored.get(path) })
    else say(404, { error: 'never stored' })
  }

  #findPolicy(query: URLSearchParams, say: (status: number, body: unknown) => void): void {
    const needed = ['src_address', 'dst_address', 'src_port', 'dst_port', 'protocol']
    const missing = needed.filter(name => !query.get(name))
    const policy = this.policyOfTarget.get(query.get('dst_address') ?? '')
    if (missing.length > 0) say(400, { error: `missing: ${missing.join()}` })
    else if (policy === undefined) say(404, { error: 'no policy' })
    else say(200, { data: { policy_id: policy } })
  }
}

export async function fakeMitigator(
  t: Pick<TestContext, 'after'>,
  tls?: { readonly key: string; readonly cert: string },
): Promise<FakeMitigator> {
  const fake = new FakeMitigator()
  const handle = (request: IncomingMessage, response: ServerResponse) => void fake.answer(request, response)
  const server = tls === undefined ? createServer(handle) : createTlsServer(tls, handle)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  fake.url = `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`
  return fake
}
