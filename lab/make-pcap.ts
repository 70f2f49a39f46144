// Command: writes scenarios into a pcap file, each with its own rate and beginning.

import { parseArgs } from 'node:util'
import {
  readInteger,
  readScenario,
  runCommand,
  SCENARIO_OPTIONS,
  SCENARIO_USAGE,
  UsageError,
} from './arguments.ts'
import { scenarioTraffic } from './scenario.ts'
import { mergedTimeline, type Piece } from './timeline.ts'
import { writePcap } from './write-pcap.ts'

const USAGE = `node lab/make-pcap.ts FILE PIECE... [--seed N] [--snap BYTES]
  PIECE is a scenario with its options: NAME[,option=value]...
  for example: web,seconds=30 syn-flood,rate=20000,seconds=5,start=10
  start=S           seconds from the beginning of the file
${SCENARIO_USAGE.replaceAll('  --', '    ')}`

await runCommand(USAGE, () => {
  const { values, positionals } = parseArgs({
    options: { seed: { type: 'string' }, snap: { type: 'string' } },
    allowPositionals: true,
  })
  const [file, ...texts] = positionals
  if (file === undefined || texts.length === 0)
    throw new UsageError('a file and at least one scenario are needed')
  const pieces = texts.map(readPiece)
  const seed = readInteger('--seed', values.seed) ?? 1
  const packets = writePcap(file, mergedTimeline(pieces, seed), readInteger('--snap', values.snap))
  process.stdout.write(`${JSON.stringify({ file, packets })}\n`)
})

function readPiece(text: string): Piece {
  const [scenario, ...settings] = text.split(',')
  const values: Record<string, string | undefined> = { scenario }
  for (const setting of settings) {
    const [name = '', value = ''] = setting.split('=')
    if (name !== 'start' && !Object.hasOwn(SCENARIO_OPTIONS, name))
      throw new UsageError(`${text}: there is no option ${name}`)
    values[name] = value
  }
  const { name, changes } = readScenario(values)
  const start = Number(values['start'] ?? 0)
  if (!(start >= 0 && start <= 3600)) throw new UsageError(`${text}: start is 0 to 3600 seconds`)
  return { traffic: scenarioTraffic(name, changes), startSeconds: start }
}
