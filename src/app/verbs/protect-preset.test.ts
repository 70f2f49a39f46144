import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { temporaryFolder } from '../../../test/temporary-folder.ts'
import { loadConfig } from '../config/load.ts'
import { protectPreset } from './protect-preset.ts'

function stage(t: TestContext, text: string, answer?: string) {
  const file = join(temporaryFolder(t), 'config.yaml')
  writeFileSync(file, text)
  const said: string[] = []
  const say = (words: string) => {
    said.push(words)
  }
  const run = (profile: string, isConfirmed = false) =>
    protectPreset({ file, profile, isConfirmed }, { out: say, err: say, question: async () => answer })
  const profiles = () => {
    const loaded = loadConfig({ file })
    assert.ok(loaded.kind === 'ok')
    return loaded.config.protection.profiles
  }
  return { run, said, profiles, text: () => readFileSync(file, 'utf8') }
}

test('it is shown first, and written when it is confirmed, beside what is there', async t => {
  const text = `# ours
networks: [10.0.0.0/8] # all
protection:
  profiles:
    web:
      prefixes: [10.0.0.0/24]
      countermeasures:
        acl: { rules: [{ verdict: pass, match: protocol =tcp }] }
`
  const { run, said, profiles, text: now } = stage(t, text, 'no')
  assert.equal(await run('web'), 1)
  assert.equal(now(), text)
  assert.match(
    said.join(''),
    /missing {3}web: acl: drop icmp\n.*source-limit: 100 packets\/s[\s\S]*nothing was written/,
  )

  assert.equal(await run('web', true), 0)
  const { acl, 'source-limit': limit, 'temporary-blacklist': list } = profiles()['web']!.countermeasures
  assert.deepEqual(
    acl?.rules.map(({ verdict, match }) => `${verdict} ${match}`),
    ['pass protocol =tcp', 'drop protocol =icmp'],
  )
  assert.deepEqual([limit?.packetsPerSecond, limit?.ttlSeconds, list?.ttlSeconds], [100, 60, 60])
  assert.match(now(), /^# ours\nnetworks: \[10\.0\.0\.0\/8\] # all\n/)
  const written = now()
  assert.equal(await run('web', true), 0)
  assert.equal(now(), written)
})

test('a first profile becomes general protection; what is at a MITIGATOR is preset there', async t => {
  const first = stage(t, 'networks: [10.0.0.0/8]\n', 'yes')
  assert.equal(await first.run('general'), 0)
  assert.equal(first.profiles()['general']?.isDefault, true)

  const away = stage(
    t,
    `networks: [10.0.0.0/8]
protection:
  mitigator: { server: m.example.org, user: ann }
  profiles: { far: { isDefault: true, backEnd: mitigator } }
`,
  )
  assert.equal(await away.run('far', true), 1)
  assert.match(away.said.join(''), /floodwarden mitigator preset/)
})
