import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { accessForTests } from '#api/access/access-for-tests.ts'
import { assertNobodyGetsIn, assertRowsHold, GENEROUS } from '#api/access/every-route-for-tests.ts'
import { SILENT } from '#lib/log/logger.ts'
import { prefixdDialect } from './prefixd-dialect.ts'

/** A daemon of which everything is there and nothing works: what is proved here ends before it is asked. */
const ANYTHING: object = new Proxy(() => ANYTHING, {
  get: (_, name) => (name === Symbol.toPrimitive ? () => 'anything' : name === 'then' ? undefined : ANYTHING),
  apply: () => ANYTHING,
})

const DAEMON: object = new Proxy(
  { status: { origin: { file: undefined } } },
  { get: (own, name) => (name === 'status' ? own.status : ANYTHING) },
)

function served() {
  const access = { desk: ANYTHING, gate: ANYTHING } as never
  const dialect = prefixdDialect(
    DAEMON as never,
    ANYTHING as never,
    access,
    async () => ({ text: '', families: [] }),
    SILENT,
  )
  return { made: accessForTests(GENEROUS, { plugins: [dialect] }), rules: dialect.rules }
}

test('every route of the dialect refuses whoever brings no credential, a wrong one or an expired one', async () => {
  const { made, rules } = served()

  await assertNobodyGetsIn(made, rules, ({ body }) =>
    assert.deepEqual(JSON.parse(body), { error: 'unauthorized: authentication required' }),
  )

  assert.ok(rules.length > 40, String(rules.length))
})

test('every route of the dialect lets in whom its row lets in, and nobody else', async () => {
  const { made, rules } = served()

  // Whose session it is, prefixd tells users alone.
  await assertRowsHold(
    made,
    rules,
    ({ statusCode }, { path }) => path === '/v1/auth/me' && statusCode === 401,
  )
})

test('without a credential the dialect tells its health, numbers and description, and takes log-ins and signed webhooks', () => {
  const { rules } = served()

  assert.deepEqual(
    rules.filter(({ role }) => role === 'public').map(({ method, path }) => `${method} ${path}`),
    [
      ...['GET /v1/health', 'GET /metrics', 'POST /v1/auth/login', 'POST /v1/auth/logout'],
      ...['POST /v1/signals/webhook/:name', 'GET /openapi.json'],
    ],
  )
})

test('the page says of each path of the dialect who may ask it', () => {
  const { rules } = served()
  const page = readFileSync(join(import.meta.dirname, '../../../docs/operate/prefixd-api.md'), 'utf8')
  const rows = page.split('\n').flatMap(line => {
    const [, paths = '', role = ''] = /^\| (`[A-Z]+ \/.*`) \| ([a-z ]+)/.exec(line) ?? []
    return [...paths.matchAll(/`([^`]+)`/g)].map(([, path = '']) => `${path} ${role.split(' ')[0]}`)
  })

  const routes = rules
    // A prefix may come with its slash as it is.
    .filter(({ path }) => !path.endsWith('/:length'))
    .map(({ method, path, role }) => {
      const told = path === '/v1/operators/:id/password' ? 'the' : role === 'public' ? 'none' : role
      return `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')} ${told}`
    })

  assert.deepEqual(rows.toSorted(), routes.toSorted())
})
