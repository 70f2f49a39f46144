import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { formatPrefix } from '#lib/ip/prefix.ts'
import { temporaryFolder } from '../../../test/temporary-folder.ts'
import { mitigatorSettings } from './settings.ts'

/** Names stand without FLOODWARDEN_. */
function settle(t: TestContext, changes: Readonly<Record<string, string>>) {
  const names = Object.entries({ MITIGATOR_SERVER: 'm.example.org', MITIGATOR_USER: 'ann', ...changes })
  return mitigatorSettings({
    FLOODWARDEN_ENVIRONMENT_FILE: join(temporaryFolder(t), 'none'),
    ...Object.fromEntries(names.map(([name, value]) => [`FLOODWARDEN_${name}`, value])),
  })
}

test('a name is enough of an address, and what is not said has the values of the script before', t => {
  const settled = settle(t, { MITIGATOR_PASSWORD: 'secret' })

  assert.ok(settled.kind === 'settings')
  const { origin, log, policies, trust, connectSeconds, requestSeconds } = settled.settings
  assert.deepEqual(
    { origin, log, fallback: policies.fallback, trust, connectSeconds, requestSeconds },
    {
      ...{ origin: 'https://m.example.org', log: '/var/log/fastnetmon-mitigator.log', fallback: 1 },
      ...{ trust: { kind: 'system' }, connectSeconds: 3, requestSeconds: 30 },
    },
  )
})

test('policies of prefixes and countermeasures of attacks are read', t => {
  const settled = settle(t, {
    MITIGATOR_PASSWORD: 'secret',
    MITIGATOR_POLICIES: '203.0.113.0/24=7, 2001:db8::/32=9',
    MITIGATOR_COUNTERMEASURES: 'UDP_flood=rate-limit gre=sorb',
    MITIGATOR_POLICY: 'none',
  })

  assert.ok(settled.kind === 'settings')
  const { policies, choices } = settled.settings
  assert.deepEqual(
    policies.entries.map(({ prefix, policy }) => [formatPrefix(prefix), policy]),
    [
      ['203.0.113.0/24', 7],
      ['2001:db8::/32', 9],
    ],
  )
  assert.equal(policies.fallback, undefined)
  assert.deepEqual(choices, [
    { word: 'udp_flood', countermeasure: 'rate-limit' },
    { word: 'gre', countermeasure: 'source-limit' },
  ])
})

test('each wrong setting is said, and no password with it', t => {
  const folder = temporaryFolder(t)
  const file = join(folder, 'settings')
  const open = join(folder, 'password')
  writeFileSync(file, 'FLOODWARDEN_MITIGATOR_PASSWORD=in-the-file\n')
  writeFileSync(open, 'secret\n', { mode: 0o644 })
  const password = { MITIGATOR_PASSWORD: 'secret' }
  const cases: readonly (readonly [Readonly<Record<string, string>>, RegExp])[] = [
    [{ MITIGATOR_SERVER: '', ...password }, /SERVER is missing/],
    [{ MITIGATOR_SERVER: 'http://m.example.org', ...password }, /SERVER cannot be used: .*use https/],
    [{ MITIGATOR_SERVER: 'https://m.example.org/x', ...password }, /SERVER has a path/],
    [{}, /PASSWORD_FILE is missing/],
    [{ ENVIRONMENT_FILE: file }, /PASSWORD does not belong into the settings/],
    [{ MITIGATOR_PASSWORD_FILE: open }, /chmod 600/],
    [{ MITIGATOR_CA_FILE: '/nowhere', ...password }, /CA_FILE cannot be used/],
    [{ MITIGATOR_CA_FILE: open, MITIGATOR_VERIFY: 'no', ...password }, /VERIFY is no, and/],
    [{ MITIGATOR_POLICIES: '203.0.113.0/33=7', ...password }, /no prefix with a policy/],
    [{ MITIGATOR_POLICIES: '203.0.113.0/24', ...password }, /is none/],
    [{ MITIGATOR_POLICY: '0', ...password }, /POLICY is the number of a policy/],
    [{ MITIGATOR_COUNTERMEASURES: 'gre=http', ...password }, /no countermeasure "http": there are/],
  ]

  for (const [changes, expected] of cases) {
    const settled = settle(t, changes)
    assert.ok(settled.kind === 'problems', JSON.stringify(changes))
    assert.match(settled.problems.join('\n'), expected)
    assert.doesNotMatch(settled.problems.join('\n'), /in-the-file|secret/)
  }
})
