import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import { bearer, PASSWORD, SOCKET_CALLER } from '#api/access/access-for-tests.ts'
import { ddpsRule } from '#compat/ddps/rule-for-tests.ts'
import { cookie, ddpsForTests } from './ddps-for-tests.ts'

const claimsOf = (token: string) =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'))
const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')

test('the right password gives a token in a cookie, and nothing else', async () => {
  const { user, signIn, clock } = ddpsForTests()
  await user('ann', 'operator')

  const answer = await signIn('ann')

  assert.deepEqual([answer.status, answer.text], [200, ''])
  assert.match(
    answer.set,
    /^token=[\w-]+\.[\w-]+\.[\w-]+; Path=\/; Expires=Fri, 20 Nov 2026 10:10:00 GMT; HttpOnly; SameSite=Strict$/,
  )
  const claims = claimsOf(answer.token)
  assert.deepEqual(
    [claims.username, claims.exp * 1000 - clock.now, claims.Customerid],
    ['ann', 600_000, '00000000-0000-0000-0000-000000000000'],
  )
  assert.match(claims.Adminid, /^[0-9a-f-]{36}$/)
  assert.ok(!answer.token.includes(PASSWORD))
})

test('a wrong password gives no token, and nobody is told whether the user exists', async () => {
  const { user, signIn, post, audit } = ddpsForTests()
  await user('ann', 'operator')
  const wrong = [
    ...[await signIn('ann', 'not this one'), await signIn('eve'), await signIn('ann', '')],
    ...[await signIn(''), await signIn('x'.repeat(5000)), await signIn('ann', 'x'.repeat(5000))],
  ]
  const malformed = [
    ...[await post('/signin', '{'), await post('/signin', ''), await post('/signin', '[]')],
    ...[await post('/signin', { username: 'ann' }), await post('/signin', { username: 1, password: 2 })],
    await post('/signin', `${'['.repeat(1000)}${']'.repeat(1000)}`),
  ]

  for (const { status, text, set } of wrong)
    assert.deepEqual([status, text, set], [401, 'user / password is wrong or unknown', ''])
  for (const { status, text, set } of malformed)
    assert.deepEqual([status, text, set], [400, 'failed to parse JSON body', ''])
  assert.ok(!JSON.stringify(audit).includes('not this one'))
})

test('who guesses has to wait, also with the right password then', async () => {
  const { user, signIn, clock } = ddpsForTests()
  await user('ann', 'operator')

  for (let round = 0; round < 5; round++) assert.equal((await signIn('ann', `wrong ${round}`)).status, 401)
  const early = await signIn('ann')
  clock.now += 300_000
  const late = await signIn('ann')

  assert.equal(early.status, 429)
  assert.match(early.text, /^too many attempts to sign in, try again in \d+ s$/)
  assert.ok(Number(early.headers['retry-after']) > 0)
  assert.deepEqual([early.set, late.status], ['', 200])
})

test('how often one may guess is a setting: as DDPS has it, the third attempt waits for two minutes', async () => {
  const { user, signIn, clock } = ddpsForTests({ logins: { attempts: 2, everySeconds: 120 } })
  await user('ann', 'operator')

  const wrong = [await signIn('ann', 'wrong one'), await signIn('ann', 'wrong two')]
  const third = await signIn('ann')
  clock.now += 119_000
  const early = await signIn('ann')
  clock.now += 1000
  const late = await signIn('ann')

  assert.deepEqual(
    [...wrong, third, early, late].map(({ status }) => status),
    [401, 401, 429, 429, 200],
  )
})

test('a body is JSON, whatever it is called, and bounded', async () => {
  const { user, post } = ddpsForTests()
  await user('ann', 'operator')
  const body = JSON.stringify({ username: 'ann', password: PASSWORD })

  const form = await post('/signin', body, { 'content-type': 'application/x-www-form-urlencoded' })
  const unnamed = await post('/signin', body)
  const large = await post('/signin', 'x'.repeat(65_537))

  assert.deepEqual([form.status, unnamed.status, large.status], [200, 200, 413])
  assert.equal(large.text, 'the body is larger than 65536 bytes')
})

test('a token is taken from the cookie or as bearer, and so are our own tokens', async () => {
  const { tokenOf, post, token: ours } = ddpsForTests()
  const token = await tokenOf('ann')
  const native = await ours('operator')

  for (const headers of [
    ...[cookie(token), bearer(token), bearer(native)],
    { cookie: `other=1; token=${token}; token2=x` },
    { ...bearer(native), cookie: 'token=nonsense' },
  ])
    assert.equal((await post('/addrule', ddpsRule(), headers)).text, 'rule accepted')
})

test('what is no token of ours is refused, in the words of DDPS', async () => {
  const { tokenOf, post, clock } = ddpsForTests()
  const token = await tokenOf('ann')
  const [header = '', payload = '', signature = ''] = token.split('.')
  const admin = encoded({ ...claimsOf(token), username: 'root' })
  const none = encoded({ alg: 'none', typ: 'JWT' })
  const otherKey = createHmac('sha256', 'secret').update(`${header}.${payload}`).digest('base64url')
  const add = (headers: Record<string, string>) => post('/addrule', ddpsRule(), headers)
  const rows: readonly (readonly [Record<string, string>, number, string])[] = [
    [{}, 401, 'no cookie'],
    [{ cookie: 'token=' }, 401, 'no cookie'],
    [{ cookie: `session=${token}` }, 401, 'no cookie'],
    [{ cookie: `token=${token}; token=${token}` }, 401, 'no cookie'],
    [{ authorization: 'Bearer fwt_0123456789abcdef_x' }, 401, 'invalid token'],
    [{ authorization: 'Basic x' }, 401, 'invalid token'],
    [bearer('a.b.c'), 401, 'invalid token'],
    [cookie('x'), 400, 'bad request'],
    [cookie('a.b.c'), 400, 'bad request'],
    [cookie(`${header}.${payload}`), 400, 'bad request'],
    [cookie(`x${token}`), 400, 'bad request'],
    [cookie(`${header}.${payload}.${'A'.repeat(43)}`), 401, 'invalid signature'],
    [cookie(`${header}.${payload}.${otherKey}`), 401, 'invalid signature'],
    [cookie(`${header}.${admin}.${signature}`), 401, 'invalid signature'],
    [cookie(`${none}.${payload}.${signature}`), 401, 'invalid signature'],
    [cookie(`${none}.${payload}.`), 400, 'bad request'],
    [bearer(`${header}.${payload}.${'A'.repeat(43)}`), 401, 'invalid signature'],
  ]
  for (const [headers, status, text] of rows) {
    const answer = await add(headers)
    assert.deepEqual([answer.status, answer.text], [status, text], JSON.stringify(headers))
  }
  clock.now += 599_000
  const last = await add(cookie(token))
  clock.now += 1000
  const over = await add(cookie(token))
  assert.deepEqual([last.status, over.status, over.text], [200, 401, 'invalid token'])
})

test('a shared token is one whatever it looks like', async () => {
  const { post } = ddpsForTests({}, 'shared.token.of-all')

  const { text } = await post('/addrule', ddpsRule(), bearer('shared.token.of-all'))

  assert.equal(text, 'rule accepted')
})

test('before anybody signed in there is no key, and no token that it signed', async () => {
  const { post, documents } = ddpsForTests()
  const signed = `${encoded({ alg: 'HS256' })}.${encoded({})}`
  const token = `${signed}.${createHmac('sha256', '').update(signed).digest('base64url')}`

  const answer = await post('/addrule', ddpsRule(), cookie(token))

  assert.deepEqual([answer.status, answer.text], [401, 'invalid signature'])
  assert.equal(documents.all('ddps-key').size, 0)
})

test('the key is made once, kept with the state, and told nobody', async () => {
  const { tokenOf, documents, said, audit } = ddpsForTests()

  const tokens = [await tokenOf('ann'), await tokenOf('bob')]

  const [kept, ...others] = [...documents.all('ddps-key').values()]
  assert.equal(others.length, 0)
  const { key } = kept as { key: string }
  assert.equal(Buffer.from(key, 'base64url').length, 32)
  assert.ok(!JSON.stringify([tokens, said, audit]).includes(key))
})

test('a token ends with its user, his being disabled and his password; his role counts as it is now', async () => {
  const { tokenOf, post, desk } = ddpsForTests()
  const add = (token: string) => post('/addrule', ddpsRule(), cookie(token))
  const [ann = '', bob = '', eve = '', joe = ''] = [
    ...[await tokenOf('ann'), await tokenOf('bob'), await tokenOf('eve'), await tokenOf('joe')],
  ]

  await desk.users.change({ name: 'ann', disabled: true }, SOCKET_CALLER)
  await desk.users.remove('bob', SOCKET_CALLER)
  await desk.users.setPassword({ name: 'eve', password: 'another password' }, SOCKET_CALLER)
  await desk.users.change({ name: 'joe', role: 'viewer' }, SOCKET_CALLER)

  for (const token of [ann, bob, eve]) {
    const answer = await add(token)
    assert.deepEqual([answer.status, answer.text], [401, 'invalid token'])
  }
  const reader = await add(joe)
  assert.deepEqual([reader.status, reader.text], [403, 'no rights: role viewer; needed is operator'])
})

test('a token is renewed in its last half minute, not sooner, and not for ever', async () => {
  const { tokenOf, post, clock, config } = ddpsForTests({ sessionHours: 1 })
  let token = await tokenOf('ann')
  const refresh = () => post('/refresh', '', cookie(token))

  const early = await refresh()
  clock.now += 570_000
  const inTime = await refresh()
  const second = inTime.token
  const used = await post('/addrule', ddpsRule(), cookie(second))
  clock.now += 30_000
  const late = await refresh()
  token = second
  const hours = config.sessionHours * 3_600_000
  let last = await refresh()
  const end = clock.now + hours + 600_000
  while (clock.now < end && (last.status === 200 || last.text === 'token expired')) {
    clock.now = Math.max(clock.now + 1000, claimsOf(token).exp * 1000 - 1000)
    last = await refresh()
    if (last.status === 200) token = last.token
  }

  assert.deepEqual([early.status, early.text, early.headers['retry-after']], [400, 'token expired', '570'])
  assert.deepEqual([inTime.status, inTime.text], [200, ''])
  assert.match(inTime.set, /^token=.*HttpOnly/)
  assert.equal(claimsOf(second).exp - claimsOf(second).iat, 570 + 600)
  assert.equal(used.text, 'rule accepted')
  assert.deepEqual([late.status, late.text], [401, 'invalid token'])
  assert.deepEqual([last.status, last.text], [401, 'invalid token'])
  assert.ok(clock.now < end)
})

test('a page of somebody else can neither sign in nor use the cookie', async () => {
  const { tokenOf, post, signIn } = ddpsForTests()
  const token = await tokenOf('ann')
  const foreign = { origin: 'https://evil.example', host: 'fw.example' }

  const added = await post('/addrule', ddpsRule(), { ...cookie(token), ...foreign })
  const signed = await signIn('ann', PASSWORD, foreign)
  const withHeader = await post('/addrule', ddpsRule(), { ...bearer(token), ...foreign })

  assert.deepEqual([added.status, signed.status, signed.set], [403, 403, ''])
  assert.equal(withHeader.status, 200)
})

test('over TLS, and behind a proxy that says so, the cookie is for TLS alone', async () => {
  const { user, signIn } = ddpsForTests({ trustedProxies: ['127.0.0.1/32'] })
  await user('ann', 'operator')

  const plain = await signIn('ann')
  const secure = await signIn('ann', PASSWORD, { 'x-forwarded-proto': 'https' })

  assert.ok(!plain.set.includes('Secure'))
  assert.match(secure.set, /; Secure$/)
})
