// Command: writes one case of honest traffic that goes over a limit into a pcap file.

import { parseArgs } from 'node:util'
import { readInteger, runCommand, UsageError } from '../arguments.ts'
import { writePcap } from '../write-pcap.ts'
import { BENIGN_CASES, benignCase, benignFrames } from './benign.ts'

const USAGE = `node lab/benign/write.ts CASE FILE [--limit N] [--seed N]
  --limit N         packets per second that are the limit (default 20,000)
  --seed N          the same seed gives the same file (default 1)

cases:
${BENIGN_CASES.map(({ name, title, times, seconds }) => `  ${name.padEnd(14)} ${title}: ${times} times the limit for ${seconds} s`).join('\n')}`

/** Enough for all headers. */
const SNAP_BYTES = 96

await runCommand(USAGE, () => {
  const { values, positionals } = parseArgs({
    options: { limit: { type: 'string', default: '20000' }, seed: { type: 'string', default: '1' } },
    allowPositionals: true,
  })
  const [name, file] = positionals
  if (name === undefined || file === undefined) throw new UsageError('a case and a file are needed')
  const one = benignCase(name)
  if (one === undefined) throw new UsageError(`there is no case "${name}"`)
  const limit = readInteger('--limit', values.limit) ?? 20_000
  if (limit < 100) throw new UsageError('the limit is at least 100')
  const seed = readInteger('--seed', values.seed) ?? 1
  const packets = writePcap(file, benignFrames(one, { limit, seed }), SNAP_BYTES)
  process.stdout.write(`${JSON.stringify({ file, packets })}\n`)
})
