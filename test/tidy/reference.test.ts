// The generated pages (example configuration, JSON Schema, reference) say what the code says.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { ROOT } from './repository.ts'

test('the generated pages are fresh', () => {
  const run = spawnSync(process.execPath, ['scripts/docs.ts', '--check'], { cwd: ROOT, encoding: 'utf8' })

  assert.equal(run.status, 0, `npm run docs makes them anew\n${run.stdout}${run.stderr}`)
})
