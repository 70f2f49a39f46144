// Command: sends the same datagrams to all collectors and prints the page; `--write FILE` writes it there as well.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { flowText, wrongInFlows } from './flow-findings.ts'
import { playFlows } from './flow-stage.ts'

const { values } = parseArgs({ options: { write: { type: 'string' } } })
const folder = mkdtempSync(join(tmpdir(), 'floodwarden-differential-'))
try {
  const counted = await playFlows(folder)
  const text = flowText(counted)
  process.stdout.write(text)
  if (values.write !== undefined) writeFileSync(values.write, text)
  const wrong = wrongInFlows(counted)
  process.stderr.write(wrong.map(sentence => `${sentence}\n`).join(''))
  if (wrong.length > 0) process.exitCode = 1
} finally {
  rmSync(folder, { recursive: true })
}
