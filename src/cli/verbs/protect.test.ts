import assert from 'node:assert/strict'
import { test } from 'node:test'
import { run } from '../run-for-tests.ts'

test('each verb says what is asked for, and changes nothing unless it is told to', async () => {
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
    ['counters --json', { kind: 'counters', json: true }],
    ['blocked', { kind: 'blocked', json: false }],
  ]

  for (const [line, expected] of lines) {
    const { code, asked } = await run(`protect ${line}`)
    assert.equal(code, 0, line)
    assert.deepEqual(asked, [expected])
  }
  assert.equal((await run('protect apply')).code, 2)
})
