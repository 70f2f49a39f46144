import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { type TestContext, test } from 'node:test'
import { type FakeMitigator, fakeMitigator, USER } from '#8-enforcement/mitigator/server-for-tests.ts'
import { temporaryFolder } from '../../../test/temporary-folder.ts'
import { notify } from './notify.ts'

interface Stage {
  readonly fake: FakeMitigator
  readonly log: () => string
  call(
    words: string,
    input?: string | NodeJS.ReadableStream,
    changes?: Readonly<Record<string, string>>,
  ): Promise<Called>
}

interface Called {
  readonly code: number
  readonly err: string
}

async function stage(t: TestContext): Promise<Stage> {
  const [fake, folder] = [await fakeMitigator(t), temporaryFolder(t)]
  const password = join(folder, 'password')
  writeFileSync(password, `${USER.password}\n`, { mode: 0o600 })
  const settings = join(folder, 'settings')
  const log = join(folder, 'log')
  writeFileSync(
    settings,
    `FLOODWARDEN_MITIGATOR_SERVER=${fake.url}
FLOODWARDEN_MITIGATOR_USER=${USER.username}
FLOODWARDEN_MITIGATOR_PASSWORD_FILE=${password}
FLOODWARDEN_MITIGATOR_FOLDER=${join(folder, 'held')}
FLOODWARDEN_MITIGATOR_LOG=${log}
FLOODWARDEN_MITIGATOR_LOOKUP=off
FLOODWARDEN_MITIGATOR_RETRIES=0
`,
  )
  const call: Stage['call'] = async (words, input = '', changes = {}) => {
    let err = ''
    const [ip = '', direction = '', pps = '', action = ''] = words.split(' ')
    const code = await notify(
      { call: words === '' ? undefined : { ip, direction, pps, action }, isVerbose: false },
      {
        environment: { FLOODWARDEN_ENVIRONMENT_FILE: settings, ...changes },
        err: text => {
          err += text
        },
        input: () => (typeof input === 'string' ? Readable.from([input]) : input),
      },
    )
    return { code, err }
  }
  return { fake, log: () => readFileSync(log, 'utf8'), call }
}

const details = (type: string, protocol: string) =>
  `IP: 203.0.113.10\nAttack type: ${type}\nInitial attack power: 30000 packets per second\nAttack direction: incoming\nAttack protocol: ${protocol}\n`
const on = (...names: string[]) => names.map(name => `PUT ${name}/switch?policy=1 true`)
const off = (...names: string[]) => names.map(name => `PUT ${name}/switch?policy=1 false`)

const CHOICES: readonly (readonly [type: string, protocol: string, countermeasure: string])[] = [
  ['syn_flood', 'tcp', 'tcp'],
  ['syn_flood', 'udp', 'tcp'],
  ['unknown', 'tcp', 'tcp'],
  ['icmp_flood', 'icmp', 'acl'],
  ['unknown', 'icmp', 'acl'],
  ['icmp_flood', 'unknown', 'acl'],
  ['udp_flood', 'udp', 'sorb'],
  ['unknown', 'unknown', 'sorb'],
]

for (const [type, protocol, countermeasure] of CHOICES) {
  test(`a ${type} of ${protocol} is answered by ${countermeasure}, and unban takes all back in order`, async t => {
    const { fake, call } = await stage(t)

    const codes = [
      await call('203.0.113.10 incoming 30000 ban'),
      await call('203.0.113.10 incoming 30000 attack_details', details(type, protocol)),
      await call('203.0.113.10 incoming 0 unban'),
    ].map(({ code }) => code)

    assert.deepEqual(codes, [0, 0, 0])
    assert.deepEqual(fake.changes, [...on('toggle', countermeasure), ...off(countermeasure, 'toggle')])
  })
}

test('details on ban do all at once, and unban goes tcp, acl, sorb, policy, whatever came first', async t => {
  const { fake, call } = await stage(t)

  await call('203.0.113.10 incoming 30000 ban', details('udp_flood', 'udp'))
  await call('203.0.113.10 incoming 30000 attack_details', details('icmp_flood', 'icmp'))
  await call('203.0.113.10 incoming 30000 attack_details', details('syn_flood', 'tcp'))
  const before = fake.changes
  await call('203.0.113.10 incoming 0 unban')

  assert.deepEqual(before, on('toggle', 'sorb', 'acl', 'tcp'))
  assert.deepEqual(fake.changes.slice(4), off('tcp', 'acl', 'sorb', 'toggle'))
})

test('one victim’s unban leaves what another one needs', async t => {
  const { fake, call } = await stage(t)
  await call('203.0.113.10 incoming 30000 ban', details('icmp_flood', 'icmp'))
  await call('203.0.113.11 incoming 30000 ban', details('icmp_flood', 'icmp'))

  await call('203.0.113.10 incoming 0 unban')
  const between = fake.isOn('acl/switch?policy=1') && fake.isOn('toggle/switch?policy=1')
  await call('203.0.113.11 incoming 0 unban')

  assert.ok(between)
  assert.deepEqual(fake.changes.slice(2), off('acl', 'toggle'))
})

test('a server that is away at unban is told later, by the next call of anybody or by --resend', async t => {
  const { fake, call, log } = await stage(t)
  await call('203.0.113.10 incoming 30000 ban', details('icmp_flood', 'icmp'))

  fake.isAway = true
  const away = await call('203.0.113.10 incoming 0 unban')
  fake.isAway = false
  const resent = await call('')

  assert.deepEqual([away.code, resent.code], [4, 0])
  assert.match(away.err, /to be switched off later: 1\/state, 1\/acl/)
  assert.deepEqual(fake.changes.slice(2), off('acl', 'toggle'))
  assert.match(log(), /floodwarden-mitigator\[\d+\]: info: policy 1: acl off/)
})

test('a policy is on while standard input stays open, and the call ends all the same', async t => {
  const { fake, call } = await stage(t)
  const open = new PassThrough()
  t.after(() => open.destroy())

  const { code } = await call('203.0.113.10 incoming 30000 ban', open, { FLOODWARDEN_STDIN_SECONDS: '1' })

  assert.equal(code, 0)
  assert.deepEqual(fake.changes, on('toggle'))
})

test('a server that answers slowly holds nobody up longer than was said', async t => {
  const { fake, call } = await stage(t)
  fake.delayMs = 3000

  const { code, err } = await call('203.0.113.10 incoming 30000 ban', '', { FLOODWARDEN_TOTAL_SECONDS: '1' })

  assert.equal(code, 4)
  assert.match(err, /no answer within 0\.\d+ s/)
})

test('what is outgoing changes nothing; what is no address is refused', async t => {
  const { fake, call } = await stage(t)

  const outgoing = await call('203.0.113.10 outgoing 30000 ban', details('syn_flood', 'tcp'))
  const nobody = await call('victim incoming 30000 ban')

  assert.deepEqual([outgoing.code, nobody.code, fake.heard.length], [0, 2, 0])
})

test('a log that cannot be written is said, and its lines go to standard error', async t => {
  const { call } = await stage(t)

  const { code, err } = await call('203.0.113.10 incoming 30000 ban', '', {
    FLOODWARDEN_MITIGATOR_LOG: '/nowhere/at/all.log',
  })

  assert.equal(code, 0)
  assert.match(err, /the log cannot be written, so all is told here: .*\/nowhere\/at\/all\.log/)
  assert.match(err, /floodwarden-mitigator: info: policy 1: state on\n/)
})

test('a password is in no log, no error and no file but its own', async t => {
  const { fake, call, log } = await stage(t)

  const wrong = await call('203.0.113.10 incoming 30000 ban', '', {
    FLOODWARDEN_MITIGATOR_PASSWORD: 'wr0ng-one',
  })
  await call('203.0.113.10 incoming 30000 ban')

  assert.equal(wrong.code, 3)
  assert.match(wrong.err, /log-in of "ann": answer 401/)
  assert.doesNotMatch(wrong.err + log(), /wr0ng-one|correct horse|token-/)
  assert.ok(fake.isOn('toggle/switch?policy=1'))
})
