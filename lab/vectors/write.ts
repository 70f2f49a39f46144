// Command: writes a vector, its nearest honest neighbour, or all vectors one after the other into a pcap file.

import { parseArgs } from 'node:util'
import { readInteger, runCommand, UsageError } from '../arguments.ts'
import { writeVectors } from './capture.ts'
import { VECTOR_CASES } from './vectors.ts'

const USAGE = `node lab/vectors/write.ts VECTOR|all FILE [--honest] [--packets N] [--rate N] [--seed N]
  --honest          the honest traffic that looks most like the vector
  --packets N       of each vector, at most 1,000,000 (default 20,000)
  --rate N          packets per second (default 20,000)
  --seed N          the same seed gives the same file (default 1)

vectors:
${[...new Set(VECTOR_CASES.map(({ vector }) => vector))].map(name => `  ${name}`).join('\n')}`

await runCommand(USAGE, () => {
  const { values, positionals } = parseArgs({
    options: {
      honest: { type: 'boolean', default: false },
      packets: { type: 'string', default: '20000' },
      rate: { type: 'string', default: '20000' },
      seed: { type: 'string', default: '1' },
    },
    allowPositionals: true,
  })
  const [vector, file] = positionals
  if (vector === undefined || file === undefined) throw new UsageError('a vector and a file are needed')
  const packets = writeVectors(file, {
    ...{ vector, isHonest: values.honest },
    packets: readInteger('--packets', values.packets) ?? 0,
    rate: readInteger('--rate', values.rate) ?? 0,
    seed: readInteger('--seed', values.seed) ?? 1,
  })
  process.stdout.write(`${JSON.stringify({ file, packets })}\n`)
})
