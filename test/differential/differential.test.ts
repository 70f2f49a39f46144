// Floodwarden beside the installed FastNetMon 1.2.4: same traffic, same interface, same time, same fastnetmon.conf.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refusedBy } from '../corpus/parsers.ts'
import { mayRunFastnetmon } from '../may-run-fastnetmon.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { findingsOf, wrongIn } from './report-text.ts'
import { RUNS } from './scenarios.ts'
import { play } from './stage.ts'

for (const run of RUNS) {
  test(`beside FastNetMon: ${run.name}`, { timeout: 240_000 }, async t => {
    if (!mayRunFastnetmon(t)) return

    let played = await play(run, temporaryFolder(t))
    let findings = findingsOf(played)
    if (wrongIn(findings).length > 0) {
      // The machine may have stalled one of the two. A difference that is ours comes again.
      t.diagnostic(`played again, because: ${wrongIn(findings).join('; ')}`)
      played = await play(run, temporaryFolder(t))
      findings = findingsOf(played)
    }

    for (const { run: _run, ...row } of findings.comparisons) t.diagnostic(JSON.stringify(row))
    assert.deepEqual(wrongIn(findings), [])
    const calls = [...played.theirs.calls, ...played.ours.calls]
    assert.deepEqual(await refusedBy(calls), [], 'scripts that parse every line understand both')
  })
}
