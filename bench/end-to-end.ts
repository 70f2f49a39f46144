// From start to end of the whole program: how soon it is ready, what memory it takes, how soon it ends.
//
// 65,536 hosts are monitored. Memory is read when nothing has come yet, and again after each host had traffic.

import { setTimeout as delay } from 'node:timers/promises'
import { startFlood } from '../lab/flood.ts'
import { Lab, type Link } from '../lab/namespace.ts'
import { mirrorPlan } from '../lab/plan.ts'
import type { Detector, DetectorOptions } from './detector.ts'
import { hasFastnetmon, startFastnetmon } from './fastnetmon.ts'
import { startFloodwarden } from './floodwarden.ts'
import { printGates } from './gate.ts'
import { MetricsReader } from './metrics-reader.ts'
import { benchOptions } from './options.ts'
import { residentMegabytes } from './process-usage.ts'
import { median } from './statistics.ts'
import { printTable } from './table.ts'

const { quick } = benchOptions()
const ROUNDS = quick ? 1 : 5
const NETWORK = '10.10.0.0/16'
/** Sixteen for each host: a random draw leaves out about one in nine million. */
const TOUCHING_PACKETS = 1 << 20
/** Longer than the product takes to give back what only its start needed. */
const SETTLE_MILLISECONDS = 4000
const READY_GATE_SECONDS = 1
const END_GATE_SECONDS = 5

type Start = (options: DetectorOptions) => Promise<Detector>
const STARTS: readonly Start[] = [
  startFloodwarden,
  ...(hasFastnetmon()
    ? [(options: DetectorOptions) => startFastnetmon({ ...options, tracking: false })]
    : []),
]

interface Life {
  readonly detector: string
  readonly startSeconds: number
  readonly idle: number
  readonly touched: number
  readonly most: number
  readonly endSeconds: number
}

async function live(lab: Lab, link: Link, reader: MetricsReader, start: Start): Promise<Life> {
  const detector = await start({ lab, reader, interface: link.to.interface, networks: [NETWORK] })
  await delay(SETTLE_MILLISECONDS)
  const idle = residentMegabytes(detector.pid).now
  await startFlood(lab, link, {
    scenario: 'throughput-60',
    mode: 'burst',
    rate: 'max',
    packets: TOUCHING_PACKETS,
    target: NETWORK,
    seconds: 30,
  }).sent
  await detector.settled()
  await delay(SETTLE_MILLISECONDS)
  const { now: touched, most } = residentMegabytes(detector.pid)
  const began = performance.now()
  await detector[Symbol.asyncDispose]()
  const endSeconds = (performance.now() - began) / 1000
  return { detector: detector.name, startSeconds: detector.startSeconds, idle, touched, most, endSeconds }
}

const lives: Life[] = []
{
  await using lab = await Lab.create(mirrorPlan())
  const [link] = lab.links
  const reader = new MetricsReader(lab)
  for (let round = 0; round < ROUNDS; round++) {
    for (const start of STARTS) if (link) lives.push(await live(lab, link, reader, start))
  }
}
const middle = [...Map.groupBy(lives, life => life.detector)].map(([detector, found]) => {
  const of = (read: (life: Life) => number) => median(found.map(read))
  return {
    detector,
    startSeconds: of(life => life.startSeconds),
    idle: of(life => life.idle),
    touched: of(life => life.touched),
    most: of(life => life.most),
    endSeconds: of(life => life.endSeconds),
  }
})
printTable(
  `a life with 65,536 monitored hosts, ${ROUNDS} rounds`,
  ['detector', 'ready s', 'idle MiB', 'all hosts touched MiB', 'most MiB', 'end s'],
  middle.map(({ detector, startSeconds, idle, touched, most, endSeconds }) => [
    detector,
    startSeconds,
    Math.round(idle),
    Math.round(touched),
    Math.round(most),
    detector.startsWith('FastNetMon') ? 'killed' : endSeconds.toFixed(2),
  ]),
)
const [ours] = middle
if (ours) {
  printGates([
    {
      what: `ready within ${READY_GATE_SECONDS} s`,
      measured: `${ours.startSeconds.toFixed(2)} s`,
      isMet: ours.startSeconds <= READY_GATE_SECONDS,
    },
    {
      what: `ended within ${END_GATE_SECONDS} s of SIGTERM`,
      measured: `${ours.endSeconds.toFixed(2)} s`,
      isMet: ours.endSeconds <= END_GATE_SECONDS,
    },
  ])
}
