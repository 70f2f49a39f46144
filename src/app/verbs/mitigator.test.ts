import assert from 'node:assert/strict'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { type TestContext, test } from 'node:test'
import { type FakeMitigator, fakeMitigator, USER } from '#8-enforcement/mitigator/server-for-tests.ts'
import { temporaryFolder } from '../../../test/temporary-folder.ts'
import { type MitigatorWish, mitigator } from './mitigator.ts'

async function stage(t: TestContext) {
  const [fake, folder] = [await fakeMitigator(t), temporaryFolder(t)]
  const ask = async (
    wish: MitigatorWish,
    changes: Readonly<Record<string, string>> = {},
    answer?: string,
  ) => {
    let [out, err, asked] = ['', '', 0]
    const code = await mitigator(wish, {
      environment: {
        FLOODWARDEN_ENVIRONMENT_FILE: join(folder, 'none'),
        FLOODWARDEN_MITIGATOR_SERVER: fake.url,
        FLOODWARDEN_MITIGATOR_USER: USER.username,
        FLOODWARDEN_MITIGATOR_PASSWORD: USER.password,
        FLOODWARDEN_MITIGATOR_FOLDER: join(folder, 'held'),
        FLOODWARDEN_MITIGATOR_RETRIES: '0',
        ...changes,
      },
      out: text => {
        out += text
      },
      err: text => {
        err += text
      },
      question: async () => {
        asked++
        return answer
      },
      input: () => Readable.from([]),
    })
    return { code, out, err, asked }
  }
  return { fake, ask }
}

const CHECK: MitigatorWish = { kind: 'check', victim: undefined, writes: false }
const generalOn = (fake: FakeMitigator) => fake.stored.set('toggle/switch', { switch: true })

test('check says that all is well, and which policy protects a host', async t => {
  const { fake, ask } = await stage(t)
  generalOn(fake)
  fake.policies = [...fake.policies, { id: 7, name: 'web' }]
  fake.policyOfTarget.set('203.0.113.10', 7)

  const { code, out } = await ask({ ...CHECK, victim: '203.0.113.10', writes: true })

  assert.equal(code, 0, out)
  assert.match(out, /^ok {4}http:\/\/127\.0\.0\.1:\d+ answers "ann": version v25\.12\.1$/m)
  assert.match(out, /^ok {4}General protection is on$/m)
  assert.match(out, /^ok {4}203\.0\.113\.10: policy 7 \(packet\)$/m)
  assert.match(out, /^ok {4}policy 7 \(web\): this user may switch it$/m)
  assert.equal(fake.isOn('toggle/switch?policy=7'), false)
})

test('check reports what is missing there: General protection, the default policy, a policy, rights', async t => {
  const { fake, ask } = await stage(t)
  fake.policies = [{ id: 3, name: 'web', auto_mitigation: true }]
  fake.stored.set('acl/switch?policy=3', { switch: true })
  fake.failures = [{ path: /^toggle\/switch\?policy=3/, method: 'PUT', status: 403, times: 1 }]

  const { code, out } = await ask(
    { ...CHECK, writes: true },
    { FLOODWARDEN_MITIGATOR_POLICIES: '203.0.113.0/24=3' },
  )

  assert.equal(code, 1)
  assert.match(out, /^BAD {3}General protection was never switched on/m)
  assert.match(out, /^note {2}there is no default policy/m)
  assert.match(out, /^BAD {3}policy 1 is named in the settings, and is not there$/m)
  assert.match(out, /^note {2}policy 3 \(web\): acl is on already/m)
  assert.match(out, /^note {2}policy 3 \(web\) switches countermeasures by itself too/m)
  assert.match(out, /^BAD {3}policy 3 \(web\): this user may not switch it: answer 403/m)
})

test('check says why nobody answers', async t => {
  const { fake, ask } = await stage(t)

  const wrong = await ask(CHECK, { FLOODWARDEN_MITIGATOR_PASSWORD: 'wrong' })
  fake.isAway = true
  const away = await ask(CHECK)

  assert.deepEqual([wrong.code, away.code], [1, 1])
  assert.match(wrong.out, /BAD .*log-in of "ann": answer 401: wrong user or password/)
  assert.match(away.out, /BAD .*socket hang up/)
})

test('a preset is shown, and written when it is confirmed', async t => {
  const { fake, ask } = await stage(t)
  fake.stored.set('acl/entries?policy=1', { entries: ['drop udp'], version: 4 })
  fake.stored.set('sorb/settings?policy=1', { pps: 5000, bps: 7 })
  const wish: MitigatorWish = { kind: 'preset', policy: undefined, isConfirmed: false }

  const refused = await ask(wish, {}, 'no')
  const before = fake.changes.length
  const confirmed = await ask(wish, {}, 'yes')
  const again = await ask(wish)

  assert.deepEqual([refused.code, refused.asked, before], [1, 1, 0])
  assert.match(refused.out, /^missing {3}ACL of policy 1: rule "drop icmp", behind 1 that are there$/m)
  assert.match(refused.out, /^missing {3}SORB of policy 1: 100 packets\/s .* \(5000 packets\/s, no s now\)$/m)
  assert.deepEqual([confirmed.code, again.code, again.asked], [0, 0, 0])
  assert.deepEqual(fake.stored.get('acl/entries?policy=1'), {
    entries: ['drop udp', 'drop icmp'],
    version: 4,
  })
  assert.deepEqual(fake.stored.get('sorb/settings?policy=1'), { pps: 100, bps: 7, block_time: 60 })
})

test('a preset in a form that is not known is left to people', async t => {
  const { fake, ask } = await stage(t)
  fake.stored.set('acl/entries?policy=7', { rules: [{ id: 1 }] })
  fake.policies = [...fake.policies, { id: 7, name: 'web' }]

  const { code, out } = await ask({ kind: 'preset', policy: 7, isConfirmed: true })

  assert.equal(code, 1)
  assert.match(out, /^by hand {3}ACL of policy 7: .*not the form that is expected.* Set it on the pages/m)
  assert.deepEqual(fake.changes.length, 1)
  assert.deepEqual(fake.stored.get('sorb/settings?policy=7'), { pps: 100, block_time: 60 })
})

test('switches are shown and set by our words and by its own', async t => {
  const { fake, ask } = await stage(t)
  const turn = (name: string, isOn: boolean | undefined, policy: number | undefined = 1) =>
    ask({ kind: 'switch', name, isOn, policy })

  const set = [
    await turn('syn-proxy', true),
    await turn('monitor', true),
    await turn('announce', true),
    await turn('game', true),
    await ask({ kind: 'switch', name: 'state', isOn: true, policy: undefined }),
  ]
  const shown = await turn('tcp', undefined)
  const wrong = [
    await turn('no/such', true),
    await ask({ kind: 'switch', name: 'acl', isOn: true, policy: undefined }),
  ]

  assert.deepEqual(fake.changes, [
    'PUT tcp/switch?policy=1 true',
    'PUT policies/monitor_mode/1 true',
    'PUT bgp/announce?policy=1 true',
    'PUT game/switch?policy=1 true',
    'PUT toggle/switch true',
  ])
  assert.deepEqual(
    [...set, shown].map(({ code }) => code),
    [0, 0, 0, 0, 0, 0],
  )
  assert.equal(shown.out, 'policy 1: tcp is on\n')
  assert.deepEqual(
    wrong.map(({ code }) => code),
    [2, 2],
  )
})

test('sources are blocked for a time, of the same family as the host', async t => {
  const { fake, ask } = await stage(t)
  const wish = { kind: 'block', target: '203.0.113.10', ttlSeconds: 300 } as const

  const done = await ask({ ...wish, sources: ['198.51.100.7'] })
  const mixed = await ask({ ...wish, sources: ['198.51.100.7', '2001:db8::1'] })

  assert.deepEqual([done.code, mixed.code], [0, 2])
  assert.equal(done.out, 'policy 1 drops 198.51.100.7 for 300 s\n')
  assert.equal(fake.blocked.length, 1)
})

test('that certificates are not checked is said', async t => {
  const { ask } = await stage(t)

  const { err } = await ask(CHECK, { FLOODWARDEN_MITIGATOR_VERIFY: 'no' })

  assert.match(err, /warning: the certificate of http:\S+ is not checked \(FLOODWARDEN_MITIGATOR_VERIFY=no\)/)
})
