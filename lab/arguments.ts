// Reads what the lab's commands have in common from the command line.

import { parsePrefix } from '#lib/ip/prefix.ts'
import { isScenarioName, SCENARIOS, type ScenarioChanges, type ScenarioName } from './scenario.ts'
import type { FrameSize, Traffic } from './traffic.ts'

/** Exit codes of the lab's commands. */
export const EXIT = { done: 0, failed: 1, usage: 2 } as const

/** What was wrong with the command line, in words for the one who typed it. */
export class UsageError extends Error {}

/** The options that choose and change a scenario, for `parseArgs` of node:util. */
export const SCENARIO_OPTIONS = {
  scenario: { type: 'string' },
  rate: { type: 'string' },
  seconds: { type: 'string' },
  packets: { type: 'string' },
  target: { type: 'string' },
  sources: { type: 'string' },
  bytes: { type: 'string' },
  seed: { type: 'string', default: '1' },
} as const

export const SCENARIO_USAGE = `  --scenario NAME   one of those below
  --rate N|max      packets per second
  --seconds S       at most 120
  --packets N       end after so many packets
  --target PREFIX   address or prefix to send to (of the scenario's family)
  --sources PREFIX  prefix to draw source addresses from
  --bytes N|imix    frame length without check sequence
  --seed N          the same seed gives the same frames (default 1)

scenarios:
${Object.entries(SCENARIOS)
  .map(([name, { title }]) => `  ${name.padEnd(22)}${title}`)
  .join('\n')}`

type Values = { readonly [Name in keyof typeof SCENARIO_OPTIONS]?: string | undefined }

/** The scenario's name and changes; throws `UsageError`. */
export function readScenario(values: Values): { name: ScenarioName; changes: ScenarioChanges; seed: number } {
  const name = values.scenario ?? ''
  if (!isScenarioName(name)) throw new UsageError(`--scenario: there is no scenario "${name}"`)
  return {
    name,
    changes: {
      rate: readRate(values.rate),
      seconds: readNumber('--seconds', values.seconds),
      packets: readInteger('--packets', values.packets),
      target: readPrefix('--target', values.target),
      sources: readPrefix('--sources', values.sources),
      bytes: readFrameSize(values.bytes),
    },
    seed: readInteger('--seed', values.seed) ?? 1,
  }
}

function readRate(text: string | undefined): Traffic['rate'] | undefined {
  return text === 'max' ? 'max' : readNumber('--rate', text)
}

function readFrameSize(text: string | undefined): FrameSize | undefined {
  if (text === 'imix') return 'imix'
  const bytes = readInteger('--bytes', text)
  if (bytes !== undefined && (bytes < 60 || bytes > 9014))
    throw new UsageError('--bytes: 60 to 9014, or imix')
  return bytes
}

function readNumber(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const number = Number(text)
  if (text === '' || !Number.isFinite(number) || number <= 0)
    throw new UsageError(`${option}: ${text} is not a number above 0`)
  return number
}

export function readInteger(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (!/^\d{1,15}$/.test(text)) throw new UsageError(`${option}: ${text} is not a whole number`)
  return Number(text)
}

function readPrefix(option: string, text: string | undefined): string | undefined {
  if (text !== undefined && parsePrefix(text) === undefined)
    throw new UsageError(`${option}: ${text} is not a prefix`)
  return text
}

/** Runs a command and turns its failure into a message and an exit code, without stack traces. */
export async function runCommand(usage: string, command: () => void | Promise<void>): Promise<void> {
  try {
    if (process.argv.includes('--help')) process.stdout.write(`${usage}\n`)
    else await command()
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    const isUsage = error instanceof UsageError || (error instanceof TypeError && 'code' in error)
    process.stderr.write(`${message}\n${isUsage ? `\n${usage}\n` : ''}`)
    process.exitCode = isUsage ? EXIT.usage : EXIT.failed
  }
}
