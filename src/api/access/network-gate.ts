// The gate of what listens on the network: identifies by bearer token, session cookie or client certificate, holds the
// rule of the route, and bounds how much one may ask.

import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { AccessRefusal, type AccessRule, type Identity, isAtLeast, isConfined } from '../contract/access.ts'
import { authorizationOf } from './authorization.ts'
import { Buckets } from './buckets.ts'
import { certificateIdentity } from './certificate.ts'
import type { AccessConfig } from './config.ts'
import { sessionSecretOf } from './cookies.ts'
import { countedUnder, Proxies } from './forwarded.ts'
import type { Gate } from './gate.ts'
import { isAskedAsLocal, originIsOurs } from './origin.ts'
import { isCsrfToken, type Sessions } from './sessions.ts'
import type { Tokens } from './tokens.ts'
import { identityOfUser, type Users } from './users.ts'

export interface NetworkGateOptions {
  /** As it is now: a reload changes it. */
  readonly config: () => AccessConfig
  readonly users: Users
  readonly tokens: Tokens
  readonly sessions: Sessions
  /** Whose a text is that is the shared token of the configuration. */
  readonly sharedToken?: (text: string) => Identity | undefined
  /** Ms since 1970. */
  readonly now: () => number
}

/** How somebody is known: what a browser adds by itself to whatever a page asks for is not proof that he wants it. */
type Known =
  | {
      readonly kind: 'known'
      readonly identity: Identity
      readonly by: 'token' | 'certificate' | 'nothing' | 'dialect'
    }
  | { readonly kind: 'known'; readonly identity: Identity; readonly by: 'cookie'; readonly secret: string }
  /** A credential came, and it is none. */
  | { readonly kind: 'wrong'; readonly detail: string }
  | { readonly kind: 'unsaid' }

const NOBODY: Identity = { kind: 'open', name: 'open', id: '', role: 'viewer' }
const ANYBODY: Identity = { kind: 'open', name: 'open', id: '', role: 'admin' }
/** Below it a change that a cookie speaks for needs the token; dialects, whose clients know none, go by the origin. */
const NATIVE = '/api/'
const READING = new Set(['GET', 'HEAD', 'OPTIONS'])

export class NetworkGate implements Gate {
  readonly #options: NetworkGateOptions
  readonly #identities: Buckets
  readonly #addresses: Buckets
  readonly #certificates = new WeakMap<Socket, { config: AccessConfig; identity: Identity | undefined }>()
  readonly #refused: Record<AccessRefusal['reason'], number> = {
    ...{ unauthenticated: 0, forbidden: 0, 'rate-limited': 0, 'bad-csrf': 0, 'bad-origin': 0 },
  }
  #proxies: { readonly of: readonly string[]; readonly proxies: Proxies } | undefined

  constructor(options: NetworkGateOptions) {
    this.#options = options
    this.#identities = new Buckets(() => options.config().perIdentity)
    this.#addresses = new Buckets(() => options.config().perAddress)
  }

  admit(message: IncomingMessage, rule: AccessRule | undefined): Identity {
    try {
      return this.#admit(message, rule)
    } catch (error) {
      if (error instanceof AccessRefusal) this.#refused[error.reason]++
      throw error
    }
  }

  addressOf(message: IncomingMessage): string {
    return this.#proxiesNow().addressOf(message)
  }

  isSecure(message: IncomingMessage): boolean {
    return this.#proxiesNow().isSecure(message)
  }

  /** Whether an address is that of a proxy that is believed. */
  isProxy(address: string): boolean {
    return this.#proxiesNow().has(address)
  }

  /** Requests that were not let in, by reason. */
  get refused(): Readonly<Record<string, number>> {
    return this.#refused
  }

  get forgotten(): number {
    return this.#identities.forgotten + this.#addresses.forgotten
  }

  #admit(message: IncomingMessage, rule: AccessRule | undefined): Identity {
    if (rule === undefined) {
      this.#countAddress(message)
      return NOBODY
    }
    const known = this.#identify(message, rule)
    if (known.kind !== 'known') {
      this.#countAddress(message)
      if (rule.role !== 'public') throw new AccessRefusal('unauthenticated', wordsOf(known))
      this.#holdOrigin(message)
      return NOBODY
    }
    const { identity } = known
    this.#countIdentity(identity)
    if (known.by !== 'token') this.#holdOrigin(message)
    if (rule.role === 'public') return identity
    if (known.by === 'cookie') this.#holdCsrf(message, rule, known.secret)
    if (!isAtLeast(identity.role, rule.role))
      throw new AccessRefusal('forbidden', `role ${identity.role}; needed is ${rule.role}`)
    if (rule.reach === 'everything' && isConfined(identity))
      throw new AccessRefusal('forbidden', 'this cannot be confined to customers or networks')
    return identity
  }

  #identify(message: IncomingMessage, rule: AccessRule): Known {
    const { mode } = this.#options.config()
    if (mode === 'none') return { kind: 'known', identity: ANYBODY, by: 'nothing' }
    if (mode !== 'mtls') {
      const shown = rule.credential?.(message) ?? { kind: 'none' }
      if (shown.kind === 'wrong') return shown
      if (shown.kind === 'known')
        return {
          kind: 'known',
          identity: shown.identity,
          by: shown.by === 'header' ? 'token' : 'dialect',
        }
      const authorization = authorizationOf(message)
      if (authorization.kind !== 'none') return this.#byToken(authorization)
      const secret = sessionSecretOf(message.headers.cookie)
      const known = secret === undefined ? undefined : this.#bySession(secret)
      if (known !== undefined) return known
    }
    if (mode === 'mtls' || mode === 'hybrid') {
      const identity = this.#byCertificate(message)
      if (identity !== undefined) return { kind: 'known', identity, by: 'certificate' }
    }
    return { kind: 'unsaid' }
  }

  #byToken(authorization: Exclude<ReturnType<typeof authorizationOf>, { kind: 'none' }>): Known {
    const { config, tokens, sharedToken, now } = this.#options
    if (authorization.kind === 'wrong') return authorization
    if (config().mode === 'credentials') return { kind: 'wrong', detail: 'tokens are not taken here: log in' }
    const checked = tokens.check(authorization.token, now())
    if (checked.kind === 'ok') return { kind: 'known', identity: checked.identity, by: 'token' }
    if (checked.kind === 'expired') return { kind: 'wrong', detail: 'the token has expired' }
    const identity = sharedToken?.(authorization.token)
    if (identity !== undefined) return { kind: 'known', identity, by: 'token' }
    return { kind: 'wrong', detail: 'the token is not known' }
  }

  #bySession(secret: string): Known | undefined {
    const { sessions, users, now } = this.#options
    const session = sessions.use(secret, now())
    const user = session === undefined ? undefined : users.get(session.userId)
    if (user === undefined || user.isDisabled) return undefined
    return { kind: 'known', identity: identityOfUser(user), by: 'cookie', secret }
  }

  /** Read once a connection. */
  #byCertificate(message: IncomingMessage): Identity | undefined {
    const config = this.#options.config()
    const read = this.#certificates.get(message.socket)
    if (read?.config === config) return read.identity
    const identity = certificateIdentity(message, config)
    this.#certificates.set(message.socket, { config, identity })
    return identity
  }

  /** What changes something, or opens a WebSocket, is not done for a page of somebody else. */
  #holdOrigin(message: IncomingMessage): void {
    const { origins, mode } = this.#options.config()
    if (mode === 'none' && !isAskedAsLocal(message, origins))
      throw new AccessRefusal('bad-origin', 'where nobody says who he is, ask by a loopback address')
    if (READING.has(message.method ?? '') && message.headers.upgrade === undefined) return
    if (!originIsOurs(message, { origins, isSecure: this.isSecure(message) }))
      throw new AccessRefusal('bad-origin', 'the page that sent this is not ours')
  }

  #holdCsrf(message: IncomingMessage, rule: AccessRule, secret: string): void {
    if (rule.method === 'GET' || !rule.path.startsWith(NATIVE)) return
    const shown = message.headers['x-csrf-token']
    if (typeof shown !== 'string' || !isCsrfToken(secret, shown))
      throw new AccessRefusal('bad-csrf', 'header X-CSRF-Token is missing or not of this session')
  }

  #countIdentity({ kind, id, name }: Identity): void {
    const wait = this.#identities.take(`${kind} ${id} ${name}`, this.#options.now())
    if (wait > 0) throw new AccessRefusal('rate-limited', 'too many requests of one identity', wait)
  }

  #countAddress(message: IncomingMessage): void {
    const wait = this.#addresses.take(countedUnder(this.addressOf(message)), this.#options.now())
    if (wait > 0) throw new AccessRefusal('rate-limited', 'too many requests of one address', wait)
  }

  #proxiesNow(): Proxies {
    const { trustedProxies } = this.#options.config()
    if (this.#proxies?.of !== trustedProxies)
      this.#proxies = { of: trustedProxies, proxies: new Proxies(trustedProxies) }
    return this.#proxies.proxies
  }
}

const wordsOf = (known: Exclude<Known, { kind: 'known' }>): string =>
  known.kind === 'wrong' ? known.detail : 'no credential came, or a session that is over'
