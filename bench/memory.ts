// What many hosts take: 1,048,576 of them under traffic, 65,536 and a whole /8 without any.
//
// All million hosts have traffic before anything is read; then come two floods over all of them, a million packets a
// second and as many as the generator can. Ticks and full passes are read from the daemon's own metrics about twice a
// second, FastNetMon's recalculation likewise. Memory includes the rings of captured packets.

import { setTimeout as delay } from 'node:timers/promises'
import { type FloodOptions, startFlood } from '../lab/flood.ts'
import { COUNTED, type Detector } from './detector.ts'
import { atMost, type Gate, printGates } from './gate.ts'
import { type Life, live, middleLives } from './life.ts'
import type { Metrics } from './metrics-reader.ts'
import { benchOptions } from './options.ts'
import { peerPassOf } from './peer-pass.ts'
import { residentMegabytes } from './process-usage.ts'
import { GENERATOR_PROCESSOR, onStage, type Stage } from './stage.ts'
import { type DetectorName, isPeer, OURS, PEER, type Start, startsOf } from './starters.ts'
import { median } from './statistics.ts'
import { type Cell, printTable } from './table.ts'

const { quick } = benchOptions()
const HOSTS = 1_048_576
const MILLION = '10.16.0.0/12'
const FLOOD_SECONDS = quick ? 6 : 30
const IDLE_ROUNDS = quick ? 1 : 3
/** Sixteen for each host: a random draw leaves out about one in nine million. */
const TOUCHING_PACKETS = 16 * HOSTS
const LOOK_MILLISECONDS = 450
const MILLISECONDS = 1000

/** Networks without traffic, and who watches them: FastNetMon reserves memory for each host of a /8 at its start. */
const IDLE: readonly (readonly [network: string, detectors: readonly DetectorName[]])[] = [
  ['10.10.0.0/16', [OURS, PEER]],
  ['10.0.0.0/8', [OURS]],
]

const GATES = {
  millionMegabytes: 600,
  tickMilliseconds: 50,
  passMilliseconds: 250,
  wideSeconds: 1,
  wideMegabytes: 150,
} as const

interface Looks {
  readonly detector: string
  readonly offered: string
  readonly pps: number
  readonly lostPercent: number
  readonly hosts: number
  readonly megabytes: number
  /** Milliseconds, those of full passes left out. */
  readonly ticks: readonly number[]
  readonly passes: readonly number[]
  readonly tickInterval: number
  readonly share: number
}

const floodOf = (rate: number | 'max'): FloodOptions => ({
  scenario: 'throughput-60',
  mode: 'burst',
  rate,
  target: MILLION,
  seconds: FLOOD_SECONDS,
  processor: GENERATOR_PROCESSOR,
})

async function measureMillion(stage: Stage, start: Start): Promise<Looks[]> {
  await using detector = await start({ stage, networks: [MILLION] })
  const touching = { ...floodOf('max'), seconds: 60, packets: TOUCHING_PACKETS }
  await startFlood(stage.lab, stage.link, touching).sent
  await detector.settled()
  return [
    await lookAt(stage, detector, 1_000_000, '1,000,000'),
    await lookAt(stage, detector, 'max', 'maximum'),
  ]
}

/** Floods all hosts and looks at the detector meanwhile. */
async function lookAt(
  stage: Stage,
  detector: Detector,
  rate: number | 'max',
  offered: string,
): Promise<Looks> {
  const before = await detector.settled()
  const flood = startFlood(stage.lab, stage.link, floodOf(rate))
  let isOver = false
  const over = flood.sent.finally(() => (isOver = true))
  // A rejection is thrown where it is awaited below.
  over.catch(() => {})
  const pages: Metrics[] = []
  while (!isOver) {
    await delay(LOOK_MILLISECONDS)
    pages.push(await detector.metrics())
  }
  const sent = await over
  const megabytes = residentMegabytes(detector.pid).now
  const after = await detector.settled()
  const counted = (after.get(COUNTED) ?? Number.NaN) - (before.get(COUNTED) ?? Number.NaN)
  // At first it has not seen a second of the flood, and the last look may be after it.
  const during = pages.slice(3, -1)
  return {
    detector: detector.name,
    offered,
    pps: sent.pps,
    lostPercent: 100 * (1 - counted / sent.sent),
    megabytes,
    ...loopFactsOf(detector.name, during),
  }
}

function loopFactsOf(
  detector: string,
  pages: readonly Metrics[],
): Pick<Looks, 'hosts' | 'ticks' | 'passes' | 'tickInterval' | 'share'> {
  const all = (name: string) => pages.map(page => page.get(name) ?? Number.NaN)
  const last = (name: string) => pages.at(-1)?.get(name) ?? Number.NaN
  if (isPeer(detector))
    return {
      hosts: HOSTS,
      ticks: [],
      passes: pages.map(peerPassOf),
      tickInterval: Number.NaN,
      share: Number.NaN,
    }
  const passes = all('floodwarden_pass_seconds')
  return {
    hosts: last('floodwarden_hosts'),
    // A tick that took exactly as long as the last full pass was it.
    ticks: all('floodwarden_tick_seconds')
      .filter((seconds, look) => seconds !== passes[look])
      .map(seconds => seconds * MILLISECONDS),
    passes: passes.map(seconds => seconds * MILLISECONDS),
    tickInterval: last('floodwarden_tick_interval_seconds'),
    share: last('floodwarden_tick_share'),
  }
}

const middleOf = (values: readonly number[]): number => (values.length === 0 ? Number.NaN : median(values))
const mostOf = (values: readonly number[]): number => (values.length === 0 ? Number.NaN : Math.max(...values))
const cellOf = (value: number): Cell => (Number.isNaN(value) ? '-' : value)

const rowOf = (looks: Looks): Cell[] => [
  looks.offered,
  looks.detector,
  Math.round(looks.pps),
  looks.lostPercent,
  looks.hosts,
  Math.round(looks.megabytes),
  cellOf(middleOf(looks.ticks)),
  cellOf(mostOf(looks.ticks)),
  cellOf(middleOf(looks.passes)),
  cellOf(mostOf(looks.passes)),
  cellOf(looks.tickInterval),
  cellOf(looks.share),
]

const millionGates = (looks: Looks): Gate[] => {
  const what = `${HOSTS.toLocaleString('en-US')} hosts, ${looks.offered} pps:`
  return [
    atMost(`${what} memory with the ring`, looks.megabytes, GATES.millionMegabytes, 'MB'),
    ...tickGates(what, looks),
    atMost(`${what} median full pass`, middleOf(looks.passes), GATES.passMilliseconds, 'ms'),
    atMost(`${what} worst full pass seen`, mostOf(looks.passes), GATES.passMilliseconds, 'ms'),
  ]
}

function tickGates(what: string, { ticks, tickInterval }: Looks): Gate[] {
  const bound = GATES.tickMilliseconds
  if (ticks.length === 0) {
    const measured = `all were full passes: ticks had lengthened to ${tickInterval} s`
    return [{ what: `${what} tick at most ${bound} ms`, measured, isMet: false }]
  }
  return [
    atMost(`${what} median tick`, middleOf(ticks), bound, 'ms'),
    atMost(`${what} worst tick seen`, mostOf(ticks), bound, 'ms'),
  ]
}

const wideGates = ({ startSeconds, idle }: Life): Gate[] => [
  atMost('a /8 without traffic: ready', startSeconds, GATES.wideSeconds, 's'),
  atMost('a /8 without traffic: memory', idle, GATES.wideMegabytes, 'MB'),
]

async function measureIdle(stage: Stage): Promise<(Life & { readonly network: string })[]> {
  const all: (Life & { readonly network: string })[] = []
  for (const [network, detectors] of IDLE) {
    const lives: Life[] = []
    for (let round = 0; round < IDLE_ROUNDS; round++)
      for (const start of startsOf(...detectors)) lives.push(await live(stage, start, network))
    all.push(...middleLives(lives).map(life => ({ network, ...life })))
  }
  return all
}

const { idle, million } = await onStage(async stage => {
  const idle = await measureIdle(stage)
  const million: Looks[] = []
  for (const start of startsOf(OURS, PEER)) million.push(...(await measureMillion(stage, start)))
  return { idle, million }
})
printTable(
  `without traffic, medians of ${IDLE_ROUNDS}`,
  ['monitored', 'detector', 'ready s', 'idle MB'],
  idle.map(life => [life.network, life.detector, life.startSeconds, Math.round(life.idle)]),
)
printTable(
  `${HOSTS.toLocaleString('en-US')} active hosts, ${FLOOD_SECONDS} s; a pass is FastNetMon's recalculation`,
  [
    'offered pps',
    'detector',
    'sent pps',
    'lost %',
    'hosts',
    'RSS MB',
    'tick ms',
    'worst',
    'pass ms',
    'worst pass',
    'tick s',
    'share of a core',
  ],
  million.map(rowOf),
)
printGates([
  ...idle.filter(life => life.network === '10.0.0.0/8').flatMap(wideGates),
  ...million.filter(({ detector }) => detector === OURS).flatMap(millionGates),
])
