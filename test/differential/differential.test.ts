// Floodwarden beside the installed FastNetMon 1.2.4: same traffic, same interface, same time, same fastnetmon.conf.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { refusedBy } from '../corpus/parsers.ts'
import { mayRunFastnetmon } from '../may-run-fastnetmon.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { findingsOf, wrongIn } from './report-text.ts'
import { RUNS, type Run } from './scenarios.ts'
import { type Played, play } from './stage.ts'

const AGAIN_MAX = 2

/** Settles when the traffic of the run before is over. */
let floor: Promise<void> = Promise.resolve()

/** One run has traffic at a time. While it waits for the last unbans, which is nearly no work, the next one has its turn. */
async function playInTurn(run: Run, folder: string): Promise<Played> {
  const before = floor
  const { promise, resolve: leave } = Promise.withResolvers<void>()
  floor = promise
  await before
  try {
    return await play(run, folder, leave)
  } finally {
    leave()
  }
}

describe('beside FastNetMon', { concurrency: RUNS.length }, () => {
  for (const run of RUNS) {
    test(run.name, { timeout: 600_000 }, async t => {
      if (!mayRunFastnetmon(t)) return

      let played = await playInTurn(run, temporaryFolder(t))
      let findings = findingsOf(played)
      for (let again = 0; wrongIn(findings).length > 0 && again < AGAIN_MAX; again++) {
        // The machine may have stalled one of the two. A difference that is ours comes again each time.
        t.diagnostic(`played again, because: ${wrongIn(findings).join('; ')}`)
        played = await playInTurn(run, temporaryFolder(t))
        findings = findingsOf(played)
      }

      for (const { run: _run, ...row } of findings.comparisons) t.diagnostic(JSON.stringify(row))
      assert.deepEqual(wrongIn(findings), [])
      const calls = [...played.theirs.calls, ...played.ours.calls]
      assert.deepEqual(await refusedBy(calls), [], 'scripts that parse every line understand both')
    })
  }
})
