import assert from 'node:assert/strict'
import { test } from 'node:test'
import { accessForTests, bearer, PASSWORD, SOCKET_CALLER } from './access-for-tests.ts'

test('a user logs in, is known by his cookie, and logs out', async () => {
  const made = accessForTests()
  await made.user('ann', 'operator')

  const { response, set, cookie, csrf } = await made.logIn('ann')
  const me = await made.server.inject({ url: '/api/v1/session', headers: { cookie } })
  const out = await made.server.inject({
    ...{ method: 'DELETE', url: '/api/v1/session', headers: { cookie, 'x-csrf-token': csrf } },
  })
  const after = await made.server.inject({ url: '/api/v1/session', headers: { cookie } })

  assert.equal(response.statusCode, 201)
  assert.match(set, /^session=[A-Za-z0-9_-]{43}; Path=\/; Max-Age=604800; HttpOnly; SameSite=Strict$/)
  assert.deepEqual(me.json(), {
    ...{ kind: 'user', name: 'ann', role: 'operator', csrfToken: csrf, endsAt: '2026-11-27T10:00:00.000Z' },
  })
  assert.deepEqual([out.json(), after.statusCode], [{ ended: true }, 401])
  assert.match(String(out.headers['set-cookie']), /^session=; Path=\/; Max-Age=0;/)
  assert.deepEqual(
    made.audit.map(({ what, target, outcome, by }) => `${by} ${what} ${target} ${outcome}`),
    ['uid:0 add-user ann done', 'user:ann log-in ann done', 'user:ann log-out ann done'],
  )
})

test('nobody can tell an unknown user from a wrong password or a disabled account', async () => {
  const made = accessForTests()
  await made.user('ann', 'viewer')
  await made.user('bob', 'viewer')
  await made.desk.users.change({ name: 'bob', disabled: true }, SOCKET_CALLER)

  const answers = [
    await made.logIn('ann', 'not the password'),
    await made.logIn('nobody'),
    await made.logIn('bob'),
    await made.logIn("' or 1=1 --"),
  ]

  for (const { response, set } of answers) {
    assert.equal(response.statusCode, 401)
    assert.equal(response.body, answers[0]?.response.body)
    assert.equal(set, '')
  }
})

test('a session that was planted before is not the one that is given, and ends', async () => {
  const made = accessForTests()
  await made.user('ann', 'viewer')
  await made.user('eve', 'viewer')
  const planted = `session=${'A'.repeat(43)}`
  const hers = (await made.logIn('eve')).cookie

  const first = await made.logIn('ann', PASSWORD, '192.0.2.7', planted)
  const second = await made.logIn('ann', PASSWORD, '192.0.2.7', hers)

  assert.notEqual(first.cookie, planted)
  assert.notEqual(second.cookie, hers)
  for (const cookie of [planted, hers])
    assert.equal((await made.server.inject({ url: '/api/v1/session', headers: { cookie } })).statusCode, 401)
  const two = `${first.cookie}; ${second.cookie}`
  assert.equal(
    (await made.server.inject({ url: '/api/v1/session', headers: { cookie: two } })).statusCode,
    401,
  )
})

test('sessions end when idle, at their latest, and with the role of their user', async () => {
  const made = accessForTests({ sessionIdleMinutes: 60, sessionHours: 3 })
  await made.user('root', 'admin')
  await made.user('ann', 'viewer')
  const status = async (cookie: string) =>
    (await made.server.inject({ url: '/api/v1/status', headers: { cookie } })).statusCode
  const idle = (await made.logIn('ann')).cookie
  const used = (await made.logIn('ann')).cookie

  const seen: number[] = []
  for (let minute = 0; minute < 190; minute += 50) {
    seen.push(await status(used))
    made.clock.now += 50 * 60_000
  }

  assert.deepEqual(seen, [200, 200, 200, 200])
  assert.deepEqual([await status(idle), await status(used)], [401, 401])
  const last = (await made.logIn('ann')).cookie
  await made.desk.users.change({ name: 'ann', disabled: true }, SOCKET_CALLER)
  assert.equal(await status(last), 401)
})

test('only hashes of sessions, tokens and passwords are kept, and nothing secret is in log or audit', async () => {
  const made = accessForTests()
  await made.user('ann', 'admin')
  const token = await made.token('viewer')
  const { cookie, csrf } = await made.logIn('ann')
  await made.logIn('ann', 'a wrong password')
  await made.server.inject({ url: '/api/v1/status', headers: bearer(`${token}x`) })

  const kept = ['user', 'token', 'session'].map(kind => [...made.documents.all(kind)])
  const everything: string = JSON.stringify([kept, made.said, made.audit])
  const secrets = [
    PASSWORD,
    'a wrong password',
    token.split('_').slice(2).join('_'),
    cookie.split('=')[1],
    csrf,
  ]
  for (const secret of secrets) assert.equal(everything.includes(secret ?? ''), false, secret ?? 'none')
  assert.match(everything, /\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
  const listed = await made.server.inject({ url: '/api/v1/users', headers: { cookie } })
  assert.doesNotMatch(listed.body, /argon2|hash|addresses/)
})

test('a change by cookie needs the token of its session; a bearer token needs none', async () => {
  const made = accessForTests()
  await made.user('ann', 'admin')
  const { cookie, csrf } = await made.logIn('ann')
  const other = await made.logIn('ann')
  const add = (headers: Record<string, string>) =>
    made.server.inject({
      ...{ method: 'POST', url: '/api/v1/tokens', headers, payload: { name: 'one', role: 'viewer' } },
    })

  for (const headers of [
    { cookie },
    { cookie, 'x-csrf-token': 'x' },
    { cookie, 'x-csrf-token': other.csrf },
  ]) {
    const refused = await add(headers)
    assert.deepEqual([refused.statusCode, refused.json().code], [403, 'bad-csrf'])
  }
  assert.equal((await add({ cookie, 'x-csrf-token': csrf })).statusCode, 201)
  const token = await made.token('admin')
  const removed = await made.server.inject({
    ...{ method: 'DELETE', url: '/api/v1/tokens/one', headers: bearer(token) },
  })
  assert.equal(removed.statusCode, 200)
})

test('a page of somebody else cannot use the session of a browser, also not for a WebSocket or to log in', async () => {
  const made = accessForTests({ origins: ['https://console.example.org'] })
  await made.user('ann', 'admin')
  const { cookie, csrf } = await made.logIn('ann')
  const ask = (origin: string, more: Record<string, string> = {}) =>
    made.server.inject({
      ...{ method: 'POST', url: '/api/v1/simulate', payload: {} },
      headers: { cookie, 'x-csrf-token': csrf, origin, host: 'fw.example.org:8080', ...more },
    })
  const open = (origin: string) =>
    made.server.inject({
      ...{ url: '/api/v1/status' },
      headers: { cookie, origin, host: 'fw.example.org:8080', upgrade: 'websocket' },
    })

  for (const origin of [
    'https://evil.example',
    'null',
    'http://fw.example.org',
    'ftp://fw.example.org:8080',
    'x',
  ]) {
    assert.equal((await ask(origin)).json().code, 'bad-origin', origin)
    assert.equal((await open(origin)).json().code, 'bad-origin', origin)
  }
  for (const origin of ['http://fw.example.org:8080', 'https://console.example.org']) {
    assert.notEqual((await ask(origin)).statusCode, 403, origin)
    assert.equal((await open(origin)).statusCode, 200, origin)
  }
  const login = await made.server.inject({
    ...{ method: 'POST', url: '/api/v1/session', payload: { name: 'ann', password: PASSWORD } },
    headers: { 'sec-fetch-site': 'cross-site' },
  })
  assert.equal(login.json().code, 'bad-origin')
})

test('the cookie is for TLS alone when a proxy that is believed says so', async () => {
  const made = accessForTests({ trustedProxies: ['10.0.0.0/8'] })
  await made.user('ann', 'viewer')
  const set = async (remoteAddress: string) => {
    const response = await made.server.inject({
      ...{
        method: 'POST',
        url: '/api/v1/session',
        payload: { name: 'ann', password: PASSWORD },
        remoteAddress,
      },
      headers: { 'x-forwarded-proto': 'https' },
    })
    return String(response.headers['set-cookie'])
  }

  assert.match(await set('10.1.1.1'), /; Secure$/)
  assert.doesNotMatch(await set('192.0.2.1'), /Secure/)
})

test('a guesser is slowed down by account and by address, and locks nobody out', async () => {
  const made = accessForTests({ perAddress: { perSecond: 1e6, burst: 1e6 } })
  await made.user('ann', 'viewer')
  const guess = async (address: string, name = 'ann') =>
    (await made.logIn(name, 'wrong password', address)).response
  await made.logIn('ann', PASSWORD, '192.0.2.7')

  const same: number[] = []
  for (let i = 0; i < 6; i++) same.push((await guess('198.51.100.1')).statusCode)
  const refused = await guess('198.51.100.1')
  const unknown: number[] = []
  for (let i = 0; i < 6; i++) unknown.push((await guess('198.51.100.2', 'nobody')).statusCode)

  assert.deepEqual(same, [401, 401, 401, 401, 401, 429])
  assert.deepEqual(unknown, same)
  assert.equal(refused.json().code, 'rate-limited')
  assert.ok(Number(refused.headers['retry-after']) >= 1)
  assert.equal((await made.logIn('ann', PASSWORD, '192.0.2.7')).response.statusCode, 201)
  assert.equal((await made.logIn('ann', PASSWORD, '203.0.113.9')).response.statusCode, 201)
  assert.equal((await made.logIn('ann', PASSWORD, '198.51.100.1')).response.statusCode, 429)
  made.clock.now += 60_000
  assert.equal((await made.logIn('ann', PASSWORD, '198.51.100.1')).response.statusCode, 201)
  assert.equal(made.audit.filter(({ what, outcome }) => what === 'log-in' && outcome === 'refused').length, 1)
})

test('one changes his own password by the present one, and all his sessions end', async () => {
  const made = accessForTests()
  await made.user('ann', 'viewer')
  await made.user('bob', 'viewer')
  const { cookie, csrf } = await made.logIn('ann')
  const other = (await made.logIn('ann')).cookie
  const set = (name: string, payload: object) =>
    made.server.inject({
      ...{ method: 'PUT', url: `/api/v1/users/${name}/password`, payload },
      headers: { cookie, 'x-csrf-token': csrf },
    })

  assert.equal((await set('ann', { password: 'new password' })).json().code, 'wrong-password')
  assert.equal(
    (await set('ann', { present: 'guess', password: 'new password' })).json().code,
    'wrong-password',
  )
  assert.equal((await set('ann', { present: PASSWORD, password: 'short' })).json().code, 'invalid-request')
  assert.equal((await set('bob', { password: 'new password' })).json().code, 'forbidden')
  assert.equal((await set('nobody', { password: 'new password' })).json().code, 'forbidden')
  assert.equal((await set('ann', { present: PASSWORD, password: 'new password' })).statusCode, 200)
  for (const old of [cookie, other])
    assert.equal(
      (await made.server.inject({ url: '/api/v1/session', headers: { cookie: old } })).statusCode,
      401,
    )
  assert.equal((await made.logIn('ann')).response.statusCode, 401)
  assert.equal((await made.logIn('ann', 'new password')).response.statusCode, 201)
})

test('the last admin cannot be removed, disabled, confined or made less', async () => {
  const made = accessForTests()
  await made.user('ann', 'admin')
  await made.desk.users.add(
    { name: 'eve', role: 'admin', password: PASSWORD, customers: ['acme'] },
    SOCKET_CALLER,
  )
  const { users } = made.desk
  const tries = [
    () => users.remove('ann', SOCKET_CALLER),
    () => users.change({ name: 'ann', disabled: true }, SOCKET_CALLER),
    () => users.change({ name: 'ann', role: 'operator' }, SOCKET_CALLER),
    () => users.change({ name: 'ann', customers: ['acme'] }, SOCKET_CALLER),
  ]

  for (const attempt of tries) {
    const done = await attempt()
    assert.equal(done.kind === 'refused' && done.code, 'last-admin')
  }
  await made.user('bob', 'admin')
  assert.equal((await users.remove('ann', SOCKET_CALLER)).kind, 'done')
})

test('names are taken once whatever their case, and customers must be known', async () => {
  const made = accessForTests()
  await made.user('ann', 'admin')
  const add = async (name: string, customers?: string[]) => {
    const done = await made.desk.users.add(
      { name, role: 'viewer', password: PASSWORD, ...(customers && { customers }) },
      SOCKET_CALLER,
    )
    return done.kind === 'refused' ? done.code : done.kind
  }

  assert.deepEqual(
    [await add('Ann'), await add('bob', ['initech']), await add('bob', ['acme'])],
    ['name-taken', 'unknown-customer', 'done'],
  )
  const both = await Promise.all([add('zed'), add('zed')])
  assert.deepEqual(both.sort(), ['done', 'name-taken'])
})
