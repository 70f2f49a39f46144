// Users of DDPS's API: those of ours, and the key that signs their tokens, which is kept in the state and nowhere else.

import { createHmac, randomBytes } from 'node:crypto'
import { z } from 'zod'
import type { AccessDesk } from '#api/access/desk.ts'
import type { Gate } from '#api/access/gate.ts'
import { Shelf } from '#api/access/shelf.ts'
import { identityOfUser, type User } from '#api/access/users.ts'
import type { TokenHolder, TokenRoom } from '#compat/ddps/api/desk.ts'
import type { Documents } from '#lib/documents.ts'
import type { ResolvedConfig } from '../config/config.ts'

export interface TokenRoomOptions {
  readonly access: Pick<AccessDesk, 'logins' | 'kept'>
  readonly gate: Pick<Gate, 'addressOf' | 'isSecure'>
  readonly documents: Documents
  /** As it is in force. */
  readonly config: () => Pick<ResolvedConfig, 'api' | 'compatibility'>
  /** Ms since 1970. */
  readonly now: () => number
}

const KEY_BYTES = 32
const KEY_ID = 'signing'
const HOUR_SECONDS = 3600

const keySchema = z.object({ key: z.string() })

export function tokenRoom({ access, gate, documents, config, now }: TokenRoomOptions): TokenRoom {
  const { logins, kept } = access
  const keys = new Shelf(documents, 'ddps-key', keySchema)
  const key = () => {
    const known = keys.get(KEY_ID)
    return known === undefined ? undefined : Buffer.from(known.key, 'base64url')
  }
  const holderOf = (user: User): TokenHolder => ({
    identity: identityOfUser(user),
    version: versionOf(user, key()),
  })
  return {
    signIn: async (name, password, message) => {
      const outcome = await logins.prove({ name, password }, { address: gate.addressOf(message) })
      if (outcome.kind !== 'done') return outcome
      // Whoever is known was read from the state, and so was the key if there is one.
      if (key() === undefined) await keys.put(KEY_ID, { key: randomBytes(KEY_BYTES).toString('base64url') })
      return { kind: 'done', holder: holderOf(outcome.user) }
    },
    holder: userId => {
      const user = kept.users.get(userId)
      return user === undefined || user.isDisabled ? undefined : holderOf(user)
    },
    key,
    life: () => {
      const { api, compatibility } = config()
      return {
        tokenSeconds: compatibility.ddpsApi.tokenMinutes * 60,
        longestSeconds: api.access.sessionHours * HOUR_SECONDS,
      }
    },
    isSecure: message => gate.isSecure(message),
    now,
  }
}

/** Nothing of the password can be found out by it, and a new password makes another one. */
const versionOf = ({ hash }: User, key: Buffer | undefined): string =>
  createHmac('sha256', key ?? '')
    .update(hash)
    .digest('base64url')
    .slice(0, 16)
