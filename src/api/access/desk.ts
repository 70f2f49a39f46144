// The desk of access: users, tokens and sessions over the documents of the state, for whichever door asks.

import type { Documents } from '#lib/documents.ts'
import type { MetricValue } from '#lib/metrics/metric.ts'
import type { AccessDeskParts } from './access-audit.ts'
import type { AccessConfig } from './config.ts'
import { LoginDesk } from './login-desk.ts'
import { ACCESS_METRICS } from './metrics.ts'
import { PasswordHasher } from './password.ts'
import { Sessions } from './sessions.ts'
import { TokenDesk } from './token-desk.ts'
import { Tokens } from './tokens.ts'
import { UserDesk } from './user-desk.ts'
import { Users } from './users.ts'

export interface AccessDeskOptions extends AccessDeskParts {
  readonly documents: Documents
  /** As it is now: a reload changes it. */
  readonly config: () => Pick<AccessConfig, 'sessionIdleMinutes' | 'sessionHours' | 'logins'>
}

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

export class AccessDesk {
  /** As they are kept: what a gate asks. */
  readonly kept: { readonly users: Users; readonly tokens: Tokens; readonly sessions: Sessions }
  readonly users: UserDesk
  readonly tokens: TokenDesk
  readonly logins: LoginDesk

  readonly #hasher: PasswordHasher

  constructor(options: AccessDeskOptions) {
    const { documents, config } = options
    const users = new Users(documents)
    const tokens = new Tokens(documents)
    const sessions = new Sessions(documents, () => ({
      idleMs: config().sessionIdleMinutes * MINUTE_MS,
      mostMs: config().sessionHours * HOUR_MS,
    }))
    const hasher = new PasswordHasher()
    this.#hasher = hasher
    this.kept = { users, tokens, sessions }
    this.users = new UserDesk({ ...options, users, sessions, hasher })
    this.tokens = new TokenDesk({ ...options, tokens })
    this.logins = new LoginDesk({ ...options, users, sessions, hasher })
  }

  *metrics(): Iterable<MetricValue> {
    for (const [outcome, value] of Object.entries(this.logins.counts))
      yield { name: ACCESS_METRICS.logins.name, value, labels: { outcome } }
    yield { name: ACCESS_METRICS.passwords.name, value: this.#hasher.refused }
    yield { name: ACCESS_METRICS.sessions.name, value: this.kept.sessions.count }
  }
}
