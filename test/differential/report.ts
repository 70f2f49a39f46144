// Command: plays all runs beside the real FastNetMon and prints the report; `--write FILE` writes it there as well.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type Findings, findingsOf, reportText, wrongIn } from './report-text.ts'
import { RUNS } from './scenarios.ts'
import { play } from './stage.ts'

const { values } = parseArgs({ options: { write: { type: 'string' } } })
const folder = mkdtempSync(join(tmpdir(), 'floodwarden-differential-'))
const all: Findings[] = []
try {
  for (const [at, run] of RUNS.entries()) {
    process.stderr.write(`${run.name}\n`)
    all.push(findingsOf(await play(run, join(folder, String(at)))))
  }
} finally {
  rmSync(folder, { recursive: true })
}
const text = reportText(all)
process.stdout.write(text)
if (values.write !== undefined) writeFileSync(values.write, text)
if (all.flatMap(wrongIn).length > 0) process.exitCode = 1
