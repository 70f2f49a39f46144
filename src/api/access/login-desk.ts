// Logging in and out: throttled, the same to watch whether a user exists or not, and in the audit.

import { hash } from 'node:crypto'
import type { Identity } from '../contract/access.ts'
import type { LoginRequest } from '../contract/session.ts'
import type { Caller } from '../control.ts'
import type { AccessDeskParts } from './access-audit.ts'
import type { AccessConfig } from './config.ts'
import { countedUnder } from './forwarded.ts'
import { LoginThrottle } from './login-throttle.ts'
import type { PasswordHasher } from './password.ts'
import { csrfTokenOf, type Sessions } from './sessions.ts'
import { identityOfUser, type User, type Users, withAddress } from './users.ts'

export interface LoginDeskParts extends AccessDeskParts {
  readonly users: Users
  readonly sessions: Sessions
  readonly hasher: PasswordHasher
  /** As it is in force. */
  readonly config: () => Pick<AccessConfig, 'logins'>
}

export interface LoggedIn {
  readonly identity: Identity
  /** Value of the cookie. */
  readonly secret: string
  readonly csrfToken: string
  /** Ms since 1970: when the session ends at the latest. */
  readonly endsAt: number
  /** From now to `endsAt`. */
  readonly seconds: number
}

export type LoginOutcome =
  | { readonly kind: 'done'; readonly session: LoggedIn }
  /** Unknown, disabled or a wrong password: nobody is told which. */
  | { readonly kind: 'wrong' }
  | { readonly kind: 'throttled'; readonly retryAfterSeconds: number }

export type ProofOutcome =
  | { readonly kind: 'done'; readonly user: User }
  | Exclude<LoginOutcome, { readonly kind: 'done' }>

export interface LoginFrom {
  /** Canonical; of a proxy that is believed the address behind it. */
  readonly address: string
  /** Secret of the session that the request brought: it ends, so that nobody is given one that somebody else knows. */
  readonly previous: string | undefined
}

/** A guesser must not fill the audit: of refused log-ins to an account one in so long is written down. */
const REFUSAL_NOTED_EVERY_MS = 60_000
const REFUSALS_KEPT_MAX = 1000

export class LoginDesk {
  readonly #parts: LoginDeskParts
  readonly #throttle: LoginThrottle
  readonly #refusalNoted = new Map<string, number>()
  readonly counts = { done: 0, wrong: 0, throttled: 0 }

  constructor(parts: LoginDeskParts) {
    this.#parts = parts
    this.#throttle = new LoginThrottle(() => {
      const { attempts, everySeconds } = parts.config().logins
      return { perSecond: 1 / everySeconds, burst: attempts }
    })
  }

  async logIn(request: LoginRequest, from: LoginFrom): Promise<LoginOutcome> {
    const outcome = await this.prove(request, from)
    return outcome.kind === 'done'
      ? { kind: 'done', session: await this.#begin(outcome.user, from) }
      : outcome
  }

  /** As `logIn`, without a session: for a dialect that has tokens of its own. */
  async prove({ name, password }: LoginRequest, from: Pick<LoginFrom, 'address'>): Promise<ProofOutcome> {
    const outcome = await this.#prove(name, password, from.address)
    this.counts[outcome.kind]++
    return outcome
  }

  /** Ends the session of a secret; false when there is none. */
  async logOut(secret: string): Promise<boolean> {
    const session = await this.#parts.sessions.end(secret)
    const user = session === undefined ? undefined : this.#parts.users.get(session.userId)
    if (user !== undefined)
      this.#note('log-out', user, 'done', 'the session was ended', callerOf(identityOfUser(user)))
    return session !== undefined
  }

  /** Of a session that lasts: what a page needs to ask for changes. */
  sessionOf(secret: string): Pick<LoggedIn, 'csrfToken' | 'endsAt'> | undefined {
    const { sessions, now } = this.#parts
    const session = sessions.use(secret, now())
    return session && { csrfToken: csrfTokenOf(secret), endsAt: sessions.endOf(session) }
  }

  get forgotten(): number {
    return this.#throttle.forgotten
  }

  async #prove(name: string, password: string, from: string): Promise<ProofOutcome> {
    const { users, hasher, now } = this.#parts
    const address = countedUnder(from)
    const user = users.named(name)
    // Hashed, names as long as they come take the same room.
    const account = hash('sha256', name, 'base64url')
    const isKnown = user?.addresses.includes(address) ?? false
    const attempt = this.#throttle.begin({ account, address, isKnown }, now())
    if (attempt.kind === 'wait') return { kind: 'throttled', retryAfterSeconds: attempt.seconds }
    const isRight = await hasher.verify(password, user?.hash)
    if (isRight === 'busy') {
      attempt.undo()
      return { kind: 'throttled', retryAfterSeconds: 1 }
    }
    // Removed, disabled or given a new password while the old one was looked at: it is not right any more.
    const present = user === undefined ? undefined : users.get(user.id)
    if (!isRight || present === undefined || present.isDisabled || present.hash !== user?.hash) {
      if (present !== undefined) this.#noteRefusal(present, from)
      return { kind: 'wrong' }
    }
    attempt.succeed()
    void users.put({ ...present, lastLoginAt: now(), addresses: withAddress(present, address) })
    this.#note('log-in', present, 'done', `from ${from}`, callerOf(identityOfUser(present)))
    return { kind: 'done', user: present }
  }

  async #begin(user: User, from: LoginFrom): Promise<LoggedIn> {
    const { sessions, now } = this.#parts
    if (from.previous !== undefined) await sessions.end(from.previous)
    const at = now()
    const identity = identityOfUser(user)
    const secret = await sessions.begin(user.id, at)
    const endsAt = sessions.endOf({ createdAt: at })
    const seconds = Math.floor((endsAt - at) / 1000)
    return { identity, secret, csrfToken: csrfTokenOf(secret), endsAt, seconds }
  }

  #noteRefusal(user: User, address: string): void {
    const at = this.#parts.now()
    const last = this.#refusalNoted.get(user.id)
    if (last !== undefined && at - last < REFUSAL_NOTED_EVERY_MS) return
    if (this.#refusalNoted.size >= REFUSALS_KEPT_MAX) this.#refusalNoted.clear()
    this.#refusalNoted.set(user.id, at)
    // Who tried is not known: the account is what it was tried on.
    this.#note('log-in', user, 'refused', `wrong password or disabled, from ${address}`, NOBODY)
  }

  #note(
    what: 'log-in' | 'log-out',
    { name }: User,
    outcome: 'done' | 'refused',
    reason: string,
    by: Caller,
  ): void {
    this.#parts.record({ what, target: name, outcome, reason }, by)
  }
}

const callerOf = (identity: Identity): Caller => ({ uid: undefined, pid: undefined, identity })
const NOBODY: Caller = callerOf({ kind: 'open', name: 'open', id: '', role: 'viewer' })
