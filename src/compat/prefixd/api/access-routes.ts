// Logging in and out, and operators: users in prefixd's words.

import { z } from 'zod'
import { type Identity, ROLES } from '#api/contract/access.ts'
import { NIL_UUID, readUuid } from '../ids.ts'
import type { AccessChange, AccessRoom, OperatorRow } from './desk.ts'
import { parameter, readBody } from './reading.ts'
import { invalid, notFound, Refusal } from './refusal.ts'
import type { DialectRoute } from './route.ts'

const NAME = /^[A-Za-z0-9_-]{1,64}$/
const PASSWORD_MIN = 8
const PASSWORD_MAX = 256

const loginSchema = z.object({ username: z.string(), password: z.string() })
const operatorSchema = z.object({ username: z.string(), password: z.string(), role: z.string() })
const passwordSchema = z.object({
  new_password: z.string(),
  current_password: z.string().nullish().describe('Needed when it is your own.'),
})

export const accessRoutes = (access: AccessRoom): readonly DialectRoute[] => [
  ...sessionRoutes(access),
  {
    ...{ method: 'GET', path: '/v1/operators', role: 'admin', reach: 'everything', success: 200 },
    summary: 'All operators.',
    handle: async () => {
      const operators = access.operators().map(presentOperator)
      return { operators, count: operators.length }
    },
  },
  {
    ...{ method: 'POST', path: '/v1/operators', role: 'admin', reach: 'everything', success: 201 },
    summary: 'Adds an operator.',
    body: operatorSchema,
    handle: async request => {
      const { username: name, password, role: text } = readBody(request, operatorSchema)
      const role = ROLES.find(each => each === text.toLowerCase())
      if (!NAME.test(name)) throw invalid('username is 1 to 64 letters, digits, - and _')
      holdPassword(password)
      if (role === undefined) throw invalid('role is viewer, operator or admin')
      const added = await access.add({ name, password, role }, request.identity)
      if (typeof added === 'string') throw refusalOf(added)
      return presentOperator(added)
    },
  },
  {
    ...{ method: 'DELETE', path: '/v1/operators/:id', role: 'admin', reach: 'everything', success: 204 },
    summary: 'Removes an operator.',
    handle: async request => {
      const id = operatorId(parameter(request, 'id'))
      if (id === request.identity.id) throw invalid('nobody removes himself')
      throwUnlessDone(await access.remove(id, request.identity))
      return undefined
    },
  },
  {
    ...{
      method: 'PUT',
      path: '/v1/operators/:id/password',
      role: 'viewer',
      reach: 'customers',
      success: 204,
    },
    summary: 'Sets a password: an admin that of others, everybody his own.',
    body: passwordSchema,
    handle: async request => {
      const body = readBody(request, passwordSchema)
      const id = operatorId(parameter(request, 'id'))
      holdPassword(body.new_password)
      const wanted = { id, password: body.new_password, present: body.current_password ?? undefined }
      throwUnlessDone(await access.setPassword(wanted, request.identity))
      return undefined
    },
  },
]

const sessionRoutes = (access: AccessRoom): readonly DialectRoute[] => [
  {
    ...{ method: 'POST', path: '/v1/auth/login', role: 'public', reach: 'everything', success: 200 },
    summary: 'Begins a session.',
    body: loginSchema,
    handle: async (request, reply) => {
      const { username, password } = readBody(request, loginSchema)
      if (!NAME.test(username)) throw invalid('username is 1 to 64 letters, digits, - and _')
      if (password === '' || password.length > PASSWORD_MAX) throw invalid('password is 1 to 256 characters')
      const done = await access.logIn(username, password, request.raw)
      if (done.kind === 'wrong') throw new Refusal(401, 'unauthorized: invalid username or password')
      if (done.kind === 'throttled')
        throw new Refusal(429, 'rate_limited', { retry_after_seconds: done.retryAfterSeconds })
      reply.header('set-cookie', done.cookie)
      return meOf(done.identity)
    },
  },
  {
    ...{ method: 'POST', path: '/v1/auth/logout', role: 'public', reach: 'everything', success: 200 },
    summary: 'Ends the session.',
    handle: async (request, reply) => {
      reply.header('set-cookie', await access.logOut(request.raw))
      return undefined
    },
  },
  {
    ...{ method: 'GET', path: '/v1/auth/me', role: 'viewer', reach: 'customers', success: 200 },
    summary: 'Who one is in the session.',
    handle: async ({ identity }) => {
      if (identity.kind !== 'user') throw new Refusal(401, 'unauthorized: there is no session')
      return meOf(identity)
    },
  },
]

const meOf = ({ id, name, role }: Identity) => ({ operator_id: id || NIL_UUID, username: name, role })

const presentOperator = ({ id, name, role, createdAt, createdBy, lastLoginAt }: OperatorRow) => ({
  ...{ operator_id: id, username: name, role, created_at: new Date(createdAt).toISOString() },
  created_by: createdBy,
  last_login_at: lastLoginAt === undefined ? null : new Date(lastLoginAt).toISOString(),
})

function holdPassword(text: string): void {
  if (text.length < PASSWORD_MIN || text.length > PASSWORD_MAX)
    throw invalid(`password is ${PASSWORD_MIN} to ${PASSWORD_MAX} characters`)
}

function operatorId(text: string): string {
  const id = readUuid(text)
  if (id === undefined) throw new Refusal(400, 'Invalid URL: the id is no UUID')
  return id
}

function throwUnlessDone(change: AccessChange): void {
  if (change !== 'done') throw refusalOf(change)
}

function refusalOf(change: AccessChange): Refusal {
  switch (change) {
    case 'taken':
      return new Refusal(409, 'the username is taken')
    case 'last-admin':
      return new Refusal(409, 'the only admin stays')
    case 'wrong-password':
      return invalid('current_password is missing or wrong')
    case 'forbidden':
      return new Refusal(403, 'forbidden')
    case 'busy':
      return new Refusal(429, 'rate_limited', { retry_after_seconds: 1 })
    default:
      return notFound('the operator')
  }
}
