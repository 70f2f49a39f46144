import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { COUNTERMEASURES } from '#6-policy/countermeasure.ts'
import { temporaryFolder } from '../../../test/temporary-folder.ts'
import { blockedText, countersText } from '../protect/protect-text.ts'
import { readProfiles } from '../protect/read-profiles.ts'
import { protect } from './protect.ts'

function fileOf(t: TestContext, text: string): string {
  const file = join(temporaryFolder(t), 'profiles.yaml')
  writeFileSync(file, text)
  return file
}

async function run(request: Parameters<typeof protect>[0]) {
  const said = { out: '', err: '' }
  const output = {
    out: (text: string) => {
      said.out += text
    },
    err: (text: string) => {
      said.err += text
    },
  }
  const code = await protect(request, output)
  return { code, ...said }
}

const PROFILES = `
hook: ingress
devices: [eth0]
profiles:
  web:
    prefixes: [203.0.113.10]
    countermeasures:
      header-sanity: {}
      source-limit: { mode: monitor, packetsPerSecond: 100 }
      temporary-blacklist: { mode: 'off', ttlSeconds: 30 }
`

test('a file of profiles is read with its place, modes and what was left to us', t => {
  const read = readProfiles(fileOf(t, PROFILES))

  assert.ok(read.kind === 'ok')
  assert.deepEqual(read.place, {
    hook: 'ingress',
    devices: ['eth0'],
    managementPrefixes: [],
    sourcesMax: 131_072,
  })
  assert.deepEqual(read.desired, [
    {
      profile: {
        ...{ id: 'web', prefixes: ['203.0.113.10'] },
        parameters: {
          'header-sanity': {},
          'source-limit': { packetsPerSecond: 100, per: 'source', ttlSeconds: 60 },
          'temporary-blacklist': { ttlSeconds: 30, isProgressive: false },
        },
      },
      isOn: true,
      modes: { 'header-sanity': 'on', 'source-limit': 'monitor', 'temporary-blacklist': 'off' },
    },
  ])
})

test('a preview prints what nft would be told', async t => {
  const { code, out } = await run({ kind: 'preview', file: fileOf(t, PROFILES) })

  assert.equal(code, 0)
  assert.match(out, /^table inet floodwarden_protect\ndelete table inet floodwarden_protect\n/)
  assert.match(out, /chain p\/web\/header-sanity/)
})

test('what is wrong with a file is told with its place, and nothing is asked of nft', async t => {
  const wrong: [string, RegExp][] = [
    [
      'profiles: { web: { prefixes: [203.0.113.300] } }',
      /profiles\.yaml:1:\d+: error: profiles\.web\.prefixes\[0\]: expected an address/,
    ],
    [
      'profiles: { web: { prefixes: [10.0.0.1], countermeasures: { syn-prox: {} } } }',
      /did you mean syn-proxy\?/,
    ],
    ['profiles: { "a b": { prefixes: [10.0.0.1] } }', /expected a name of letters/],
    ['profiles: [', /profiles\.yaml:1/],
  ]

  for (const [text, expected] of wrong) {
    const { code, err, out } = await run({
      ...{ kind: 'apply', file: fileOf(t, text), isSure: true, maySetKernel: false },
    })
    assert.deepEqual([code, out], [1, ''])
    assert.match(err, expected)
  }
  const missing = await run({ kind: 'preview', file: '/nonexistent/profiles.yaml' })
  assert.match(missing.err, /there is no such file/)
})

test('without --yes nothing is removed and nobody is blocked', async () => {
  const removed = await run({ kind: 'remove', isSure: false })
  const blocked = await run({ kind: 'block', profile: 'web', sources: ['192.0.2.7'], isSure: false })

  for (const { code, out } of [removed, blocked]) {
    assert.equal(code, 0)
    assert.match(out, /^dry run: .*nothing was changed\. Add --yes/)
  }
})

test('a full set is told aloud', () => {
  const counters = { inputPackets: 1000, droppedPackets: 10, droppedBytes: 600, sources: 131_072 }
  const of = (unmeasuredPackets: number) =>
    countersText([
      { profile: 'web', countermeasure: 'source-limit', counters: { ...counters, unmeasuredPackets } },
    ])

  assert.equal(of(0), 'web source-limit: 1,000 packets in, 10 dropped (600 bytes), 131,072 sources listed\n')
  assert.match(of(7), /ALERT: a set is full: 7 packets found no room; raise sourcesMax/)
  assert.equal(
    blockedText([
      {
        profile: 'web',
        countermeasure: 'source-limit',
        source: '192.0.2.7',
        target: '203.0.113.10',
        remainingSeconds: 9,
      },
    ]),
    '192.0.2.7 to 203.0.113.10: web source-limit, 9 s left\n',
  )
})

test('the page for operators names every countermeasure, and its example is right', async t => {
  const page = readFileSync(new URL('../../../docs/operate/nftables.md', import.meta.url), 'utf8')

  for (const name of COUNTERMEASURES) assert.ok(page.includes(`| \`${name}\` |`), name)
  const example = /```text\n(.*?)```/s.exec(page)?.[1] ?? ''
  const { code, err, out } = await run({ kind: 'preview', file: fileOf(t, example) })
  assert.deepEqual([code, err], [0, ''])
  assert.match(out, /chain p\/web\/syn-proxy/)
})
