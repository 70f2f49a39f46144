// Users for whoever may change them: each change is checked, kept, and in the audit.

import { randomUUID } from 'node:crypto'
import { confinementOf, type Identity, type Role } from '../contract/access.ts'
import type { PasswordChange, UserChange, UserRequest, UserView } from '../contract/users.ts'
import type { Caller, Done } from '../control.ts'
import type { AccessDeskParts } from './access-audit.ts'
import { Buckets } from './buckets.ts'
import { unknownCustomer } from './customers.ts'
import { isUnder, notUnder } from './delegation.ts'
import type { PasswordHasher } from './password.ts'
import type { Sessions } from './sessions.ts'
import { isFullAdmin, USERS_MAX, type User, type Users } from './users.ts'

export interface UserDeskParts extends AccessDeskParts {
  readonly users: Users
  readonly sessions: Sessions
  readonly hasher: PasswordHasher
}

export type AddUserRefusal =
  | 'name-taken'
  | 'too-many-names'
  | 'unknown-customer'
  | 'rate-limited'
  | 'forbidden'
export type ChangeUserRefusal = 'unknown-user' | 'last-admin' | 'unknown-customer' | 'forbidden'
export type PasswordRefusal = 'unknown-user' | 'forbidden' | 'wrong-password' | 'rate-limited'

const BUSY = {
  kind: 'refused',
  code: 'rate-limited',
  detail: 'too many passwords are being looked at; try again in a second',
} as const

const TOO_OFTEN = {
  kind: 'refused',
  code: 'rate-limited',
  detail: 'too many wrong passwords; try again in a minute',
} as const

type OwnRefusal = Extract<Done<never, PasswordRefusal>, { kind: 'refused' }>

export class UserDesk {
  readonly #parts: UserDeskParts
  /** Present passwords shown with a change of one's own. */
  readonly #tries = new Buckets(() => ({ perSecond: 5 / 60, burst: 5 }))

  constructor(parts: UserDeskParts) {
    this.#parts = parts
  }

  /** Those whom the caller may change; nobody named: all. */
  list({ identity }: Pick<Caller, 'identity'> = {}): UserView[] {
    const { users } = this.#parts
    return users
      .list()
      .filter(user => isUnder(identity, user))
      .map(presentUser)
  }

  /** Whether somebody may log in who may do everything. */
  get hasAdmin(): boolean {
    return this.#parts.users.hasAdmin
  }

  /** Of somebody else's customer there is none. */
  #named(name: string, { identity }: Caller): User | undefined {
    const user = this.#parts.users.named(name)
    return user !== undefined && isUnder(identity, user) ? user : undefined
  }

  async add(request: UserRequest, by: Caller): Promise<Done<UserView, AddUserRefusal>> {
    const { users, hasher, record, nameOf, now } = this.#parts
    const early = isUnder(by.identity, request) ? this.#whyNotAdd(request) : notUnder
    const hash = early === undefined ? await hasher.hash(request.password) : ''
    // Somebody else may have taken the name meanwhile.
    const refused = early ?? (hash === 'busy' ? BUSY : this.#whyNotAdd(request))
    const { name, role } = request
    if (refused !== undefined) {
      record({ what: 'add-user', target: name, outcome: 'refused', reason: refused.detail }, by)
      return refused
    }
    const user: User = {
      ...{ id: randomUUID(), name, role, ...confinementOf(request), hash, isDisabled: false },
      ...{ createdAt: now(), createdBy: nameOf(by), addresses: [] },
    }
    const kept = users.put(user)
    const after = { role, ...confinementOf(request) }
    record({ what: 'add-user', target: name, outcome: 'done', reason: `as ${role}`, after }, by)
    await kept
    return { kind: 'done', value: presentUser(user) }
  }

  async change(change: UserChange, by: Caller): Promise<Done<UserView, ChangeUserRefusal>> {
    const { users, sessions, record } = this.#parts
    const { name } = change
    const user = this.#named(name, by)
    if (user === undefined) return noSuchUser(name)
    const changed = changedUser(user, change)
    const refused =
      (isUnder(by.identity, changed) ? undefined : notUnder) ??
      unknownCustomer(change.customers ?? undefined, this.#parts.knowsCustomer) ??
      (users.isLastAdmin(user) && !isFullAdmin(changed) ? lastAdmin(name) : undefined)
    if (refused !== undefined) {
      record({ what: 'change-user', target: name, outcome: 'refused', reason: refused.detail }, by)
      return refused
    }
    const kept = users.put(changed)
    const [before, after] = [shortOf(user), shortOf(changed)]
    record({ what: 'change-user', target: name, outcome: 'done', reason: 'asked for', before, after }, by)
    if (changed.isDisabled) await sessions.endAllOf(user.id)
    await kept
    return { kind: 'done', value: presentUser(changed) }
  }

  async remove(name: string, by: Caller): Promise<Done<UserView, 'unknown-user' | 'last-admin'>> {
    const { users, sessions, record } = this.#parts
    const user = this.#named(name, by)
    if (user === undefined) return noSuchUser(name)
    if (users.isLastAdmin(user)) {
      const refused = lastAdmin(name)
      record({ what: 'remove-user', target: name, outcome: 'refused', reason: refused.detail }, by)
      return refused
    }
    const gone = users.remove(user)
    const before = shortOf(user)
    record({ what: 'remove-user', target: name, outcome: 'done', reason: 'asked for', before }, by)
    await Promise.all([gone, sessions.endAllOf(user.id)])
    return { kind: 'done', value: presentUser(user) }
  }

  /** An admin sets that of others; whoever changes his own shows the present one. Sessions of the user end. */
  async setPassword(change: PasswordChange, by: Caller): Promise<Done<UserView, PasswordRefusal>> {
    const { users, sessions, hasher, record } = this.#parts
    const { name, present, password } = change
    const user = users.named(name)
    const isOwn = by.identity?.kind === 'user' && by.identity.id === user?.id
    // Also of a user who does not exist: whoever may not know the users learns nothing.
    if (!isOwn && !mayChangeUsers(by.identity))
      return { kind: 'refused', code: 'forbidden', detail: 'only admins set passwords of others' }
    if (user === undefined || (!isOwn && !isUnder(by.identity, user))) return noSuchUser(name)
    const refused = isOwn ? await this.#whyNotOwn(user, present, by) : undefined
    if (refused !== undefined) return refused
    const hash = await hasher.hash(password)
    if (hash === 'busy') return BUSY
    // What else was changed while it was hashed stays; who was removed stays away.
    const now = users.get(user.id)
    if (now === undefined) return noSuchUser(name)
    const kept = users.put({ ...now, hash })
    record({ what: 'change-user', target: name, outcome: 'done', reason: 'a new password was set' }, by)
    await Promise.all([kept, sessions.endAllOf(user.id)])
    return { kind: 'done', value: presentUser(now) }
  }

  /** Whoever found an open session must not take the account over with it, nor guess its password there. */
  async #whyNotOwn(user: User, present: string | undefined, by: Caller): Promise<OwnRefusal | undefined> {
    const { hasher, record, now } = this.#parts
    if (present === undefined) return { kind: 'refused', code: 'wrong-password', detail: 'none was given' }
    if (this.#tries.take(user.id, now()) > 0) return TOO_OFTEN
    const isRight = await hasher.verify(present, user.hash)
    if (isRight === 'busy') return BUSY
    if (isRight) {
      this.#tries.reset(user.id)
      return undefined
    }
    const reason = 'wrong present password'
    record({ what: 'change-user', target: user.name, outcome: 'refused', reason }, by)
    return { kind: 'refused', code: 'wrong-password', detail: 'it is another one' }
  }

  #whyNotAdd({
    name,
    customers,
  }: UserRequest): Extract<Done<never, AddUserRefusal>, { kind: 'refused' }> | undefined {
    const { users, knowsCustomer } = this.#parts
    if (users.has(name)) return { kind: 'refused', code: 'name-taken', detail: `${name} is there already` }
    if (users.isFull)
      return { kind: 'refused', code: 'too-many-names', detail: `there are ${USERS_MAX} users` }
    return unknownCustomer(customers, knowsCustomer)
  }
}

export const presentUser = (user: User): UserView => ({
  ...{ id: user.id, name: user.name, role: user.role },
  ...confinementOf(user),
  disabled: user.isDisabled,
  createdAt: new Date(user.createdAt).toISOString(),
  createdBy: user.createdBy,
  ...(user.lastLoginAt !== undefined && { lastLoginAt: new Date(user.lastLoginAt).toISOString() }),
})

/** Null takes the confinement away; what is not named stays. */
function changedUser(user: User, { role, customers, networks, disabled }: UserChange): User {
  const { customers: ofBefore, networks: withinBefore, ...rest } = user
  return {
    ...rest,
    role: role ?? user.role,
    ...confinementOf({
      customers: customers === undefined ? ofBefore : (customers ?? undefined),
      networks: networks === undefined ? withinBefore : (networks ?? undefined),
    }),
    isDisabled: disabled ?? user.isDisabled,
  }
}

const shortOf = ({ role, isDisabled, ...scope }: User): { role: Role } => ({
  role,
  ...confinementOf(scope),
  ...(isDisabled && { disabled: true }),
})

/** The control socket comes without an identity, or says that it is one. */
const mayChangeUsers = (identity: Identity | undefined): boolean =>
  identity === undefined || identity.role === 'admin'

const noSuchUser = (name: string) =>
  ({ kind: 'refused', code: 'unknown-user', detail: `there is no user ${name}` }) as const

const lastAdmin = (name: string) =>
  ({ kind: 'refused', code: 'last-admin', detail: `${name} is the only admin` }) as const
