// From start to end of the whole program: how soon it is ready, what memory it takes, how soon it ends.
//
// 65,536 hosts are monitored, and then 1,048,576. Memory is read when nothing has come yet, and again after the hosts had
// traffic.

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
/** Packets that touch the hosts, drawn at random: sixteen for each leave out one in nine million, eight one in three thousand. */
const SIZES = [
  { hosts: 65_536, network: '10.10.0.0/16', packets: 1 << 20 },
  { hosts: 1_048_576, network: '10.16.0.0/12', packets: 1 << 23 },
] as const
type Size = (typeof SIZES)[number]
const MILLION_GATE_MEGABYTES = 600
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
  readonly hosts: number
  readonly detector: string
  readonly startSeconds: number
  readonly idle: number
  readonly touched: number
  readonly most: number
  readonly endSeconds: number
}

async function live(
  lab: Lab,
  link: Link,
  reader: MetricsReader,
  start: Start,
  { hosts, network, packets }: Size,
): Promise<Life> {
  const detector = await start({ lab, reader, interface: link.to.interface, networks: [network] })
  await delay(SETTLE_MILLISECONDS)
  const idle = residentMegabytes(detector.pid).now
  await startFlood(lab, link, {
    scenario: 'throughput-60',
    mode: 'burst',
    rate: 'max',
    packets,
    target: network,
    seconds: 30,
  }).sent
  await detector.settled()
  await delay(SETTLE_MILLISECONDS)
  const { now: touched, most } = residentMegabytes(detector.pid)
  const began = performance.now()
  await detector[Symbol.asyncDispose]()
  const endSeconds = (performance.now() - began) / 1000
  const { name, startSeconds } = detector
  return { detector: name, hosts, startSeconds, idle, touched, most, endSeconds }
}

const lives: Life[] = []
{
  await using lab = await Lab.create(mirrorPlan())
  const [link] = lab.links
  const reader = new MetricsReader(lab)
  for (let round = 0; round < ROUNDS; round++) {
    for (const size of SIZES) {
      for (const start of STARTS) if (link) lives.push(await live(lab, link, reader, start, size))
    }
  }
}
const middle = [...Map.groupBy(lives, ({ detector, hosts }) => `${hosts} ${detector}`).values()].map(
  found => {
    const of = (read: (life: Life) => number) => median(found.map(read))
    return {
      detector: found[0]?.detector ?? '',
      hosts: of(life => life.hosts),
      startSeconds: of(life => life.startSeconds),
      idle: of(life => life.idle),
      touched: of(life => life.touched),
      most: of(life => life.most),
      endSeconds: of(life => life.endSeconds),
    }
  },
)
printTable(
  `a life, ${ROUNDS} rounds`,
  ['hosts', 'detector', 'ready s', 'idle MiB', 'all hosts touched MiB', 'most MiB', 'end s'],
  middle.map(({ hosts, detector, startSeconds, idle, touched, most, endSeconds }) => [
    hosts,
    detector,
    startSeconds,
    Math.round(idle),
    Math.round(touched),
    Math.round(most),
    detector.startsWith('FastNetMon') ? 'killed' : endSeconds.toFixed(2),
  ]),
)
const [ours, million] = middle.filter(({ detector }) => detector === 'Floodwarden')
if (ours && million) {
  printGates([
    {
      what: `ready within ${READY_GATE_SECONDS} s`,
      measured: `${ours.startSeconds.toFixed(2)} s`,
      isMet: ours.startSeconds <= READY_GATE_SECONDS,
    },
    {
      what: `${MILLION_GATE_MEGABYTES} MiB or less with 1,048,576 active hosts`,
      measured: `${Math.round(million.touched)} MiB`,
      isMet: million.touched <= MILLION_GATE_MEGABYTES,
    },
    {
      what: `ended within ${END_GATE_SECONDS} s of SIGTERM`,
      measured: `${ours.endSeconds.toFixed(2)} s`,
      isMet: ours.endSeconds <= END_GATE_SECONDS,
    },
  ])
}
