import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FastifyPluginAsync } from 'fastify'
import { type AccessRule, isAtLeast, ROLES } from '../contract/access.ts'
import { NATIVE_RULES } from '../contract/access-table.ts'
import { LIVE } from '../contract/live.ts'
import { ROUTES } from '../contract/routes.ts'
import { OPENAPI_RULES } from '../openapi/routes.ts'
import { accessForTests, bearer } from './access-for-tests.ts'

const GENEROUS = { perAddress: { perSecond: 1e6, burst: 1e6 }, perIdentity: { perSecond: 1e6, burst: 1e6 } }

/** Desks that are there and fail: what is proved here ends before them. */
const fail = () => {
  throw new Error('asked')
}
const FAILING = new Proxy({}, { get: () => fail })
const RESOURCES = {
  ...{ attacks: FAILING, mitigations: FAILING, reports: FAILING, safelist: FAILING },
  ...{ sections: FAILING, history: FAILING },
} as never

/** Routes that the server really has, as the router tells them. */
async function served({ server }: ReturnType<typeof accessForTests>): Promise<AccessRule[]> {
  await server.ready()
  return [...NATIVE_RULES, ...OPENAPI_RULES].filter(({ method, path }) =>
    server.hasRoute({ method, url: path }),
  )
}

/** Parameters filled in with something that does not exist. */
const urlOf = (path: string): string => path.replace(/:\w+|\*/g, 'nothing')

test('every row of the table is a route of the server', async () => {
  const made = accessForTests({}, { resources: RESOURCES })

  const places = (await served(made)).map(({ method, path }) => `${method} ${path}`)

  // The feed is a door of its own.
  for (const { method, path } of NATIVE_RULES)
    if (path !== LIVE.path) assert.ok(places.includes(`${method} ${path}`), path)
})

test('every route of the contract is in the table once', () => {
  const places = NATIVE_RULES.map(({ method, path }) => `${method} ${path}`)

  assert.equal(new Set(places).size, places.length)
  for (const { method, path } of Object.values(ROUTES)) assert.ok(places.includes(`${method} ${path}`), path)
})

test('every route refuses whoever brings no credential, a wrong one or an expired one', async () => {
  const made = accessForTests(GENEROUS, { resources: RESOURCES })
  const expired = await made.token('admin', { expiresAt: '2026-11-20T11:00:00Z' })
  const right = await made.token('admin')
  made.clock.now += 3_600_000
  const wrong = {
    none: {},
    unknown: bearer(`fwt_0123456789abcdef_${'A'.repeat(43)}`),
    'wrong secret': bearer(`${right.slice(0, -1)}${right.endsWith('A') ? 'B' : 'A'}`),
    'one more character': bearer(`${right}A`),
    expired: bearer(expired),
    'other scheme': { authorization: `Basic ${right}` },
    'no session': { cookie: `session=${'A'.repeat(43)}` },
  }

  const routes = await served(made)
  assert.ok(routes.length > 45)
  for (const { method, path, role } of routes.filter(rule => rule.role !== 'public')) {
    for (const [name, headers] of Object.entries(wrong)) {
      const response = await made.server.inject({ method, url: urlOf(path), headers })
      assert.equal(response.statusCode, 401, `${method} ${path} (${role}) with ${name}`)
      assert.equal(response.json().code, 'unauthenticated')
      assert.match(String(response.headers['www-authenticate']), /^Bearer/)
    }
  }
})

test('every route lets in whom its row lets in, and nobody else', async () => {
  const made = accessForTests(GENEROUS, { resources: RESOURCES })
  const routes = await served(made)
  for (const role of ROLES) {
    for (const customers of [undefined, ['acme']]) {
      const headers = bearer(await made.token(role, customers && { customers }))
      for (const rule of routes.filter(({ role }) => role !== 'public')) {
        const { method, path } = rule
        const response = await made.server.inject({ method, url: urlOf(path), headers })

        const may =
          rule.role !== 'public' &&
          isAtLeast(role, rule.role) &&
          (customers === undefined || rule.reach === 'customers')
        const isRefused =
          response.statusCode === 403 && response.json().detail !== 'only admins set passwords of others'
        assert.equal(isRefused, !may, `${method} ${path} by ${role} of ${customers ?? 'all'}`)
        assert.notEqual(response.statusCode, 401)
      }
    }
  }
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
