import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import {
  EXAMPLE_PROFILE,
  EXAMPLE_PROTECTION,
  EXAMPLE_PROTECTION_BACKUP,
  EXAMPLE_PROTECTION_COUNTERS,
} from '#api/contract/examples-protection.ts'
import { momentText } from '#lib/clock/local-time.ts'
import { run, runWords } from '../run-for-tests.ts'
import { countersText, profileText, protectionText } from './protect-text.ts'

const SOCKET = '/home/ann/.local/state/floodwarden/control.sock'
const ABSENT = { kind: 'absent', path: SOCKET, cause: new Error('ENOENT') } as const

test('what needs no daemon says what is asked for, and changes nothing unless it is told to', async () => {
  const lines: [string, object][] = [
    ['preview --file p.yaml', { kind: 'preview', file: 'p.yaml' }],
    ['apply --file p.yaml', { kind: 'apply', file: 'p.yaml', isSure: false, maySetKernel: false }],
    [
      'apply --file p.yaml --yes --set-kernel',
      { kind: 'apply', file: 'p.yaml', isSure: true, maySetKernel: true },
    ],
    ['remove', { kind: 'remove', isSure: false }],
    ['remove --yes', { kind: 'remove', isSure: true }],
    [
      'block web 192.0.2.7 192.0.2.8',
      { kind: 'block', profile: 'web', sources: ['192.0.2.7', '192.0.2.8'], isSure: false },
    ],
  ]

  for (const [line, expected] of lines) {
    const { code, asked } = await run(`protect ${line}`)
    assert.equal(code, 0, line)
    assert.deepEqual(asked, [expected])
  }
  assert.equal((await run('protect apply')).code, 2)
})

test('counters and blocked sources are asked of the daemon, and of the kernel only where none runs', async () => {
  const asked = await run('protect counters --profile web')
  assert.deepEqual(asked.asked.slice(1), [{ profile: 'web' }])
  assert.match(asked.out, /1,204,190/)

  for (const [verb, request] of [
    ['counters --json', { kind: 'counters', json: true }],
    ['blocked', { kind: 'blocked', json: false }],
  ] as const) {
    const here = await run(`protect ${verb}`, { failure: ABSENT })
    assert.deepEqual(here.asked.at(-1), request)
    const elsewhere = await run(`protect ${verb} --url https://fw.example.org`, { failure: ABSENT })
    assert.equal(elsewhere.code, 1)
  }
})

test('switches, sources and questions come to the daemon as they are said', async () => {
  const lines: [string, object][] = [
    ['list', {}],
    ['show web', { id: 'web' }],
    ['lookup 192.0.2.1 --protocol 6 --port 443', { target: '192.0.2.1', protocol: 6, targetPort: 443 }],
    ['incidents --profile web', { profile: 'web' }],
    ['preview', {}],
    ['preview web on --countermeasure acl', { profile: 'web', mode: 'on', countermeasure: 'acl' }],
    ['on web --reason x', { id: 'web', mode: 'on', reason: 'x' }],
    [
      'monitor web acl --reason x --ttl 10m',
      { id: 'web', countermeasure: 'acl', mode: 'monitor', ttlSeconds: 600, reason: 'x' },
    ],
    ['off web acl --reason x', { id: 'web', countermeasure: 'acl', mode: 'off', reason: 'x' }],
    ['reset web --reason x', { id: 'web', mode: 'configured', reason: 'x' }],
    [
      'add web 192.0.2.7 192.0.2.8 --reason x',
      { id: 'web', sources: ['192.0.2.7', '192.0.2.8'], reason: 'x' },
    ],
    ['remove web 192.0.2.7', { id: 'web', source: '192.0.2.7' }],
    ['blocked --source 192.0.2.0/24 --limit 5', { source: '192.0.2.0/24', limit: 5 }],
  ]
  for (const [line, expected] of lines) {
    const { code, asked, err } = await run(`protect ${line}`)
    assert.equal(code, 0, `${line}: ${err}`)
    assert.deepEqual(JSON.parse(JSON.stringify(asked[1])), expected, line)
  }
  for (const line of ['on web', 'on web no-such --reason x', 'preview web sideways'])
    assert.equal((await run(`protect ${line}`)).code, 2, line)
  assert.equal((await run('protect remove web')).code, 1)
})

test('a backup is written where nothing is, and put back with a reason', async t => {
  const folder = mkdtempSync(join(tmpdir(), 'floodwarden-protect-verbs-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'protection.json')

  assert.equal((await runWords(['protect', 'backup', file])).code, 0)
  assert.equal((await runWords(['protect', 'backup', file])).code, 1, 'it is there already')
  const restored = await runWords(['protect', 'restore', file, '--replace', '--reason', 'new machine'])

  assert.deepEqual(JSON.parse(readFileSync(file, 'utf8')), EXAMPLE_PROTECTION_BACKUP)
  assert.deepEqual(restored.asked[1], {
    ...{ backup: EXAMPLE_PROTECTION_BACKUP, replaces: true, reason: 'new machine' },
  })
  assert.match(restored.out, /1 switches are as they were/)
})

test('profiles, their holders and what is wrong stand in tables', () => {
  const since = momentText(Date.parse('2026-11-20T10:11:49.900Z'))

  assert.deepEqual(protectionText(EXAMPLE_PROTECTION).split('\n'), [
    'profile  by            state     countermeasures  for',
    'web      nftables  on  in-place  acl              mi7kq3l9-1 on 10.99.1.1',
    'nftables, the hook prerouting of this machine: in-place',
    '',
  ])
  assert.deepEqual(profileText(EXAMPLE_PROFILE).split('\n').slice(0, 3), [
    `web is on since ${since}, by nftables: in-place`,
    '  covers 10.99.0.0/16',
    '  held by mi7kq3l9-1 on 10.99.1.1',
  ])
  const { defaultProfile: _none, ...rest } = EXAMPLE_PROTECTION
  const bad = { ...rest, isArmed: false, warnings: ['the set of web is full'] }
  assert.match(protectionText(bad), /Not armed.*\nThere is no general protection.*\nthe set of web is full\n/)
  const [counted] = EXAMPLE_PROTECTION_COUNTERS.counters
  assert.ok(counted)
  assert.match(
    countersText({ counters: [{ ...counted, unmeasuredPackets: 1234 }] }),
    /ALERT: a set of web acl is full: 1,234 packets/,
  )
})
