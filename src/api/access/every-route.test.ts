import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FastifyPluginAsync } from 'fastify'
import type { AccessRule } from '../contract/access.ts'
import { NATIVE_RULES } from '../contract/access-table.ts'
import { ROUTES } from '../contract/routes.ts'
import { OPENAPI_RULES } from '../openapi/routes.ts'
import { accessForTests, bearer } from './access-for-tests.ts'
import { assertNobodyGetsIn, assertRowsHold, GENEROUS } from './every-route-for-tests.ts'

/** Desks that are there and fail: what is proved here ends before them. */
const fail = () => {
  throw new Error('asked')
}
const FAILING = new Proxy({}, { get: () => fail })
const RESOURCES = {
  ...{ attacks: FAILING, mitigations: FAILING, reports: FAILING, safelist: FAILING, rules: FAILING },
  ...{ sections: FAILING, history: FAILING, live: FAILING, courses: FAILING, whatIf: FAILING },
  preferences: FAILING,
  ...{ setup: FAILING, protection: FAILING, presets: FAILING, notify: FAILING },
} as never

/** Routes that the server really has, as the router tells them. */
async function served({ server }: ReturnType<typeof accessForTests>): Promise<AccessRule[]> {
  await server.ready()
  return [...NATIVE_RULES, ...OPENAPI_RULES].filter(({ method, path }) =>
    server.hasRoute({ method, url: path }),
  )
}

test('every row of the table is a route of the server', async () => {
  const made = accessForTests({}, { resources: RESOURCES })

  const places = (await served(made)).map(({ method, path }) => `${method} ${path}`)

  for (const { method, path } of NATIVE_RULES) assert.ok(places.includes(`${method} ${path}`), path)
})

test('every route of the contract is in the table once', () => {
  const places = NATIVE_RULES.map(({ method, path }) => `${method} ${path}`)

  assert.equal(new Set(places).size, places.length)
  for (const { method, path } of Object.values(ROUTES)) assert.ok(places.includes(`${method} ${path}`), path)
})

test('every route refuses whoever brings no credential, a wrong one or an expired one', async () => {
  const made = accessForTests(GENEROUS, { resources: RESOURCES })
  const routes = await served(made)

  await assertNobodyGetsIn(made, routes, ({ body, headers }) => {
    assert.equal(JSON.parse(body).code, 'unauthenticated')
    assert.match(String(headers['www-authenticate']), /^Bearer/)
  })

  assert.ok(routes.length > 45)
})

test('every route lets in whom its row lets in, and nobody else', async () => {
  const made = accessForTests(GENEROUS, { resources: RESOURCES })

  await assertRowsHold(made, await served(made), ({ body }) =>
    body.includes('only admins set passwords of others'),
  )
})

test('HEAD goes by the rule of GET', async () => {
  const { server, token } = accessForTests()

  const without = await server.inject({ method: 'HEAD', url: '/api/v1/status' })
  const allowed = await server.inject({
    ...{ method: 'HEAD', url: '/api/v1/status', headers: bearer(await token('viewer')) },
  })

  assert.deepEqual([without.statusCode, allowed.statusCode], [401, 200])
})

test('a route without a rule does not start, and two rules for one route do not either', async () => {
  const plugin: FastifyPluginAsync = async instance => {
    instance.get('/v1/forgotten', () => ({}))
  }
  const forgotten = accessForTests({}, { plugins: [{ plugin, rules: [] }] })

  await assert.rejects(async () => await forgotten.server.ready(), /GET \/v1\/forgotten has no access rule/)
  const rule: AccessRule = { method: 'GET', path: '/v1/forgotten', role: 'viewer', reach: 'everything' }
  assert.throws(() => accessForTests({}, { plugins: [{ plugin, rules: [rule, rule] }] }), /two access rules/)
})

test('a dialect is under the gate with its own rows', async () => {
  const plugin: FastifyPluginAsync = async instance => {
    instance.post('/v1/thing', ({ identity }) => ({ who: identity.name }))
  }
  const rules: AccessRule[] = [{ method: 'POST', path: '/v1/thing', role: 'operator', reach: 'everything' }]
  const { server, token } = accessForTests(
    {},
    { plugins: [{ plugin, rules }], shared: 'prefixd-shared-secret' },
  )
  const ask = (text: string) =>
    server.inject({ method: 'POST', url: '/v1/thing', headers: bearer(text), payload: {} })

  const shared = await ask('prefixd-shared-secret')

  assert.deepEqual(shared.json(), { who: 'bearer-token' })
  assert.equal((await ask('prefixd-shared-secreT')).statusCode, 401)
  assert.equal((await ask(await token('viewer'))).statusCode, 403)
  assert.equal((await ask(await token('operator', { customers: ['acme'] }))).statusCode, 403)
})

test('a path that does not exist says so to everybody, and nothing else', async () => {
  const { server, token } = accessForTests()
  const answers = await Promise.all(
    [{}, bearer(await token('admin'))].map(headers => server.inject({ url: '/api/v1/secret?a=b', headers })),
  )

  for (const answer of answers) {
    assert.deepEqual([answer.statusCode, answer.json().code], [404, 'unknown-path'])
    assert.doesNotMatch(answer.body, /secret/)
  }
  assert.equal(answers[0]?.body, answers[1]?.body)
})
