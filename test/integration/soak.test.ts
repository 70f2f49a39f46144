// The short form of the soak: two cycles of floods, scan and calm.

import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { run } from '../../lab/command.ts'
import { mayUseNamespaces } from '../may-go-on.ts'

test('two cycles of the soak: all counted, all bans ended, memory bounded', { timeout: 240_000 }, async t => {
  if (!mayUseNamespaces(t)) return
  const soak = join(import.meta.dirname, '../soak/run.ts')

  const { code, stdout, stderr } = await run([process.execPath, soak, '--cycles', '2'], {
    timeoutMilliseconds: 80_000,
  })

  assert.equal(code, 0, `${stdout}${stderr}`)
  assert.match(stdout, /^2 passed, 0 failed$/m)
})
