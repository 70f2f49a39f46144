// How long after the first datagram about a flood the operator's script runs: what exporters keep to themselves is not in it.
//
// The limit is 20,000 packets per second, floods have ten times that. sFlow tells of them in 2,000 samples a second at 1 in
// 100; NetFlow v9 in 30 records each export interval, of which each lasted as long as that. The generator writes down
// when it sends its first datagram, the script when it begins; both read the same clock.

import { setTimeout as delay } from 'node:timers/promises'
import { type ExportsOptions, startExports } from '../lab/exports/exports.ts'
import { DELAY_COLUMNS, type DelaySeries, delayGate, delayRow, delayUntilBan } from './delay-series.ts'
import { TELEMETRY_PORT } from './detector.ts'
import { printGates } from './gate.ts'
import { benchOptions } from './options.ts'
import { GENERATOR_PROCESSOR, onStage, type Stage } from './stage.ts'
import { StampFolder } from './stamp-folder.ts'
import { OURS, PEER, PLAIN, type Start, startsOf } from './starters.ts'
import { printTable } from './table.ts'

const { quick } = benchOptions()
const FLOODS = quick ? 3 : 9
const LIMIT = 20_000
const PACKETS_PER_SECOND = 10 * LIMIT
const NETWORKS = ['10.10.0.0/16']
const SAMPLING = 100
const SFLOW_SECONDS = 5
const INTERVAL_SECONDS = 5
const RECORDS = 30
const LONGEST_PHASE_MILLISECONDS = 1000

interface Case {
  readonly title: string
  readonly exports: ExportsOptions
  /** What the median may be. */
  readonly gateSeconds: number
}

const CASES: readonly Case[] = [
  {
    title: 'sFlow',
    exports: {
      protocol: 'sflow',
      port: TELEMETRY_PORT.sflow,
      rate: PACKETS_PER_SECOND / SAMPLING,
      sampling: SAMPLING,
      seconds: SFLOW_SECONDS,
    },
    gateSeconds: 0.3,
  },
  {
    title: `NetFlow v9 each ${INTERVAL_SECONDS} s`,
    exports: {
      protocol: 'netflow9',
      port: TELEMETRY_PORT.netflow,
      rate: RECORDS / INTERVAL_SECONDS,
      sampling: SAMPLING,
      packets: Math.round((PACKETS_PER_SECOND * INTERVAL_SECONDS) / SAMPLING / RECORDS),
      durationMs: INTERVAL_SECONDS * 1000,
      seconds: 3 * INTERVAL_SECONDS,
    },
    gateSeconds: INTERVAL_SECONDS,
  },
]

async function measureDetector(stage: Stage, start: Start): Promise<DelaySeries[]> {
  using folder = new StampFolder()
  const { script } = folder
  await using detector = await start({
    ...{ stage, networks: NETWORKS, limit: LIMIT, script },
    source: 'telemetry',
  })
  const series: DelaySeries[] = []
  for (const [index, { title, exports }] of CASES.entries()) {
    const delays: (number | undefined)[] = []
    for (let flood = 0; flood < FLOODS; flood++) {
      await delay(Math.random() * LONGEST_PHASE_MILLISECONDS)
      delays.push(await measureFlood(stage, folder, exports, `10.10.${index + 1}.${flood + 1}`))
    }
    series.push({ detector: detector.name, title, delays })
  }
  return series
}

async function measureFlood(
  { lab }: Stage,
  folder: StampFolder,
  exports: ExportsOptions,
  target: string,
): Promise<number | undefined> {
  const stamp = folder.first
  const flood = startExports(lab, { ...exports, target, stamp, processor: GENERATOR_PROCESSOR })
  return await delayUntilBan(flood, folder, target)
}

const all = await onStage(async stage => {
  const found: DelaySeries[] = []
  for (const start of startsOf(OURS, PLAIN, PEER)) found.push(...(await measureDetector(stage, start)))
  return found
})
printTable(
  `from the first datagram about a flood to the script, in seconds, medians of ${FLOODS}`,
  ['exporter', ...DELAY_COLUMNS],
  CASES.flatMap(({ title }) => all.filter(series => series.title === title)).map(series =>
    delayRow(series, all),
  ),
)
printGates(
  CASES.flatMap(({ title, gateSeconds }) =>
    delayGate(all, title, { what: `${title}, flood of 10 times the limit: median`, seconds: gateSeconds }),
  ),
)
