// Users and sessions in prefixd's words, over the desk of access.

import type { IncomingMessage } from 'node:http'
import { noSessionCookie, sessionCookie, sessionSecretOf } from '#api/access/cookies.ts'
import type { AccessDesk } from '#api/access/desk.ts'
import type { Gate } from '#api/access/gate.ts'
import type { AccessChange, AccessRoom, OperatorRow } from '#compat/prefixd/api/desk.ts'
import { callerOf } from './event-room.ts'

export function accessRoom(
  { logins, users }: Pick<AccessDesk, 'logins' | 'users'>,
  gate: Pick<Gate, 'addressOf' | 'isSecure'>,
): AccessRoom {
  const nameOf = (id: string) => users.list().find(user => user.id === id)?.name
  return {
    logIn: async (name, password, message) => {
      const from = { address: gate.addressOf(message), previous: secretOf(message) }
      const outcome = await logins.logIn({ name, password }, from)
      if (outcome.kind !== 'done') return outcome
      const { identity, secret, seconds } = outcome.session
      return { kind: 'done', identity, cookie: sessionCookie(secret, seconds, gate.isSecure(message)) }
    },
    logOut: async message => {
      const secret = secretOf(message)
      if (secret !== undefined) await logins.logOut(secret)
      return noSessionCookie(gate.isSecure(message))
    },
    operators: () => users.list().map(rowOf),
    add: async (wanted, by) => {
      const added = await users.add(wanted, callerOf(by))
      return added.kind === 'done' ? rowOf(added.value) : changeOf(added.code)
    },
    remove: async (id, by) => {
      const name = nameOf(id)
      if (name === undefined) return 'unknown'
      const removed = await users.remove(name, callerOf(by))
      return removed.kind === 'done' ? 'done' : changeOf(removed.code)
    },
    setPassword: async ({ id, password, present }, by) => {
      // Who may not know the users learns nothing of an id.
      const name = nameOf(id) ?? (by.role === 'admin' ? undefined : '')
      if (name === undefined) return 'unknown'
      const change = { name, password, ...(present === undefined ? {} : { present }) }
      const set = await users.setPassword(change, callerOf(by))
      return set.kind === 'done' ? 'done' : changeOf(set.code)
    },
  }
}

const secretOf = ({ headers }: IncomingMessage): string | undefined => sessionSecretOf(headers.cookie)

function rowOf(user: ReturnType<AccessDesk['users']['list']>[number]): OperatorRow {
  const { id, name, role, createdAt, createdBy, lastLoginAt } = user
  return {
    ...{ id, name, role, createdBy, createdAt: Date.parse(createdAt) },
    ...(lastLoginAt === undefined ? {} : { lastLoginAt: Date.parse(lastLoginAt) }),
  }
}

function changeOf(code: string): AccessChange {
  switch (code) {
    case 'name-taken':
      return 'taken'
    case 'last-admin':
    case 'wrong-password':
    case 'forbidden':
      return code
    case 'unknown-user':
      return 'unknown'
    default:
      return 'busy'
  }
}
