// Tokens for whoever may hand them out: each is checked, kept, and in the audit.

import { confinementOf } from '../contract/access.ts'
import type { NewToken, TokenRequest, TokenView } from '../contract/tokens.ts'
import type { Caller, Done } from '../control.ts'
import type { AccessDeskParts } from './access-audit.ts'
import { unknownCustomer } from './customers.ts'
import { isUnder, notUnder } from './delegation.ts'
import { SHARED_TOKEN_NAME } from './shared-token.ts'
import { TOKENS_MAX, type Token, type Tokens } from './tokens.ts'

export interface TokenDeskParts extends AccessDeskParts {
  readonly tokens: Tokens
}

export type AddTokenRefusal =
  | 'name-taken'
  | 'too-many-names'
  | 'unknown-customer'
  | 'invalid-request'
  | 'forbidden'

export class TokenDesk {
  readonly #parts: TokenDeskParts

  constructor(parts: TokenDeskParts) {
    this.#parts = parts
  }

  /** Those that the caller may revoke; nobody named: all. */
  list({ identity }: Pick<Caller, 'identity'> = {}): TokenView[] {
    const { tokens } = this.#parts
    return tokens
      .list()
      .filter(token => isUnder(identity, token))
      .map(presentToken)
  }

  async add(request: TokenRequest, by: Caller): Promise<Done<NewToken, AddTokenRefusal>> {
    const { tokens, record, nameOf, now } = this.#parts
    const { name, role } = request
    const refused = isUnder(by.identity, request) ? this.#whyNotAdd(request) : notUnder
    if (refused !== undefined) {
      record({ what: 'add-token', target: name, outcome: 'refused', reason: refused.detail }, by)
      return refused
    }
    const expiresAt = request.expiresAt === undefined ? undefined : Date.parse(request.expiresAt)
    const after = {
      role,
      ...confinementOf(request),
      ...(expiresAt && { expiresAt: request.expiresAt }),
    }
    record({ what: 'add-token', target: name, outcome: 'done', reason: `as ${role}`, after }, by)
    const { token, text } = await tokens.add({
      ...{ name, role, ...confinementOf(request) },
      ...{ createdAt: now(), createdBy: nameOf(by), ...(expiresAt && { expiresAt }) },
    })
    return { kind: 'done', value: { ...presentToken(token), token: text } }
  }

  /** By id or name. */
  async revoke(idOrName: string, by: Caller): Promise<Done<TokenView, 'unknown-token'>> {
    const { tokens, record } = this.#parts
    const token = tokens.find(idOrName)
    if (token === undefined || !isUnder(by.identity, token))
      return { kind: 'refused', code: 'unknown-token', detail: `no token has the id or name ${idOrName}` }
    const gone = tokens.remove(token)
    const { name, role } = token
    const before = { role, ...confinementOf(token) }
    record({ what: 'revoke-token', target: name, outcome: 'done', reason: 'asked for', before }, by)
    await gone
    return { kind: 'done', value: presentToken(token) }
  }

  #whyNotAdd({ name, customers, expiresAt }: TokenRequest) {
    const { tokens, knowsCustomer, now } = this.#parts
    if (tokens.has(name) || name.toLowerCase() === SHARED_TOKEN_NAME)
      return { kind: 'refused', code: 'name-taken', detail: `${name} is there already` } as const
    if (tokens.isFull)
      return { kind: 'refused', code: 'too-many-names', detail: `there are ${TOKENS_MAX} tokens` } as const
    if (expiresAt !== undefined && Date.parse(expiresAt) <= now()) {
      const detail = 'expiresAt lies in the past'
      const errors = [{ at: 'expiresAt', problem: 'expected a moment to come' }]
      return { kind: 'refused', code: 'invalid-request', detail, errors } as const
    }
    return unknownCustomer(customers, knowsCustomer)
  }
}

const presentToken = (token: Token): TokenView => ({
  ...{ id: token.id, name: token.name, role: token.role },
  ...confinementOf(token),
  createdAt: new Date(token.createdAt).toISOString(),
  createdBy: token.createdBy,
  ...(token.expiresAt !== undefined && { expiresAt: new Date(token.expiresAt).toISOString() }),
  ...(token.lastUsedAt !== undefined && { lastUsedAt: new Date(token.lastUsedAt).toISOString() }),
})
