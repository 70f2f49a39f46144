// Pieces of traffic in a pcap file: scenarios as words say them, each with its own rate and beginning.

import { parseArgs } from 'node:util'
import { readInteger, readScenario, SCENARIO_OPTIONS, UsageError } from './arguments.ts'
import { scenarioTraffic } from './scenario.ts'
import { mergedTimeline, type Piece } from './timeline.ts'
import { writePcap } from './write-pcap.ts'

/** The words of `lab/make-pcap.ts`. The same words make the same file. Throws `UsageError`. */
export function writePieces(words: readonly string[]): { readonly file: string; readonly packets: number } {
  const { values, positionals } = parseArgs({
    args: [...words],
    options: { seed: { type: 'string' }, snap: { type: 'string' } },
    allowPositionals: true,
  })
  const [file, ...texts] = positionals
  if (file === undefined || texts.length === 0)
    throw new UsageError('a file and at least one scenario are needed')
  const pieces = texts.map(readPiece)
  const seed = readInteger('--seed', values.seed) ?? 1
  const packets = writePcap(file, mergedTimeline(pieces, seed), readInteger('--snap', values.snap))
  return { file, packets }
}

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
