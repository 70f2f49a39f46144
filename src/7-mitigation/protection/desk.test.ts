import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeBackup, readBackup } from './backup.ts'
import { REFUSAL_CODES } from './desk.ts'
import { Holders } from './holders.ts'
import { profileView, stillHeldText } from './profile-view.ts'
import { GENERAL, need, order, WEB } from './protected-for-tests.ts'

const PROFILES = [WEB, GENERAL]

function viewed(holders: Holders) {
  return profileView(WEB, holders, {
    desired: holders.desired(PROFILES)[0]!,
    ...{ sinceMs: 1000, carried: 'in-place', problems: [], counters: new Map(), thresholds: new Map() },
  })
}

test('a view says what is on and who keeps it so, attack by attack and operator by operator', () => {
  const holders = new Holders()
  holders.hold(need('a', 'acl', { tags: ['icmp_flood'] }))
  holders.switch(order('on', 'acl'))

  const view = viewed(holders)
  const acl = view.countermeasures.find(({ name }) => name === 'acl')

  assert.deepEqual([view.isOn, view.isConfiguredOn], [true, false])
  assert.deepEqual(view.holders, [
    {
      ...{ by: 'attack', who: 'of-a', target: '10.0.0.1', mode: 'on', sinceMs: 1000, untilMs: 1_000_000 },
      tags: ['icmp_flood'],
    },
  ])
  assert.deepEqual(
    acl?.holders.map(({ by, who }) => `${by} ${who}`),
    ['operator uid:1000', 'attack of-a'],
  )
  assert.deepEqual([acl?.mode, acl?.configuredMode], ['on', 'off'])
  assert.match(
    stillHeldText(view, 'web', 'off') ?? '',
    /^web stays on for attack of-a on 10\.0\.0\.1; withdraw/,
  )
  assert.equal(stillHeldText(view, 'web', 'on'), undefined)
})

test('a backup is put back in the order that is safe: what spares first, the profile last', () => {
  const switches = [
    order('on'),
    order('on', 'source-limit'),
    order('monitor', 'whitelist'),
    order('on', 'acl'),
  ]
  const backup = structuredClone(makeBackup(PROFILES, switches, 0))

  const read = readBackup(backup, PROFILES, 3000)

  assert.ok(read.kind === 'read')
  assert.deepEqual(
    read.switches.map(({ countermeasure }) => countermeasure),
    ['whitelist', 'acl', 'source-limit', undefined],
  )
})

test('a backup that does not fit is refused as a whole, and what is over by now is left out', () => {
  const of = (switches: readonly object[]) => ({ version: 1, madeAt: '', profiles: {}, switches })
  const strange = readBackup(
    of([order('on'), order('on', 'syn-proxy'), order('on', 'acl', { profile: 'mail' })]),
    PROFILES,
    0,
  )
  assert.deepEqual(strange, {
    kind: 'refused',
    problems: [
      'profile web has no syn-proxy: add it to the configuration first',
      'there is no profile mail: add it to the configuration first',
    ],
  })
  assert.equal(readBackup({ version: 2 }, PROFILES, 0).kind, 'refused')
  assert.equal(readBackup('nonsense', PROFILES, 0).kind, 'refused')

  const over = readBackup(of([order('on', 'acl', { untilMs: 5 })]), PROFILES, 5)
  assert.ok(over.kind === 'read')
  assert.deepEqual([over.switches.length, over.notes.length], [0, 1])
  assert.equal(new Set(REFUSAL_CODES).size, REFUSAL_CODES.length)
})
