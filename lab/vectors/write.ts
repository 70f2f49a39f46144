// Command: writes a vector, its nearest honest neighbour, or all vectors one after the other into a pcap file.

import { parseArgs } from 'node:util'
import { readInteger, runCommand, UsageError } from '../arguments.ts'
import type { TimedFrame } from '../timeline.ts'
import { writePcap } from '../write-pcap.ts'
import type { PacketMaker } from './packet.ts'
import { caseOf, timedFramesOf, VECTOR_CASES } from './vectors.ts'

const USAGE = `node lab/vectors/write.ts VECTOR|all FILE [--honest] [--packets N] [--rate N] [--seed N]
  --honest          the honest traffic that looks most like the vector
  --packets N       of each vector, at most 1,000,000 (default 20,000)
  --rate N          packets per second (default 20,000)
  --seed N          the same seed gives the same file (default 1)

vectors:
${[...new Set(VECTOR_CASES.map(({ vector }) => vector))].map(name => `  ${name}`).join('\n')}`

const PACKETS_MAX = 1_000_000
/** A minute lies between two of them, so that each is an attack of its own. */
const PAUSE_NANOS = 60e9

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
  const [name, file] = positionals
  if (name === undefined || file === undefined) throw new UsageError('a vector and a file are needed')
  const packets = readInteger('--packets', values.packets) ?? 0
  const rate = readInteger('--rate', values.rate) ?? 0
  if (packets < 1 || packets > PACKETS_MAX || rate < 1)
    throw new UsageError('packets and rate are at least 1')
  const seed = readInteger('--seed', values.seed) ?? 1
  const made = { packets, rate, seed }
  const written = writePcap(file, inTurn(makersOf(name, values.honest), made))
  process.stdout.write(`${JSON.stringify({ file, packets: written })}\n`)
})

function makersOf(name: string, isHonest: boolean): PacketMaker[] {
  const one = caseOf(name)
  if (name !== 'all' && one === undefined) throw new UsageError(`there is no vector "${name}"`)
  const cases = one === undefined ? VECTOR_CASES : [one]
  return cases.map(({ attack, neighbour }) => (isHonest ? neighbour.packets : attack))
}

function* inTurn(
  makers: readonly PacketMaker[],
  made: { readonly packets: number; readonly rate: number; readonly seed: number },
): Generator<TimedFrame> {
  let start = 0
  for (const maker of makers) {
    let last = start
    for (const { nanos, bytes } of timedFramesOf(maker, made)) {
      last = start + nanos
      yield { nanos: last, bytes }
    }
    start = last + PAUSE_NANOS
  }
}
