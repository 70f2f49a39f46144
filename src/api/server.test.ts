import assert from 'node:assert/strict'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { type Facts, SILENT } from '#lib/log/logger.ts'
import { temporaryFolder } from '../../test/temporary-folder.ts'
import { EXAMPLE_STATUS } from './contract/examples.ts'
import { problemSchema } from './contract/problem.ts'
import { ROUTES } from './contract/routes.ts'
import { ERRORS } from './errors.ts'
import { fakeControl } from './fake-control.ts'
import { buildApi } from './server.ts'

const ANN = { uid: 1000, pid: 77 }

function api(control = fakeControl(), said: Facts[] = []) {
  const log = { ...SILENT, error: (_message: string, facts?: Facts) => void said.push(facts ?? {}) }
  return buildApi({ control, log, callerOf: () => ANN })
}

test('every reading route answers with what its contract promises', async () => {
  const server = api()
  const paths = [
    'status',
    'health',
    'traffic?sort=bytes&limit=1',
    'attacks?state=open',
    'attacks/mi7kq3l9-1',
    'explain/10.99.1.5',
    'bans',
    'audit',
  ]
  const routes = [
    ROUTES.status,
    ROUTES.health,
    ROUTES.traffic,
    ROUTES.attacks,
    ROUTES.attack,
    ROUTES.explain,
    ROUTES.bans,
    ROUTES.audit,
  ]

  for (const [index, path] of paths.entries()) {
    const response = await server.inject({ url: `/api/v1/${path}` })

    assert.equal(response.statusCode, 200, path)
    assert.match(String(response.headers['content-type']), /^application\/json/)
    assert.ok(routes[index]?.output.safeParse(response.json()).success, path)
  }
})

test('the audit is verified, and chosen from by what a query says', async () => {
  const asked: unknown[] = []
  const control = fakeControl({
    audit: query => {
      asked.push(query)
      return { entries: [] }
    },
  })
  const server = api(control)

  const verdict = await server.inject({ url: '/api/v1/audit/verify' })
  await server.inject({ url: '/api/v1/audit?who=uid:1000&since=2026-01-15T00:00:00Z&before=7&limit=5' })
  const wrong = await server.inject({ url: '/api/v1/audit?since=yesterday' })

  assert.ok(ROUTES.verifyAudit.output.safeParse(verdict.json()).success)
  assert.deepEqual(asked, [{ who: 'uid:1000', since: '2026-01-15T00:00:00Z', before: 7, limit: 5 }])
  assert.equal(wrong.statusCode, 400)
})

test('a backup is handed out with its caller known, and its file is gone afterwards', async t => {
  const file = join(temporaryFolder(t), 'made')
  writeFileSync(file, 'the archive')
  const callers: unknown[] = []
  const control = fakeControl({
    backUp: by => {
      callers.push(by)
      return { kind: 'done', value: { file } }
    },
  })

  const made = await api(control).inject({ method: 'POST', url: '/api/v1/backup' })
  const refused = await api().inject({ method: 'POST', url: '/api/v1/backup' })

  assert.deepEqual([made.statusCode, made.body, callers], [200, 'the archive', [ANN]])
  assert.equal(made.headers['content-type'], 'application/gzip')
  assert.equal(existsSync(file), false)
  assert.equal(refused.statusCode, 503)
  assert.match(refused.body, /state-unavailable/)
})

test('queries reach the control with their defaults', async () => {
  const response = await api().inject({ url: '/api/v1/traffic?limit=1' })

  const traffic = ROUTES.traffic.output.parse(response.json())
  assert.equal(traffic.sort, 'packets')
  assert.equal(traffic.incoming.hosts.length, 1)
})

test('a ban is created with its caller and ended again', async () => {
  const control = fakeControl()
  const server = api(control)

  const created = await server.inject({
    method: 'POST',
    url: '/api/v1/bans',
    payload: { host: '2001:DB8::0001', seconds: 60, reason: 'asked' },
  })
  const ended = await server.inject({
    method: 'DELETE',
    url: `/api/v1/bans/${encodeURIComponent('2001:db8:0::1')}`,
  })

  assert.equal(created.statusCode, 201)
  assert.equal(created.json().host, '2001:db8::1')
  assert.equal(ended.statusCode, 200)
  assert.deepEqual(control.callers, [ANN, ANN])
})

test('refusals are problem documents with the code of the catalogue and what to do', async () => {
  const server = api()
  const ban = (payload: object) => server.inject({ method: 'POST', url: '/api/v1/bans', payload })
  const cases = [
    ['already-banned', await ban({ host: '10.99.1.1' })],
    ['outside-networks', await ban({ host: '8.8.8.8' })],
    ['invalid-request', await ban({ host: '10.99.1.0/24' })],
    ['invalid-request', await ban({ host: '10.99.1.2', duration: 5 })],
    ['invalid-request', await ban([])],
    ['invalid-request', await ban({ host: '10.99.1.2', reason: 'a\nb' })],
    ['not-banned', await server.inject({ method: 'DELETE', url: '/api/v1/bans/10.99.1.9' })],
    ['invalid-request', await server.inject({ method: 'DELETE', url: '/api/v1/bans/all' })],
    ['unknown-attack', await server.inject({ url: '/api/v1/attacks/none' })],
    ['unknown-path', await server.inject({ url: '/' })],
    ['unknown-path', await server.inject({ method: 'PUT', url: '/api/v1/bans' })],
    ['invalid-request', await server.inject({ url: '/api/v1/traffic?limit=9999' })],
    [
      'not-json',
      await server.inject({
        method: 'POST',
        url: '/api/v1/bans',
        payload: '{"host":',
        headers: { 'content-type': 'application/json' },
      }),
    ],
    [
      'not-json',
      await server.inject({
        method: 'POST',
        url: '/api/v1/bans',
        payload: '<host/>',
        headers: { 'content-type': 'text/xml' },
      }),
    ],
    ['request-too-large', await ban({ host: '10.99.1.2', reason: 'x'.repeat((1 << 20) + 1) })],
  ] as const

  for (const [code, response] of cases) {
    const problem = problemSchema.parse(response.json())
    assert.equal(problem.code, code)
    assert.equal(response.statusCode, ERRORS.find(entry => entry.code === code)?.status)
    assert.equal(problem.status, response.statusCode)
    assert.match(String(response.headers['content-type']), /^application\/problem\+json/)
  }
})

test('a refused request names the field that is wrong', async () => {
  const response = await api().inject({
    method: 'POST',
    url: '/api/v1/bans',
    payload: { host: 'x', seconds: -1 },
  })

  assert.deepEqual(
    problemSchema.parse(response.json()).errors?.map(error => error.at),
    ['host', 'seconds'],
  )
})

test('a mistake of ours is told to the log and not to the caller', async () => {
  const said: Facts[] = []
  const server = api(
    fakeControl({
      status: () => {
        throw new Error('cannot read /secret/path')
      },
    }),
    said,
  )

  const response = await server.inject({ url: '/api/v1/status' })

  assert.equal(problemSchema.parse(response.json()).code, 'internal')
  assert.doesNotMatch(response.body, /secret|stack|\.ts/)
  assert.match(String(said[0]?.['error']), /cannot read/)
  assert.equal(said[0]?.['request'], response.headers['x-request-id'])
})

test('a daemon that fails its checks answers 503 with them', async () => {
  const bad = { ok: false, checks: [{ name: 'decision', ok: false, detail: 'no tick for 3 s' }] }
  const server = api(fakeControl({ health: () => bad }))

  const response = await server.inject({ url: '/api/v1/health' })

  assert.equal(response.statusCode, 503)
  assert.deepEqual(response.json(), bad)
})

test('answers may come later', async () => {
  const server = api(fakeControl({ status: async () => EXAMPLE_STATUS }))

  const response = await server.inject({ url: '/api/v1/status' })

  assert.equal(response.json().pid, EXAMPLE_STATUS.pid)
})

test('every code of the catalogue is described once and told as a problem', () => {
  assert.equal(new Set(ERRORS.map(entry => entry.code)).size, ERRORS.length)
  for (const entry of ERRORS) {
    assert.match(entry.code, /^[a-z-]+$/)
    for (const text of [entry.what, entry.means, entry.do]) assert.match(text, /^[A-Z].*\.$/)
  }
})
