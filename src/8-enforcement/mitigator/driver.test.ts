import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { parseAddress } from '#lib/ip/address.ts'
import { parsePrefix } from '#lib/ip/prefix.ts'
import { temporaryFolder } from '../../../test/temporary-folder.ts'
import { MitigatorClient } from './client.ts'
import { type DriverParts, MitigatorDriver } from './driver.ts'
import { HoldsFile } from './holds-file.ts'
import { type FakeMitigator, fakeMitigator, USER } from './server-for-tests.ts'
import { SessionFile } from './session-file.ts'

const address = (text: string) => parseAddress(text) ?? assert.fail(text)
const prefix = (text: string) => parsePrefix(text) ?? assert.fail(text)
const [A, B] = [address('203.0.113.10'), address('203.0.113.11')]

interface Stage {
  readonly fake: FakeMitigator
  readonly folder: string
  readonly told: string[]
  /** As a process of its own has it. */
  driver(changes?: Partial<DriverParts>): MitigatorDriver
}

async function stage(t: TestContext): Promise<Stage> {
  const [fake, folder] = [await fakeMitigator(t), temporaryFolder(t)]
  const told: string[] = []
  const driver = (changes: Partial<DriverParts> = {}) => {
    const keeper = HoldsFile.open(folder, 'https://m.example.org', problem => told.push(problem))
    assert.ok(!('problem' in keeper))
    const endsAt = performance.now() + 10_000
    const times = { connectMs: 3000, requestMs: 5000, retries: 1, pauseMs: 5, endsAt }
    const client = new MitigatorClient(
      { origin: fake.url, ...USER, trust: { kind: 'system' }, ...times },
      new SessionFile(keeper.sessionPath),
    )
    return new MitigatorDriver({
      ...{ client, keeper, announces: false, holdMs: 60_000, now: Date.now, endsAt },
      policies: { entries: [], asksForPackets: false, fallback: 1 },
      tell: (level, text) => told.push(`${level}: ${text}`),
      ...changes,
    })
  }
  return { fake, folder, told, driver }
}

const need = (
  victim: typeof A,
  ...countermeasures: ('acl' | 'syn-proxy' | 'source-limit' | 'fragments')[]
) => ({
  ...({ victim, protocol: 'udp', countermeasures } as const),
})

test('what two victims need stays on until both have ended', async t => {
  const { fake, driver } = await stage(t)

  await driver().protect(need(A, 'acl', 'syn-proxy'))
  await driver().protect(need(B, 'acl'))
  const before = fake.changes.length
  const outcome = await driver().release(A)
  const between = fake.changes.slice(before)
  await driver().release(B)

  assert.equal(outcome, 'done')
  assert.deepEqual(between, ['PUT tcp/switch?policy=1 false'])
  assert.deepEqual(fake.changes.slice(before + 1), [
    'PUT acl/switch?policy=1 false',
    'PUT toggle/switch?policy=1 false',
  ])
})

test('what was on before stays on, and what an operator switched off meanwhile is not touched', async t => {
  const { fake, driver, folder } = await stage(t)
  fake.stored.set('acl/switch?policy=1', { switch: true })
  fake.stored.set('tcp/switch?policy=1', { switch: false })

  await driver().protect(need(A, 'acl', 'syn-proxy', 'source-limit'))
  fake.stored.set('sorb/switch?policy=1', { switch: false })
  const on = [...fake.changes]
  await driver().release(A)

  assert.deepEqual(on, [
    'PUT toggle/switch?policy=1 true',
    'PUT tcp/switch?policy=1 true',
    'PUT sorb/switch?policy=1 true',
  ])
  assert.deepEqual(fake.changes.slice(3), [
    'PUT tcp/switch?policy=1 false',
    'PUT toggle/switch?policy=1 false',
  ])
  assert.ok(fake.isOn('acl/switch?policy=1'))
  assert.deepEqual(JSON.parse(readFileSync(join(folder, 'holds-m.example.org.json'), 'utf8')), {
    victims: {},
    touched: {},
  })
})

for (const [who, again] of [
  ['another victim', B],
  ['the same victim', A],
] as const) {
  test(`what somebody switched off meanwhile goes on again when ${who} needs it`, async t => {
    const { fake, driver } = await stage(t)
    await driver().protect(need(A, 'acl'))
    fake.stored.set('acl/switch?policy=1', { switch: false })

    await driver().protect(need(again, 'acl'))
    const isOn = fake.isOn('acl/switch?policy=1')
    await Promise.all([driver().release(A), driver().release(B)])

    assert.ok(isOn)
    assert.equal(fake.isOn('acl/switch?policy=1'), false)
  })
}

test('what could not be undone is kept on disk, and undone by whoever calls next', async t => {
  const { fake, driver, told } = await stage(t)
  await driver().protect(need(A, 'acl'))

  fake.isAway = true
  const away = await driver().release(A)
  const stillOn = fake.isOn('acl/switch?policy=1')
  fake.isAway = false
  const later = await driver().protect(need(B, 'syn-proxy'))

  assert.deepEqual([away, stillOn, later], ['kept', true, 'done'])
  assert.ok(told.includes('warning: to be switched off later: 1/state, 1/acl'), told.join('\n'))
  assert.equal(fake.isOn('acl/switch?policy=1'), false)
  assert.ok(fake.isOn('toggle/switch?policy=1'), 'the other victim needs the policy')
  assert.ok(fake.isOn('tcp/switch?policy=1'))
})

test('what could not be switched on is switched on later, while it is still needed', async t => {
  const { fake, driver } = await stage(t)
  fake.isAway = true
  const first = await driver().protect(need(A, 'acl'))
  const second = await driver().protect(need(B, 'acl'))
  await driver().release(B)

  fake.isAway = false
  const settled = await driver().settle()

  assert.deepEqual([first, second, settled], ['kept', 'kept', 'done'])
  assert.deepEqual(fake.changes, ['PUT toggle/switch?policy=1 true', 'PUT acl/switch?policy=1 true'])
})

test('whoever died between writing down and switching leaves enough to put all back', async t => {
  const { fake, driver } = await stage(t)
  fake.failures = [{ path: /^acl/, method: 'PUT', status: 500, times: 9 }]
  await driver().protect(need(A, 'acl'))
  // The request arrived, and its answer was lost.
  fake.failures = []
  fake.stored.set('acl/switch?policy=1', { switch: true })

  await driver().release(A)

  assert.equal(fake.isOn('acl/switch?policy=1'), false)
  assert.equal(fake.isOn('toggle/switch?policy=1'), false)
})

test('calls at the same time each have what they need, and the last one leaves nothing on', async t => {
  const { fake, driver } = await stage(t)
  fake.delayMs = 2
  const victims = Array.from({ length: 6 }, (_, at) => address(`203.0.113.${at + 1}`))

  const on = await Promise.all(victims.map(victim => driver().protect(need(victim, 'acl'))))
  const isOnForAll = fake.isOn('acl/switch?policy=1') && fake.isOn('toggle/switch?policy=1')
  const off = await Promise.all([
    ...victims.slice(1).map(victim => driver().release(victim)),
    driver().protect(need(address('203.0.113.77'), 'acl')),
    driver().release(victims[0] ?? A),
  ])
  const isOnForOne = fake.isOn('acl/switch?policy=1') && fake.isOn('toggle/switch?policy=1')
  await driver().release(address('203.0.113.77'))

  assert.deepEqual([new Set(on), new Set(off)], [new Set(['done']), new Set(['done'])])
  assert.ok(isOnForAll && isOnForOne)
  assert.equal(fake.isOn('acl/switch?policy=1') || fake.isOn('toggle/switch?policy=1'), false)
})

test('a hold without a word of its end is over after its time', async t => {
  const { fake, driver, told } = await stage(t)
  await driver({ holdMs: 1000, now: () => 1_000_000 }).protect(need(A, 'acl'))

  await driver({ now: () => 1_000_999 }).settle()
  const before = fake.isOn('acl/switch?policy=1')
  await driver({ now: () => 1_001_000 }).settle()

  assert.ok(before)
  assert.equal(fake.isOn('acl/switch?policy=1'), false)
  assert.ok(told.some(line => /203\.0\.113\.10: held too long/.test(line)))
})

test('the policy is that of the longest prefix, else that of the packet, else the default', async t => {
  const { fake, driver, told } = await stage(t)
  fake.policies = [1, 5, 7, 9].map(id => ({ id, name: `p${id}` }))
  fake.policyOfTarget.set('198.51.100.9', 5)
  const entries = [
    { prefix: prefix('203.0.113.0/24'), policy: 7 },
    { prefix: prefix('203.0.113.8/29'), policy: 9 },
  ]
  const policies = { entries, asksForPackets: true, fallback: 1 }

  for (const victim of ['203.0.113.10', '203.0.113.200', '198.51.100.9', '192.0.2.1'])
    await driver({ policies }).protect(need(address(victim)))
  const none = await driver({ policies: { ...policies, fallback: undefined } }).protect(
    need(address('192.0.2.2')),
  )

  assert.deepEqual(
    fake.changes,
    [9, 7, 5, 1].map(id => `PUT toggle/switch?policy=${id} true`),
  )
  assert.equal(none, 'refused')
  assert.ok(
    told.includes(
      'warning: 192.0.2.1: policy 1 (default): the server names no policy for it: answer 404: no policy',
    ),
  )
})

test('a refusal of one switch keeps no other from being carried out', async t => {
  const { fake, driver, told } = await stage(t)
  fake.failures = [{ path: /^acl/, method: 'PUT', status: 403, times: 1 }]

  const outcome = await driver().protect(need(A, 'acl', 'fragments', 'source-limit'))

  assert.equal(outcome, 'refused')
  assert.ok(fake.isOn('sorb/switch?policy=1') && fake.isOn('toggle/switch?policy=1'))
  assert.ok(told.includes('error: policy 1: acl on: answer 403: made to answer 403'), told.join('\n'))
  assert.ok(told.includes('error: 203.0.113.10: MITIGATOR has no fragments for a policy'))
})

test('a policy that is gone is not waited for, and IPv6 has the twins of countermeasures', async t => {
  const { fake, driver } = await stage(t)
  fake.policies = [...fake.policies, { id: 7, name: 'v6' }]
  const entries = [{ prefix: prefix('2001:db8::/32'), policy: 7 }]
  const policies = { entries, asksForPackets: false, fallback: 1 }
  const victim = address('2001:db8::5')
  await driver({ policies, announces: true }).protect(need(victim, 'acl', 'syn-proxy'))
  const on = [...fake.changes]

  fake.policies = fake.policies.slice(0, 1)
  const outcome = await driver({ policies }).release(victim)

  assert.deepEqual(
    on,
    ['toggle/switch', 'bgp/announce', 'acl6/switch', 'tcp/switch'].map(path => `PUT ${path}?policy=7 true`),
  )
  assert.equal(outcome, 'done')
})

test('sources come onto the temporary blacklist of the policy of the victim', async t => {
  const { fake, driver } = await stage(t)

  const v4 = await driver().block(A, [prefix('198.51.100.7'), prefix('198.51.100.64/26')], 300)
  await driver().block(address('2001:db8::5'), [prefix('2001:db8:1::/48')], 60)

  assert.deepEqual(v4, { kind: 'done', value: 1 })
  assert.deepEqual(fake.blocked, [
    {
      ...{ policy: 1, list: 'tbl/items' },
      items: [
        { prefix: '198.51.100.7/32', ttl: 300 },
        { prefix: '198.51.100.64/26', ttl: 300 },
      ],
    },
    { policy: 1, list: 'tbl6/items', items: [{ prefix: '2001:db8:1::/48', ttl: 60 }] },
  ])
})

test('a broken file of holds is laid aside aloud, and protecting goes on', async t => {
  const { fake, driver, folder, told } = await stage(t)
  writeFileSync(join(folder, 'holds-m.example.org.json'), '{"victims":{"a":')

  const outcome = await driver().protect(need(A))

  assert.equal(outcome, 'done')
  assert.ok(fake.isOn('toggle/switch?policy=1'))
  assert.match(told.join('\n'), /holds-m\.example\.org\.json is broken and has the ending \.broken now/)
  assert.equal(readFileSync(join(folder, 'holds-m.example.org.json.broken'), 'utf8'), '{"victims":{"a":')
})
