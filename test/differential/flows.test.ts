// Floodwarden beside FastNetMon 1.2.4 and nfdump: the very same datagrams of NetFlow, IPFIX and sFlow, the same totals.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { mayRunFastnetmon } from '../may-run-fastnetmon.ts'
import { mayRunPrograms } from '../may-run-programs.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { FLOW_CASES } from './flow-cases.ts'
import { FLOW_PAGE, wrongInFlows } from './flow-findings.ts'
import { playFlows } from './flow-stage.ts'

const AGAIN_MAX = 2

test('beside FastNetMon and nfdump: totals of the same datagrams', { timeout: 90_000 }, async t => {
  if (!mayRunFastnetmon(t)) return
  if (!(await mayRunPrograms(t, ['nfcapd', 'sfcapd', 'nfdump']))) return

  let wrong = wrongInFlows(await playFlows(temporaryFolder(t)))
  for (let again = 0; wrong.length > 0 && again < AGAIN_MAX; again++) {
    // FastNetMon's screen may miss a tick. A difference that is real comes again.
    t.diagnostic(`played again, because: ${wrong.join('; ')}`)
    wrong = wrongInFlows(await playFlows(temporaryFolder(t)))
  }

  assert.deepEqual(wrong, [])
})

test('the page of the comparison has each case and each reason', () => {
  const page = readFileSync(join(import.meta.dirname, '../..', FLOW_PAGE), 'utf8')

  for (const { name, differs } of FLOW_CASES) {
    assert.ok(page.includes(`| ${name} |`), name)
    for (const reason of Object.values(differs)) assert.ok(page.includes(reason), reason)
  }
})
