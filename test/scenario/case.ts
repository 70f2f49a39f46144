// A scenario: a folder with traffic, a configuration and what is expected of both. Here it is read, and its traffic made.

import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { writePieces } from '../../lab/pieces.ts'
import { pcapngOf } from './pcapng.ts'

export interface Scenario {
  readonly name: string
  readonly folder: string
  /** Name of the configuration file, whose kind decides how it is read. */
  readonly config: string
  /** What `lab/make-pcap.ts` is told: pieces of traffic and options. */
  readonly traffic: readonly string[]
  readonly isPcapng: boolean
}

/** What a replay must say, by file. */
export type Told = Readonly<Record<(typeof TOLD_FILES)[number], string>>

const TOLD_FILES = ['report.txt', 'facts.json', 'calls.txt'] as const
const CONFIG_FILES = ['config.yaml', 'fastnetmon.conf'] as const

/** All scenarios, by name. */
export const SCENARIOS: readonly Scenario[] = readdirSync(import.meta.dirname, { withFileTypes: true })
  .filter(entry => entry.isDirectory())
  .map(entry => readScenario(entry.name))
  .sort((a, b) => (a.name < b.name ? -1 : 1))

export function scenarioNamed(name: string): Scenario {
  const scenario = SCENARIOS.find(candidate => candidate.name === name)
  assert.ok(scenario, `there is a scenario ${name}`)
  return scenario
}

function readScenario(name: string): Scenario {
  const folder = join(import.meta.dirname, name)
  const config = CONFIG_FILES.find(file => existsSync(join(folder, file)))
  assert.ok(config, `${name} has a configuration`)
  const lines = readFileSync(join(folder, 'traffic.txt'), 'utf8').split('\n')
  const words = lines.filter(line => line !== '' && !line.startsWith('#')).flatMap(line => line.split(' '))
  const traffic = words.filter(word => word !== '--pcapng')
  return { name, folder, config, traffic, isPcapng: traffic.length < words.length }
}

/** Writes the traffic of a scenario into a capture file: always the same bytes. */
export function makeCapture({ traffic, isPcapng }: Scenario, file: string): void {
  writePieces([file, ...traffic])
  if (!isPcapng) return
  writeFileSync(`${file}.new`, pcapngOf(readFileSync(file)))
  renameSync(`${file}.new`, file)
}

/** What the folder expects; a missing file expects nothing, so a new scenario fails with all it should say. */
export function expectedOf({ folder }: Scenario): Told {
  const texts = TOLD_FILES.map(file => {
    const path = join(folder, 'expected', file)
    return [file, existsSync(path) ? readFileSync(path, 'utf8') : ''] as const
  })
  return Object.fromEntries(texts) as Told
}

export function rewriteExpected({ folder }: Scenario, told: Told): void {
  mkdirSync(join(folder, 'expected'), { recursive: true })
  for (const file of TOLD_FILES) writeFileSync(join(folder, 'expected', file), told[file])
}
