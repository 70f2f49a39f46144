import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { temporaryFolder } from '../../../test/temporary-folder.ts'
import { Buckets } from './buckets.ts'
import { identityOf, namesOf } from './certificate.ts'
import { accessSchema } from './config.ts'
import { sessionSecretOf } from './cookies.ts'
import { countedUnder, Proxies } from './forwarded.ts'
import { isPasswordHash, PasswordHasher } from './password.ts'
import { reaches, reachesAll } from './reach.ts'
import { readSharedToken } from './shared-token.ts'

const SECRET = 'A'.repeat(43)

function temporaryFile(t: TestContext, text: string, mode: number): string {
  const file = join(temporaryFolder(t), 'token')
  writeFileSync(file, text, { mode })
  return file
}

test('a password is right or wrong by its PHC text, however its letters were composed', async () => {
  const hasher = new PasswordHasher()
  const text = await hasher.hash('pässwort 1')
  const other = await hasher.hash('pässwort 1')

  assert.match(text, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/)
  assert.notEqual(text, other)
  assert.equal(await hasher.verify('pa\u0308sswort 1', text), true)
  assert.equal(await hasher.verify('passwort 1', text), false)
  assert.equal(await hasher.verify('pässwort 1', undefined), false)
})

test('a hash that argon2 of another program made is taken, and one that would cost too much is not', async () => {
  // A vector of the reference program.
  const foreign = '$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4'

  assert.equal(await new PasswordHasher().verify('password', foreign), true)
  for (const text of [foreign.replace('m=256', 'm=9999999'), foreign.replace('argon2id', 'argon2i'), '', 'x'])
    assert.equal(isPasswordHash(text), false, text)
})

test('few are hashed at once, some wait, and more are turned away', async () => {
  const hasher = new PasswordHasher()
  const cheap = '$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4'

  const answers = await Promise.all(Array.from({ length: 40 }, () => hasher.verify('x', cheap)))

  assert.equal(answers.filter(answer => answer === 'busy').length, 6)
  assert.deepEqual([hasher.refused, await hasher.verify('x', cheap)], [6, false])
})

test('a bucket gives its burst, then its rate, and never more than its burst', () => {
  const buckets = new Buckets(() => ({ perSecond: 2, burst: 5 }))
  const take = (now: number, count: number) => Array.from({ length: count }, () => buckets.take('a', now))

  assert.deepEqual(take(0, 6), [0, 0, 0, 0, 0, 1])
  assert.deepEqual(take(500, 2), [0, 1])
  assert.deepEqual(take(400, 1), [1], 'a clock that was set back fills nothing')
  assert.deepEqual(take(1e9, 6), [0, 0, 0, 0, 0, 1])
  assert.equal(buckets.take('b', 0), 0)
})

test('a full table of buckets forgets the one that was unused the longest', () => {
  const buckets = new Buckets(() => ({ perSecond: 0.001, burst: 1 }), 2)
  for (const key of ['a', 'b', 'a', 'c']) buckets.take(key, 0)

  assert.deepEqual([buckets.forgotten, buckets.wait('b', 0), buckets.take('a', 0) > 0], [1, 0, true])
})

test('a cookie of ours is read among others; two of the name, or one of another form, are none', () => {
  assert.equal(sessionSecretOf(`a=b; session=${SECRET}; c="d"`), SECRET)
  for (const header of [
    ...[
      undefined,
      '',
      'session',
      'session=',
      `sessions=${SECRET}`,
      `session=${SECRET}x`,
      `session="${SECRET}"`,
    ],
    ...[`session=${SECRET}; session=${SECRET}`, `Session=${SECRET}`],
  ])
    assert.equal(sessionSecretOf(header), undefined, header ?? 'none')
})

test('an address is believed from proxies that are trusted, and from them only as far as they go', () => {
  const proxies = new Proxies(['10.0.0.0/8', '2001:db8:1::/48'])
  const from = (remoteAddress: string | undefined, forwarded?: string) => {
    const message = { socket: { remoteAddress }, headers: forwarded ? { 'x-forwarded-for': forwarded } : {} }
    return proxies.addressOf(message as unknown as IncomingMessage)
  }

  assert.equal(from('192.0.2.1', '198.51.100.1'), '192.0.2.1')
  assert.equal(from('::ffff:10.0.0.1', '198.51.100.1'), '198.51.100.1')
  assert.equal(from('10.0.0.1', '203.0.113.9, 198.51.100.1, 10.0.0.2'), '198.51.100.1')
  assert.equal(from('2001:db8:1::1', '2001:DB8:2:0::1'), '2001:db8:2::1')
  assert.equal(from('10.0.0.1', 'unknown'), '10.0.0.1')
  assert.equal(from('10.0.0.1', '198.51.100.1, garbage'), '10.0.0.1')
  assert.equal(from('10.0.0.1'), '10.0.0.1')
  assert.equal(from(undefined, '198.51.100.1'), 'unknown')
  assert.deepEqual(['192.0.2.1', '2001:db8::1:2'].map(countedUnder), ['192.0.2.1', '2001:db8::/64'])
})

test('a certificate has the role of its first name that has one', () => {
  const roles = {
    certificates: [
      { name: 'edge.example.org', role: 'operator', customers: ['acme'] },
      { name: 'ann@example.org', role: 'admin' },
    ],
    otherCertificates: 'viewer',
  } as const

  const names = namesOf('ann', 'DNS:edge.example.org, email:ann@example.org, IP Address:192.0.2.1')
  assert.deepEqual(names, ['ann', 'edge.example.org', 'ann@example.org', '192.0.2.1'])
  const known = { ...roles, certificates: roles.certificates.map(one => ({ ...one, customers: undefined })) }
  assert.equal(identityOf(names, known)?.role, 'operator')
  assert.deepEqual(identityOf(['bob\nx'], { ...known }), {
    ...{ kind: 'certificate', name: 'bob?x', id: '', role: 'viewer' },
  })
  assert.equal(identityOf(['bob'], { ...known, otherCertificates: 'refused' }), undefined)
  assert.deepEqual(namesOf('ann', 'DNS:"a, DNS:edge.example.org"'), ['ann'])
})

test('whoever is confined reaches what is wholly of his customers', () => {
  const customerOf = (target: string) => (target.startsWith('192.0.2.') ? 'acme' : undefined)
  const acme = { customers: ['acme'] }

  assert.deepEqual(
    [
      reaches({}, 'x', customerOf),
      reaches(acme, '192.0.2.1', customerOf),
      reaches(acme, '10.0.0.1', customerOf),
    ],
    [true, true, false],
  )
  assert.equal(reaches({ customers: ['globex'] }, '192.0.2.1', customerOf), false)
  assert.equal(reachesAll(acme, ['192.0.2.1', '10.0.0.1'], customerOf), false)
  assert.deepEqual([reachesAll(acme, [], customerOf), reachesAll({}, [], customerOf)], [false, true])
})

test('the shared token comes from the environment or a file, and what is wrong with it is said without it', t => {
  const file = temporaryFile(t, 'a token of the file\n', 0o644)
  const good = temporaryFile(t, `${SECRET}\n`, 0o600)
  const read = (named: object, environment = {}) => readSharedToken(named, environment)

  assert.deepEqual(read({}), { kind: 'none' })
  assert.deepEqual(read({ bearerTokenEnv: 'T' }, { T: SECRET }), { kind: 'read', text: SECRET })
  assert.deepEqual(read({ bearerTokenEnv: 'T', bearerTokenFile: good }), { kind: 'read', text: SECRET })
  for (const wrong of [
    read({ bearerTokenEnv: 'T' }),
    read({ bearerTokenFile: file }),
    read({ bearerTokenFile: `${file}.none` }),
  ])
    assert.equal(wrong.kind, 'failed')
  const short = read({ bearerTokenEnv: 'T' }, { T: 'sesame' })
  assert.ok(short.kind === 'read' && short.warning !== undefined && !short.warning.includes('sesame'))
})

test('settings that contradict each other are refused', () => {
  const wrong = [
    { mode: 'bearer', certificates: [{ name: 'a', role: 'viewer' }] },
    {
      certificates: [
        { name: 'a', role: 'viewer' },
        { name: 'a', role: 'admin' },
      ],
    },
    { origins: ['https://a.example/path'] },
    { trustedProxies: ['10.0.0.0/33'] },
    { bearerTokenEnv: 'A B' },
    { mode: 'open' },
  ]

  for (const settings of wrong)
    assert.equal(accessSchema.safeParse(settings).success, false, JSON.stringify(settings))
  assert.equal(accessSchema.parse({}).mode, 'hybrid')
})
