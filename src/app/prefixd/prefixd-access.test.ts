import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fastify } from 'fastify'
import { AccessDesk } from '#api/access/desk.ts'
import { guard } from '#api/access/guard.ts'
import { AccessRefusal, type Identity } from '#api/contract/access.ts'
import { accessRoutes } from '#compat/prefixd/api/access-routes.ts'
import { PrefixdMetrics } from '#compat/prefixd/api/metrics.ts'
import { prefixdPlugin } from '#compat/prefixd/api/plugin.ts'
import { DocumentShelf } from '#lib/documents.ts'
import { accessRoom } from './access-room.ts'
import { TOKEN } from './prefixd-for-tests.ts'

const PASSWORD = 'correct horse'

async function door() {
  const desk = new AccessDesk({
    documents: new DocumentShelf(),
    config: () => ({ sessionIdleMinutes: 60, sessionHours: 24, logins: { attempts: 5, everySeconds: 12 } }),
    ...{ record: () => {}, nameOf: () => 'token:script', knowsCustomer: () => true, now: Date.now },
  })
  const from = { addressOf: () => '192.0.2.7', isSecure: () => true }
  const asks: { identity: Identity; refusal?: AccessRefusal | undefined } = { identity: TOKEN }
  const routes = accessRoutes(accessRoom(desk, from))
  const { plugin, rules } = prefixdPlugin(routes, new PrefixdMetrics('p1'), () => {})
  const server = fastify()
  const admit = () => {
    if (asks.refusal !== undefined) throw asks.refusal
    return asks.identity
  }
  guard(server, rules, { ...from, admit })
  await server.register(plugin)
  const call = async (
    method: 'GET' | 'POST' | 'PUT' | 'DELETE',
    url: string,
    payload?: object,
    headers: Record<string, string> = {},
  ) => {
    const answer = await server.inject({
      method,
      url,
      headers,
      ...(payload === undefined ? {} : { payload }),
    })
    const body = answer.body === '' ? undefined : answer.json()
    return { status: answer.statusCode, body, headers: answer.headers }
  }
  return { server, asks, call }
}

test('operators: added, listed, given passwords and removed, with prefixd’s statuses', async t => {
  const { server, call, asks } = await door()
  t.after(() => server.close())
  const wanted = { username: 'ann', password: PASSWORD, role: 'ADMIN' }

  const added = await call('POST', '/v1/operators', wanted)
  const taken = await call('POST', '/v1/operators', wanted)
  const bob = await call('POST', '/v1/operators', { username: 'bob', password: PASSWORD, role: 'viewer' })
  const rows: [changes: object, status: number][] = [
    [{ username: 'a b' }, 400],
    [{ password: 'short' }, 400],
    [{ role: 'root' }, 400],
    [{ role: 7 }, 422],
  ]
  for (const [changes, status] of rows)
    assert.equal((await call('POST', '/v1/operators', { ...wanted, ...changes })).status, status)
  const list = await call('GET', '/v1/operators')
  const { operator_id: id } = bob.body
  const changed = await call('PUT', `/v1/operators/${id}/password`, { new_password: 'another one' })
  const short = await call('PUT', `/v1/operators/${id}/password`, { new_password: 'x' })
  asks.identity = { kind: 'user', name: 'bob', id, role: 'viewer' }
  const unproved = await call('PUT', `/v1/operators/${id}/password`, { new_password: 'a third one' })
  const notHis = await call('PUT', `/v1/operators/${added.body.operator_id}/password`, {
    new_password: 'a third one',
  })
  const self = await call('DELETE', `/v1/operators/${id}`)
  asks.identity = TOKEN
  const removed = await call('DELETE', `/v1/operators/${id}`)
  const again = await call('DELETE', `/v1/operators/${id}`)
  const none = await call('DELETE', '/v1/operators/7')

  assert.equal(added.status, 201)
  assert.deepEqual(Object.keys(added.body), [
    ...['operator_id', 'username', 'role', 'created_at', 'created_by', 'last_login_at'],
  ])
  assert.deepEqual([added.body.username, added.body.role, added.body.last_login_at], ['ann', 'admin', null])
  assert.equal(taken.status, 409)
  assert.deepEqual([list.body.count, list.body.operators[1].username], [2, 'bob'])
  assert.ok(!JSON.stringify(list.body).includes('argon2'))
  assert.deepEqual([changed.status, short.status, unproved.status, notHis.status], [204, 400, 400, 403])
  assert.deepEqual([self.status, removed.status, again.status, none.status], [400, 204, 404, 400])
})

test('login gives a cookie and the flat object of prefixd, me the same, logout never fails', async t => {
  const { server, call, asks } = await door()
  t.after(() => server.close())
  const { body } = await call('POST', '/v1/operators', {
    username: 'ann',
    password: PASSWORD,
    role: 'operator',
  })

  const right = await call('POST', '/v1/auth/login', { username: 'ann', password: PASSWORD })
  const wrong = await call('POST', '/v1/auth/login', { username: 'ann', password: 'not this' })
  const nobody = await call('POST', '/v1/auth/login', { username: 'eve', password: 'not this' })
  const odd = await call('POST', '/v1/auth/login', { username: 'a b', password: 'x' })
  const empty = await call('POST', '/v1/auth/login', { username: 'ann', password: '' })
  const byToken = await call('GET', '/v1/auth/me')
  asks.identity = { kind: 'user', name: 'ann', id: body.operator_id, role: 'operator' }
  const me = await call('GET', '/v1/auth/me')
  const cookie = String(right.headers['set-cookie']).split(';')[0] ?? ''
  const out = await call('POST', '/v1/auth/logout', undefined, { cookie })
  const twice = await call('POST', '/v1/auth/logout')

  const flat = { operator_id: body.operator_id, username: 'ann', role: 'operator' }
  assert.deepEqual([right.status, right.body], [200, flat])
  assert.match(String(right.headers['set-cookie']), /^session=[A-Za-z0-9_-]{43}; .*HttpOnly.*Secure/)
  assert.deepEqual([wrong.status, nobody.status, odd.status, empty.status], [401, 401, 400, 400])
  assert.deepEqual(wrong.body, nobody.body)
  assert.equal(byToken.status, 401)
  assert.deepEqual([me.status, me.body], [200, flat])
  assert.deepEqual([out.status, out.body, twice.status], [200, undefined, 200])
})

test('what the gate refuses is told in the words of prefixd', async t => {
  const { server, call, asks } = await door()
  t.after(() => server.close())

  asks.refusal = new AccessRefusal('unauthenticated', 'x')
  const unknown = await call('GET', '/v1/operators')
  asks.refusal = new AccessRefusal('forbidden', 'x')
  const forbidden = await call('GET', '/v1/operators')
  asks.refusal = new AccessRefusal('rate-limited', 'x', 7)
  const many = await call('GET', '/v1/operators')

  assert.deepEqual([unknown.status, unknown.body], [401, { error: 'unauthorized: authentication required' }])
  assert.deepEqual([forbidden.status, forbidden.body], [403, { error: 'forbidden' }])
  assert.deepEqual([many.status, many.body], [429, { error: 'rate_limited', retry_after_seconds: 7 }])
  assert.equal(many.headers['retry-after'], '7')
  assert.equal(many.headers['x-frame-options'], 'DENY')
})
