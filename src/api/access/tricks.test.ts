import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { type TestContext, test } from 'node:test'
import { accessForTests, bearer } from './access-for-tests.ts'

/** Sends bytes as they are and gives the status of the answer; 0: the connection was closed without one. */
async function rawStatus(port: number, text: string): Promise<number> {
  const socket = connect(port, '127.0.0.1')
  let answer = ''
  socket.setEncoding('latin1')
  socket.on('data', chunk => {
    answer += chunk
  })
  socket.on('error', () => {})
  socket.end(text, 'latin1')
  await new Promise(resolve => socket.once('close', resolve))
  return Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? 0)
}

async function listening(t: TestContext, made: ReturnType<typeof accessForTests>): Promise<number> {
  t.after(() => made.server.close())
  await made.server.listen({ host: '127.0.0.1', port: 0 })
  const address = made.server.server.address()
  assert.ok(typeof address === 'object' && address !== null)
  return address.port
}

test('tricks with headers end in a refusal, on the wire', async t => {
  const made = accessForTests()
  const port = await listening(t, made)
  const admin = await made.token('admin')
  const viewer = await made.token('viewer')
  const ask = (...headers: string[]) =>
    rawStatus(
      port,
      `GET /api/v1/users HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${headers.map(line => `${line}\r\n`).join('')}\r\n`,
    )

  assert.equal(await ask(`Authorization: Bearer ${admin}`), 200)
  assert.equal(await ask(`authorization: bEaReR   ${admin}`), 200)
  const refused: [number, ...string[]][] = [
    [401],
    [401, `Authorization: ${admin}`],
    [401, 'Authorization:'],
    [401, 'Authorization: Bearer'],
    [401, `Authorization: Bearer ${admin} x`],
    [401, `Authorization: Bearer ${admin},Bearer ${admin}`],
    [401, `Authorization: Bearer ${viewer}`, `Authorization: Bearer ${admin}`],
    [401, `Authorization: Bearer ${admin}`, `AUTHORIZATION: Bearer ${admin}`],
    [401, `Authorization: Bearer ${admin.toUpperCase()}`],
    [401, `X-Authorization: Bearer ${admin}`],
    [401, `Proxy-Authorization: Bearer ${admin}`],
    [400, `Authorization: Bearer ${admin}\0`],
    [400, `Authorization: Bearer ${admin}\u0001`],
    [401, `Authorization: Bearer ${admin}\u00e9`],
    [401, `Cookie: session=${admin}`],
    [403, `Authorization: Bearer ${viewer}`],
    [403, `Authorization: Bearer ${viewer}`, 'X-Forwarded-User: admin', 'X-Remote-User: admin'],
    [431, `Authorization: Bearer ${'A'.repeat(100_000)}`],
    [431, `X-Long: ${'A'.repeat(100_000)}`],
  ]
  for (const [status, ...headers] of refused)
    assert.equal(await ask(...headers), status, headers.join(' | ').slice(0, 120))
})

test('tricks with paths and methods reach nothing that the plain path does not', async t => {
  const made = accessForTests({ perAddress: { perSecond: 1e6, burst: 1e6 } })
  const port = await listening(t, made)
  const viewer = await made.token('viewer')
  const ask = (line: string, ...headers: string[]) =>
    rawStatus(
      port,
      `${line} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\n${headers.map(one => `${one}\r\n`).join('')}\r\n`,
    )
  const paths = [
    ...['/api/v1/users/', '//api/v1/users', '/api//v1/users', '/api/v1//users', '/API/V1/USERS'],
    ...[
      '/api/v1/./users',
      '/api/v1/status/../users',
      '/api/v1/%2e%2e/v1/users',
      '/api/v1/status/%2e%2e/users',
    ],
    ...[
      '/api/v1/status%2f..%2fusers',
      '/api/v1/users%00',
      '/api/v1/users;x=1',
      '/api/v1/users%20',
      '\\api\\v1\\users',
    ],
    ...['/api/v1/%75sers', '/api/v1/users?_method=GET', '/api/v1/users#x', 'http://x/api/v1/users'],
  ]

  for (const path of paths) {
    const open = await ask(`GET ${path}`)
    const small = await ask(`GET ${path}`, `Authorization: Bearer ${viewer}`)
    assert.ok([400, 401, 404].includes(open), `${path} openly: ${open}`)
    assert.ok([400, 403, 404].includes(small), `${path} by a viewer: ${small}`)
  }
  const override = ['X-HTTP-Method-Override: DELETE', 'X-Method-Override: DELETE', 'X-HTTP-Method: DELETE']
  assert.equal(await ask('GET /api/v1/bans', `Authorization: Bearer ${viewer}`, ...override), 200)
  assert.equal(await ask('GET /api/v1/users/ann?_method=DELETE', `Authorization: Bearer ${viewer}`), 404)
  assert.equal(await ask('OPTIONS /api/v1/users', `Authorization: Bearer ${viewer}`), 404)
  assert.ok(
    [400, 404, 405, 501].includes(await ask('TRACE /api/v1/users', `Authorization: Bearer ${viewer}`)),
  )
})

test('one identity may ask so much and one address so much without saying who it is, each by itself', async () => {
  const made = accessForTests({
    ...{ perIdentity: { perSecond: 1, burst: 3 }, perAddress: { perSecond: 0.5, burst: 2 } },
  })
  const [one, other] = [await made.token('viewer'), await made.token('viewer')]
  const ask = (headers: Record<string, string>, remoteAddress = '192.0.2.1') =>
    made.server.inject({ url: '/api/v1/status', headers, remoteAddress })
  const statuses = async (count: number, headers: Record<string, string>, from?: string) => {
    const seen: number[] = []
    for (let i = 0; i < count; i++) seen.push((await ask(headers, from)).statusCode)
    return seen
  }

  assert.deepEqual(await statuses(4, bearer(one)), [200, 200, 200, 429])
  assert.deepEqual(await statuses(1, bearer(other)), [200])
  assert.deepEqual(await statuses(3, bearer('wrong')), [401, 401, 429])
  assert.deepEqual(await statuses(1, {}, '192.0.2.2'), [401])
  assert.deepEqual(await statuses(3, {}, '2001:db8::1'), [401, 401, 429])
  assert.deepEqual(await statuses(1, {}, '2001:db8::ffff:2'), [429])
  const limited = await ask({})
  assert.deepEqual([limited.headers['retry-after'], limited.json().code], ['2', 'rate-limited'])
  assert.deepEqual(await statuses(1, bearer(other)), [200], 'a known one goes on beside a guesser')
  made.clock.now += 2000
  assert.deepEqual(await statuses(3, bearer(one)), [200, 200, 429])
  assert.equal(made.gate.refused['rate-limited'], 6)
})

test('each mode takes what it says and nothing else', async () => {
  const results: Record<string, number[]> = {}
  for (const mode of ['bearer', 'credentials', 'mtls', 'hybrid'] as const) {
    const made = accessForTests({ mode })
    await made.user('ann', 'viewer')
    const { cookie } = await made.logIn('ann')
    const with_ = async (headers: Record<string, string>) =>
      (await made.server.inject({ url: '/api/v1/status', headers })).statusCode
    results[mode] = [
      await with_({}),
      await with_(bearer(await made.token('viewer'))),
      await with_({ cookie }),
    ]
  }

  assert.deepEqual(results, {
    ...{
      bearer: [401, 200, 200],
      credentials: [401, 401, 200],
      mtls: [401, 401, 401],
      hybrid: [401, 200, 200],
    },
  })
})

test('where nobody says who he is, pages and names of others are kept out all the same', async () => {
  const { server } = accessForTests({ mode: 'none' })
  const ask = (headers: Record<string, string>, method: 'GET' | 'POST' = 'GET') =>
    server.inject({
      method,
      url: method === 'GET' ? '/api/v1/users' : '/api/v1/simulate',
      headers,
      ...(method === 'POST' && { payload: {} }),
    })

  for (const host of ['127.0.0.1:8080', 'localhost:8080', '[::1]:8080'])
    assert.equal((await ask({ host })).statusCode, 200, host)
  for (const host of ['evil.example', '127.0.0.1.evil.example', 'localhost.evil.example:8080', '192.0.2.1'])
    assert.equal((await ask({ host })).json().code, 'bad-origin', host)
  const from = { host: 'localhost:8080', origin: 'https://evil.example' }
  assert.equal((await ask(from, 'POST')).json().code, 'bad-origin')
  assert.notEqual((await ask({ host: 'localhost:8080' }, 'POST')).statusCode, 403)
})

test('of a token only the right one is taken, and it is nowhere in an answer again', async () => {
  const made = accessForTests()
  const admin = await made.token('admin')
  const add = await made.server.inject({
    ...{ method: 'POST', url: '/api/v1/tokens', headers: bearer(admin) },
    payload: { name: 'edge', role: 'operator', customers: ['acme'], expiresAt: '2026-11-21T00:00:00+01:00' },
  })
  const { token, ...shown } = add.json()
  const list = await made.server.inject({ url: '/api/v1/tokens', headers: bearer(admin) })
  const again = await made.server.inject({
    ...{
      method: 'POST',
      url: '/api/v1/tokens',
      headers: bearer(admin),
      payload: { name: 'Edge', role: 'viewer' },
    },
  })
  const use = async () =>
    (await made.server.inject({ url: '/api/v1/attacks', headers: bearer(token) })).statusCode

  assert.match(token, /^fwt_[0-9a-f]{16}_[A-Za-z0-9_-]{43}$/)
  assert.deepEqual([shown.expiresAt, shown.createdBy], ['2026-11-20T23:00:00.000Z', 'token:t0'])
  assert.doesNotMatch(list.body, new RegExp(`hash|${token.slice(21)}`))
  assert.equal(again.json().code, 'name-taken')
  assert.equal(await use(), 200)
  assert.equal(
    made.desk.tokens.list().find(({ name }) => name === 'edge')?.lastUsedAt,
    '2026-11-20T10:00:00.000Z',
  )
  const revoke = await made.server.inject({
    method: 'DELETE',
    url: '/api/v1/tokens/edge',
    headers: bearer(admin),
  })
  assert.deepEqual([revoke.statusCode, await use()], [200, 401])
  assert.doesNotMatch(JSON.stringify([made.audit, made.said]), new RegExp(token.slice(21)))
})
