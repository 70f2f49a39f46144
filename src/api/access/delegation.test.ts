import assert from 'node:assert/strict'
import { test } from 'node:test'
import { accessForTests, bearer, SOCKET_CALLER } from './access-for-tests.ts'
import { isUnder } from './delegation.ts'
import { GENEROUS } from './every-route-for-tests.ts'
import { reaches } from './reach.ts'

/** An admin of acme, with users of his, of globex and of nobody in particular. */
async function withUsers() {
  const made = accessForTests(GENEROUS)
  const password = 'correct horse battery'
  const add = (name: string, more: object) =>
    made.desk.users.add({ name, role: 'viewer', password, ...more }, SOCKET_CALLER)
  await add('root', { role: 'admin' })
  await add('ann', { customers: ['acme'] })
  await add('bob', { customers: ['acme', 'globex'] })
  await add('cid', { customers: ['globex'] })
  const headers = bearer(await made.token('admin', { customers: ['acme'] }))
  const call = async (
    method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE',
    path: string,
    payload?: object,
  ) => {
    const answer = await made.server.inject({
      ...{ method, url: `/api/v1${path}`, headers },
      ...(payload === undefined ? {} : { payload }),
    })
    return { status: answer.statusCode, body: answer.json() }
  }
  return { ...made, call, password }
}

test('an admin of a customer sees his own users and tokens, and nobody else is there', async () => {
  const { call } = await withUsers()

  const users = await call('GET', '/users')
  const tokens = await call('GET', '/tokens')

  assert.deepEqual(
    users.body.users.map(({ name }: { name: string }) => name),
    ['ann'],
  )
  assert.deepEqual(
    tokens.body.tokens.map(({ name }: { name: string }) => name),
    ['t0'],
  )
  for (const name of ['root', 'bob', 'cid', 'nobody']) {
    const answers = [
      await call('PATCH', `/users/${name}`, { role: 'viewer' }),
      await call('DELETE', `/users/${name}`),
      await call('PUT', `/users/${name}/password`, { password: 'another horse battery' }),
    ]
    assert.deepEqual(
      answers.map(({ body }) => body.code),
      Array(3).fill('unknown-user'),
      name,
    )
  }
})

test('he hands out what lies within what he has, and never more', async () => {
  const { call, password, audit } = await withUsers()
  const user = { name: 'dora', role: 'operator', password }

  const wide = await call('POST', '/users', user)
  const others = await call('POST', '/users', { ...user, customers: ['acme', 'globex'] })
  const own = await call('POST', '/users', { ...user, customers: ['acme'], networks: ['192.0.2.0/25'] })
  const freed = await call('PATCH', '/users/dora', { customers: null })
  const raised = await call('PATCH', '/users/dora', { role: 'admin', networks: null })
  const secret = await call('PUT', '/users/dora/password', { password: 'another horse battery' })
  const token = await call('POST', '/tokens', { name: 'edge', role: 'admin' })
  const ownToken = await call('POST', '/tokens', { name: 'edge', role: 'admin', customers: ['acme'] })
  const gone = await call('DELETE', '/users/dora')

  assert.deepEqual(
    [wide, others, freed, token].map(({ body }) => body.code),
    Array(4).fill('forbidden'),
  )
  assert.deepEqual([own.status, own.body.networks], [201, ['192.0.2.0/25']])
  assert.deepEqual(
    [raised.body.role, raised.body.networks, raised.body.customers],
    ['admin', undefined, ['acme']],
  )
  assert.deepEqual([secret.status, ownToken.status, gone.status], [200, 201, 200])
  assert.equal(audit.filter(({ outcome }) => outcome === 'refused').length, 4)
})

test('networks and customers are both held, and the whole target has to lie within', () => {
  const customerOf = (target: string) => (target.startsWith('192.0.2.') ? 'acme' : undefined)
  const netadmin = { customers: ['acme'], networks: ['192.0.2.0/25', '2001:db8::/48'] }

  for (const [target, is] of [
    ...([
      ['192.0.2.1', true],
      ['192.0.2.0/25', true],
      ['192.0.2.64/26', true],
    ] as const),
    ...([
      ['192.0.2.0/24', false],
      ['192.0.2.200', false],
      ['2001:db8::1', false],
      ['nonsense', false],
    ] as const),
  ] as const)
    assert.equal(reaches(netadmin, target, customerOf), is, target)
  assert.equal(reaches({ networks: ['2001:db8::/48'] }, '2001:db8:0:1::/64', customerOf), true)
})

test('under somebody is who is confined at least as much', () => {
  const of = (more: object) => ({ kind: 'user', name: 'a', id: '1', role: 'admin', ...more }) as const

  assert.equal(isUnder(undefined, {}), true)
  assert.equal(isUnder(of({}), {}), true)
  assert.equal(isUnder(of({ networks: ['192.0.2.0/24'] }), { networks: ['192.0.2.0/25'] }), true)
  assert.equal(
    isUnder(of({ networks: ['192.0.2.0/24'] }), { networks: ['192.0.2.0/25', '10.0.0.0/8'] }),
    false,
  )
  assert.equal(isUnder(of({ networks: ['192.0.2.0/24'] }), { customers: ['acme'] }), false)
  assert.equal(isUnder(of({ customers: ['acme'] }), {}), false)
})
