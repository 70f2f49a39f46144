// How long a flood lasts before the operator's script runs, and whom honest traffic gets banned meanwhile.
//
// The generator writes down when it sends its first packet, the script when it begins; both read the same clock. The
// limit is 20,000 packets per second, floods are 10, 3 and 1.25 times that, each on a host of its own, begun at a random
// moment between two ticks. Honest traffic to live detectors comes when it is asked for; its replay is in `detection`.

import { setTimeout as delay } from 'node:timers/promises'
import { BENIGN_CASES } from '../lab/benign/benign.ts'
import { startFlood } from '../lab/flood.ts'
import { BenignFiles, type BenignRun } from './benign-files.ts'
import { liveBenign } from './benign-live.ts'
import { DELAY_COLUMNS, type DelaySeries, delayGate, delayRow, delayUntilBan } from './delay-series.ts'
import { type Gate, printGates } from './gate.ts'
import { benchOptions } from './options.ts'
import { GENERATOR_PROCESSOR, onStage, type Stage } from './stage.ts'
import { StampFolder } from './stamp-folder.ts'
import { OURS, PEER, PLAIN, type Start, startsOf } from './starters.ts'
import { printTable } from './table.ts'

const { quick, benignLiveMinutes } = benchOptions()
const LIMIT = 20_000
const NETWORKS = ['10.10.0.0/16', '2001:db8:10::/48']
const LONGEST_PHASE_MILLISECONDS = 1000
const FLOODS = quick ? 2 : 9

interface Case {
  readonly times: number
  /** The flood ends after so long when nobody has banned its victim. */
  readonly seconds: number
  /** What the median may be. */
  readonly gateSeconds: number
}

const CASES: readonly Case[] = [
  { times: 10, seconds: 5, gateSeconds: 0.3 },
  { times: 3, seconds: 8, gateSeconds: 0.6 },
  { times: 1.25, seconds: 20, gateSeconds: 3 },
]

const titleOf = (times: number): string => `${times} x`

async function measureDetector(stage: Stage, start: Start): Promise<DelaySeries[]> {
  using folder = new StampFolder()
  await using detector = await start({ stage, networks: NETWORKS, limit: LIMIT, script: folder.script })
  const series: DelaySeries[] = []
  for (const [index, one] of CASES.entries()) {
    const delays: (number | undefined)[] = []
    for (let flood = 0; flood < FLOODS; flood++) {
      await delay(Math.random() * LONGEST_PHASE_MILLISECONDS)
      delays.push(await measureFlood(stage, folder, one, `10.10.${index + 1}.${flood + 1}`))
    }
    series.push({ detector: detector.name, title: titleOf(one.times), delays })
  }
  return series
}

async function measureFlood(
  { lab, link }: Stage,
  folder: StampFolder,
  { times, seconds }: Case,
  target: string,
): Promise<number | undefined> {
  const flood = startFlood(lab, link, {
    scenario: 'udp-flood',
    target,
    bytes: 60,
    rate: LIMIT * times,
    seconds,
    processor: GENERATOR_PROCESSOR,
    stamp: folder.first,
  })
  return await delayUntilBan(flood, folder, target)
}

function printBenign(runs: readonly BenignRun[]): void {
  const known = BENIGN_CASES.map(({ host }) => host)
  const cellsOf = (isMeant: (host: string) => boolean) =>
    runs.map(({ banned, rounds }) => `${banned.filter(isMeant).length} in ${rounds}`)
  printTable(
    `honest traffic above the limit of ${LIMIT.toLocaleString('en-US')} packets/s: bans in rounds`,
    ['case', 'x limit', 'seconds', ...runs.map(({ detector }) => detector)],
    [
      ...BENIGN_CASES.map(({ name, times, seconds, host }) => [
        name,
        times,
        seconds,
        ...cellsOf(banned => banned === host),
      ]),
      ['anybody else', '', '', ...cellsOf(banned => !known.includes(banned))],
    ],
  )
}

const benignGates = (runs: readonly BenignRun[]): Gate[] =>
  runs
    .filter(({ detector }) => detector === `${OURS}, live`)
    .map(({ detector, rounds, banned }) => ({
      what: `no ban in honest traffic, ${detector}`,
      measured: `${banned.length} bans in ${rounds} ${rounds === 1 ? 'round' : 'rounds'}`,
      isMet: banned.length === 0,
    }))

async function measureBenign(stage: Stage): Promise<BenignRun[]> {
  if (benignLiveMinutes === 0) return []
  using files = new BenignFiles(LIMIT)
  return await liveBenign(stage, files, LIMIT, NETWORKS, benignLiveMinutes)
}

const { all, benign } = await onStage(async stage => {
  const all: DelaySeries[] = []
  for (const start of startsOf(OURS, PLAIN, PEER)) all.push(...(await measureDetector(stage, start)))
  return { all, benign: await measureBenign(stage) }
})
printTable(
  `from the first packet of a flood to the script, in seconds, medians of ${FLOODS}`,
  ['flood / limit', ...DELAY_COLUMNS],
  CASES.flatMap(({ times }) => all.filter(({ title }) => title === titleOf(times))).map(series =>
    delayRow(series, all),
  ),
)
if (benign.length > 0) printBenign(benign)
printGates([
  ...CASES.flatMap(({ times, gateSeconds }) =>
    delayGate(all, titleOf(times), {
      what: `${times} times the limit: first packet to script`,
      seconds: gateSeconds,
    }),
  ),
  ...benignGates(benign),
])
