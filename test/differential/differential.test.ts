// Floodwarden beside the installed FastNetMon 1.2.4: same traffic, same interface, same time, same fastnetmon.conf.

import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { type TestContext, test } from 'node:test'
import { FASTNETMON } from '../../lab/peer/fastnetmon.ts'
import { refusedBy } from '../corpus/parsers.ts'
import { mayUseNamespaces } from '../integration/veth-pair.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { findingsOf, wrongIn } from './report-text.ts'
import { RUNS } from './scenarios.ts'
import { play } from './stage.ts'

function mayRunFastnetmon(t: TestContext): boolean {
  if (!mayUseNamespaces(t)) return false
  if (existsSync(FASTNETMON)) return true
  assert.notEqual(process.env['CI'], 'true', 'fastnetmon is not installed, and CI=true forbids to skip this')
  t.skip('needs fastnetmon, of Debian')
  return false
}

for (const run of RUNS) {
  test(`beside FastNetMon: ${run.name}`, { timeout: 120_000 }, async t => {
    if (!mayRunFastnetmon(t)) return

    const played = await play(run, temporaryFolder(t))
    const findings = findingsOf(played)

    for (const { run: _run, ...row } of findings.comparisons) t.diagnostic(JSON.stringify(row))
    assert.deepEqual(wrongIn(findings), [])
    const calls = [...played.theirs.calls, ...played.ours.calls]
    assert.deepEqual(await refusedBy(calls), [], 'scripts that parse every line understand both')
  })
}
