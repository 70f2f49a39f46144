// An API on the network with users and tokens of each kind, and a clock that stands until it is moved.

import { DocumentShelf } from '#lib/documents.ts'
import type { Facts, Logger } from '#lib/log/logger.ts'
import type { ApiPlugin } from '../bare-server.ts'
import type { Role } from '../contract/access.ts'
import { fakeControl } from '../fake-control.ts'
import { type ApiOptions, buildApi } from '../server.ts'
import type { AccessNote } from './access-audit.ts'
import { type AccessConfig, accessSchema } from './config.ts'
import { AccessDesk } from './desk.ts'
import { NetworkGate } from './network-gate.ts'
import { sharedTokenCheck } from './shared-token.ts'

export const SOCKET_CALLER = { uid: 0, pid: 1 }
export const PASSWORD = 'correct horse battery'

export interface DialectParts {
  readonly desk: AccessDesk
  readonly gate: NetworkGate
  readonly documents: DocumentShelf
  readonly config: AccessConfig
  readonly now: () => number
}

interface TokenMore {
  readonly customers?: string[]
  readonly networks?: string[]
  readonly expiresAt?: string
}

export function accessForTests(
  changes: Partial<AccessConfig> = {},
  parts: Pick<ApiOptions, 'plugins' | 'resources' | 'console'> & {
    shared?: string
    /** Made of what the door is made of. */
    dialect?: (made: DialectParts) => ApiPlugin
  } = {},
) {
  const clock = { now: Date.parse('2026-11-20T10:00:00Z') }
  const config = { ...accessSchema.parse({}), ...changes }
  const audit: (AccessNote & { readonly by: string })[] = []
  const said: Facts[] = []
  const say = (message: string, facts?: Facts) => void said.push({ message, ...facts })
  const log: Logger = { debug: say, info: say, warn: say, error: say }
  const documents = new DocumentShelf()
  const desk = new AccessDesk({
    documents,
    config: () => config,
    nameOf: ({ identity }) => (identity === undefined ? 'uid:0' : `${identity.kind}:${identity.name}`),
    knowsCustomer: id => id === 'acme' || id === 'globex',
    now: () => clock.now,
    record: (note, { identity }) =>
      void audit.push({
        ...note,
        by: identity === undefined ? 'uid:0' : `${identity.kind}:${identity.name}`,
      }),
  })
  const gate = new NetworkGate({
    config: () => config,
    ...desk.kept,
    now: () => clock.now,
    ...(parts.shared === undefined ? {} : { sharedToken: sharedTokenCheck(parts.shared) }),
  })
  const server = buildApi({
    ...{
      control: fakeControl(),
      log,
      access: gate,
      accessDesk: desk,
      plugins: [
        ...(parts.plugins ?? []),
        ...(parts.dialect === undefined
          ? []
          : [parts.dialect({ desk, gate, documents, config, now: () => clock.now })]),
      ],
      ...(parts.resources && { resources: parts.resources }),
      ...(parts.console && { console: parts.console }),
    },
    callerOf: ({ identity }) => ({ uid: undefined, pid: undefined, identity }),
  })
  /** Text of a new token. */
  const token = async (role: Role, more: TokenMore = {}) => {
    const name = `t${documents.all('token').size}`
    const added = await desk.tokens.add({ name, role, ...more }, SOCKET_CALLER)
    if (added.kind !== 'done') throw new Error(added.detail)
    return added.value.token
  }
  const user = (name: string, role: Role, password = PASSWORD) =>
    desk.users.add({ name, role, password }, SOCKET_CALLER)
  const logIn = async (name: string, password = PASSWORD, remoteAddress = '192.0.2.7', cookie = '') => {
    const response = await server.inject({
      ...{ method: 'POST', url: '/api/v1/session', payload: { name, password }, remoteAddress },
      ...(cookie === '' ? {} : { headers: { cookie } }),
    })
    const set = String(response.headers['set-cookie'] ?? '')
    return { response, set, cookie: set.split(';')[0] ?? '', csrf: String(response.json()?.csrfToken) }
  }
  return { clock, config, audit, said, documents, desk, gate, server, token, user, logIn }
}

export const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
