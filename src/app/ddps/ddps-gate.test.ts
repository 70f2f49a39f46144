import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assertNobodyGetsIn, assertRowsHold, GENEROUS } from '#api/access/every-route-for-tests.ts'
import { ddpsForTests } from './ddps-for-tests.ts'

test('every route of the dialect refuses whoever brings no credential, a wrong one or an expired one', async () => {
  const made = ddpsForTests(GENEROUS)

  await assertNobodyGetsIn(made, made.plugin.rules, ({ body }) =>
    assert.match(body, /^(?:no cookie|invalid token)$/),
  )
})

test('every route of the dialect lets in whom its row lets in, and nobody else', async () => {
  const made = ddpsForTests(GENEROUS)

  // Whoever is known otherwise has no token that could be renewed.
  await assertRowsHold(
    made,
    made.plugin.rules,
    ({ statusCode }, { path }) => path === '/refresh' && statusCode === 401,
  )
})

test('without a credential one signs in, and nothing else', () => {
  const { plugin } = ddpsForTests()

  assert.deepEqual(
    plugin.rules.map(({ method, path, role, reach }) => [method, path, role, reach].join(' ')),
    [
      'POST /signin public everything',
      'POST /refresh viewer customers',
      'POST /addrule operator customers',
      'GET /rules viewer customers',
      'POST /rules/:id/withdraw operator customers',
    ],
  )
})
