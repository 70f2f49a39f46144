import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { runScriptTest, type ScriptTestCall } from './script-test.ts'

const folder = mkdtempSync(join(tmpdir(), 'floodwarden-script-test-'))
after(() => rmSync(folder, { recursive: true }))

function tryOut(lines: string): Promise<ScriptTestCall[]> {
  const path = join(folder, 'script')
  writeFileSync(path, `#!/bin/sh\n${lines}\n`)
  chmodSync(path, 0o755)
  return runScriptTest(path, {
    style: { recordCount: 20, addressForm: 'canonical', localTime: String },
    timeoutSeconds: 10,
    env: process.env,
  })
}

test('a script is called with ban, attack_details and unban, and what it did is told', async () => {
  const calls = await tryOut('head -c 9; echo "$4" >&2; [ "$4" = ban ] && exec cat > /dev/null; exit 5')

  assert.deepEqual(
    calls.map(({ action, report, argv }) => [action, report, argv.join(' ')]),
    [
      ['ban', 'read', '192.0.2.1 incoming 40000 ban'],
      ['attack_details', 'partly-read', '192.0.2.1 incoming 40000 attack_details'],
      ['unban', 'empty', '192.0.2.1 incoming 40000 unban'],
    ],
  )
  assert.deepEqual(
    calls.map(({ end }) => end.kind === 'exited' && [end.status, end.stderr, end.stdout]),
    [
      [0, 'ban\n', 'IP: 192.0'],
      [5, 'attack_details\n', 'IP: 192.0'],
      [5, 'unban\n', ''],
    ],
  )
})

test('a script that does not read is found out', async () => {
  const calls = await tryOut('exit 0')

  assert.deepEqual(
    calls.map(({ report }) => report),
    ['unread', 'unread', 'empty'],
  )
})

test('a script that does not start is tried once', async () => {
  const calls = await runScriptTest(join(folder, 'missing'), {
    style: { recordCount: 20, addressForm: 'canonical', localTime: String },
    timeoutSeconds: 10,
    env: {},
  })

  assert.equal(calls.length, 1)
  assert.equal(calls[0]?.end.kind, 'not-started')
})
