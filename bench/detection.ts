// How soon a flood is banned, and whom a detector bans by mistake: our budget, its plain mode, and FastNetMon by its formula.
//
// Vectors and honest traffic of the lab are replayed through the real engine. Plain mode decides as FastNetMon does
// (test/differential proves it), so its bans in honest traffic are FastNetMon's. Gates hold at 10, 3 and 1.25 times the limit.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { OpenAttack } from '#4-detection/attack.ts'
import { configSchema, type ResolvedConfig } from '#app/config/config.ts'
import { ReplayRun } from '#app/replay/replay-run.ts'
import { BENIGN_CASES, benignFrames } from '../lab/benign/benign.ts'
import { caseOf, timedFramesOf, VECTOR_CASES } from '../lab/vectors/vectors.ts'
import { FILE_START_SECONDS, writePcap } from '../lab/write-pcap.ts'
import { type Gate, printGates } from './gate.ts'
import { benchOptions } from './options.ts'
import { median } from './statistics.ts'
import { type Cell, printTable } from './table.ts'

const { quick } = benchOptions()
/** Rates are what they are to the limit: floods are made at a tenth of the rate the gates are set for. */
const FLOOD_LIMIT = 2000
const BENIGN_LIMIT = quick ? 2000 : 20_000
const MODES = ['budget', 'plain'] as const
const AVERAGE_SECONDS = 5

/** The flood lasts longer than FastNetMon needs; the gate is for the script, which a tick and its start separate from the ban. */
const STEPS = [
  { times: 10, seconds: 3, gateSeconds: 0.3 },
  { times: 3, seconds: 5, gateSeconds: 0.6 },
  { times: 1.25, seconds: 13, gateSeconds: 3 },
] as const

const QUICK_VECTORS = [
  'dns-amplification',
  'syn-flood',
  'udp-flood',
  'ack-flood',
  'icmp-echo-flood',
  'fragment-flood',
]
const VECTORS = VECTOR_CASES.filter(
  ({ direction, vector }) => direction === undefined && (!quick || QUICK_VECTORS.includes(vector)),
)
const SNAP_BYTES = 128

const folder = mkdtempSync(join(tmpdir(), 'floodwarden-detection-'))
const file = join(folder, 'capture.pcap')

function configOf(mode: (typeof MODES)[number], packetsPerSecond: number): ResolvedConfig {
  const networks = ['10.10.0.0/16', '2001:db8:10::/48']
  const detection = {
    mode,
    banSeconds: 5,
    prefixes: { enabled: false },
    thresholds: { incoming: { packetsPerSecond }, outgoing: {} },
  }
  const config = configSchema.parse({ networks, detection, traffic: { hostsMax: 1024 } })
  return { ...config, networks }
}

/** Attacks that open in the file; those that are named again with their last name. */
async function attacksIn(config: ResolvedConfig): Promise<OpenAttack[]> {
  const attacks = new Map<string, OpenAttack>()
  const run = new ReplayRun({
    file,
    config,
    factor: undefined,
    tell: async events => {
      for (const event of events) {
        if (event.kind === 'opened') attacks.set(event.attack.id, event.attack)
        if (event.kind === 'evidence' && event.named) attacks.set(event.attackId, event.named)
      }
    },
  })
  await run.run()
  return [...attacks.values()]
}

const sinceStart = ({ openedAt }: OpenAttack): number => openedAt / 1000 - FILE_START_SECONDS

/** Seconds from the first packet to the ban by vector and mode; `undefined` when there was none. */
interface Found {
  readonly times: number
  readonly mode: (typeof MODES)[number]
  readonly vector: string
  readonly seconds: number | undefined
  readonly isNamed: boolean
}

async function floods(): Promise<Found[]> {
  const found: Found[] = []
  for (const { vector } of VECTORS) {
    const maker = caseOf(vector)?.attack
    if (maker === undefined) continue
    for (const { times, seconds } of STEPS) {
      const rate = FLOOD_LIMIT * times
      writePcap(file, timedFramesOf(maker, { packets: rate * seconds, rate }), SNAP_BYTES)
      for (const mode of MODES) {
        const [first] = await attacksIn(configOf(mode, FLOOD_LIMIT))
        const isNamed = first?.finding?.parts[0]?.vector === vector
        found.push({ times, mode, vector, seconds: first && sinceStart(first), isNamed })
      }
    }
  }
  return found
}

/** Bans in each case of honest traffic, by mode. */
async function honest(): Promise<{ rows: Cell[][]; bans: number }> {
  const rows: Cell[][] = []
  let bans = 0
  for (const one of BENIGN_CASES) {
    const packets = writePcap(file, benignFrames(one, { limit: BENIGN_LIMIT }), SNAP_BYTES)
    const [ours, plain] = [
      await attacksIn(configOf('budget', BENIGN_LIMIT)),
      await attacksIn(configOf('plain', BENIGN_LIMIT)),
    ]
    bans += ours.length
    rows.push([one.name, `${one.times} x for ${one.seconds} s`, packets, ours.length, plain.length])
  }
  return { rows, bans }
}

const secondsOf = (found: readonly Found[], mode: Found['mode'], times: number): number[] =>
  found.flatMap(one =>
    one.mode === mode && one.times === times && one.seconds !== undefined ? [one.seconds] : [],
  )

/** FastNetMon's average of T seconds crosses after T ln(r / (r - 1)); it looks once a second. */
const byFormula = (times: number): string => {
  const seconds = AVERAGE_SECONDS * Math.log(times / (times - 1))
  return `${seconds.toFixed(2)} to ${(seconds + 1).toFixed(2)}`
}

try {
  const found = await floods()
  printTable(
    `from the first packet to the ban, in seconds, ${VECTORS.length} vectors`,
    ['flood / limit', 'mode', 'found', 'median s', 'most s', 'FastNetMon by formula', 'named right'],
    STEPS.flatMap(({ times }) =>
      MODES.map((mode): Cell[] => {
        const seconds = secondsOf(found, mode, times)
        const named = found.filter(one => one.mode === mode && one.times === times && one.isNamed).length
        const figures = seconds.length === 0 ? ['-', '-'] : [median(seconds), Math.max(...seconds)]
        return [
          `${times} x`,
          mode,
          `${seconds.length} of ${VECTORS.length}`,
          ...figures,
          byFormula(times),
          `${named}`,
        ]
      }),
    ),
  )
  const { rows, bans } = await honest()
  printTable(
    `bans in honest traffic, limit ${BENIGN_LIMIT} packets per second`,
    ['case', 'over the limit', 'packets', 'ours', "plain, as FastNetMon's"],
    rows,
  )
  const gates: Gate[] = STEPS.map(({ times, gateSeconds }) => {
    const seconds = secondsOf(found, 'budget', times)
    const most = Math.max(...seconds)
    const isMet = seconds.length === VECTORS.length && most <= gateSeconds
    return {
      what: `each vector at ${times} x within ${gateSeconds} s`,
      measured: `${most.toFixed(2)} s`,
      isMet,
    }
  })
  printGates([...gates, { what: 'no ban in honest traffic', measured: `${bans} bans`, isMet: bans === 0 }])
} finally {
  rmSync(folder, { recursive: true, force: true })
}
