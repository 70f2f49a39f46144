// Live capture: what Floodwarden and FastNetMon lose and spend on the same traffic, one after the other, in rounds.
//
// Detectors run in a namespace of their own at the end of a virtual cable, as their users start them. Processor time is
// that of all threads of the detector, less what it spends when nothing comes; the kernel's work for a packet is done
// where it arrives, on the generator's processor, and is not in it. Figures are medians of the rounds.

import { setTimeout as delay } from 'node:timers/promises'
import { type FloodOptions, startFlood } from '../lab/flood.ts'
import { Lab, type Link } from '../lab/namespace.ts'
import { mirrorPlan } from '../lab/plan.ts'
import { COUNTED, type Detector, type DetectorOptions } from './detector.ts'
import { hasFastnetmon, startFastnetmon } from './fastnetmon.ts'
import { startFloodwarden } from './floodwarden.ts'
import { type Gate, printGates } from './gate.ts'
import { MetricsReader } from './metrics-reader.ts'
import { benchOptions } from './options.ts'
import { processorNanos, residentMegabytes } from './process-usage.ts'
import { median } from './statistics.ts'
import { type Cell, printTable } from './table.ts'

const { quick } = benchOptions()
const ROUNDS = quick ? 1 : 3
const FLOOD_SECONDS = quick ? 2 : 5
const IDLE_SECONDS = quick ? 1.5 : 3
/** Code is compiled and memory touched before anything is measured. */
const WARM_UP_PACKETS = 1_000_000
/** Floodwarden asks the kernel once a second what it dropped. */
const DROPS_MILLISECONDS = 1100
/** After the last packet a detector has something to do for a while. */
const CALM_MILLISECONDS = 2500
const GENERATOR_PROCESSOR = 0
const NETWORK = '10.10.0.0/16'
const MAXIMUM = 'maximum'

interface Load {
  readonly victims: number
  readonly offered: string
  readonly flood: FloodOptions
}

const VICTIMS = [
  [256, '10.10.1.0/24'],
  [65_536, NETWORK],
] as const
const RATES = quick ? ([500_000, MAXIMUM] as const) : ([100_000, 250_000, 500_000, MAXIMUM] as const)

const loadOf = (victims: number, target: string, rate: number | typeof MAXIMUM): Load => ({
  victims,
  offered: typeof rate === 'number' ? rate.toLocaleString('en-US') : rate,
  flood: {
    scenario: 'throughput-60',
    target,
    processor: GENERATOR_PROCESSOR,
    ...(rate === MAXIMUM ? { mode: 'burst', rate: 'max' } : { mode: 'smooth', rate }),
  },
})

const OURS = 'Floodwarden'
type Start = (options: DetectorOptions) => Promise<Detector>
const STARTS: readonly Start[] = [
  startFloodwarden,
  ...(hasFastnetmon()
    ? [false, true].map(tracking => (options: DetectorOptions) => startFastnetmon({ ...options, tracking }))
    : []),
]
const PEER = 'FastNetMon, tracking off'

/** One flood, as one detector saw it. */
interface Run {
  readonly detector: string
  readonly load: Load
  readonly packetsPerSecond: number
  readonly lostPercent: number
  readonly drops: number
  readonly nanosPerPacket: number
  readonly cores: number
  readonly megabytes: number
}

async function measureDetector(lab: Lab, link: Link, reader: MetricsReader, start: Start): Promise<Run[]> {
  await using detector = await start({ lab, reader, interface: link.to.interface, networks: [NETWORK] })
  const runs: Run[] = []
  for (const [victims, target] of VICTIMS) {
    const warmUp = loadOf(victims, target, MAXIMUM).flood
    await startFlood(lab, link, { ...warmUp, seconds: 20, packets: WARM_UP_PACKETS }).sent
    await detector.settled()
    await delay(CALM_MILLISECONDS)
    const idle = await idleCores(detector.pid)
    for (const rate of RATES)
      runs.push(await measureFlood(lab, link, detector, loadOf(victims, target, rate), idle))
  }
  return runs
}

/** Share of a core that the detector uses when nothing comes. */
async function idleCores(pid: number): Promise<number> {
  const [spent, began] = [processorNanos(pid), performance.now()]
  await delay(IDLE_SECONDS * 1000)
  return (processorNanos(pid) - spent) / 1e6 / (performance.now() - began)
}

async function measureFlood(
  lab: Lab,
  link: Link,
  detector: Detector,
  load: Load,
  idle: number,
): Promise<Run> {
  const before = await detector.settled()
  const [spent, began] = [processorNanos(detector.pid), performance.now()]
  const sent = await startFlood(lab, link, { ...load.flood, seconds: FLOOD_SECONDS }).sent
  await delay(DROPS_MILLISECONDS)
  // Asking for metrics costs the detector time of its own, so the clock is read before.
  const nanos = processorNanos(detector.pid) - spent - idle * (performance.now() - began) * 1e6
  const after = await detector.settled()
  const passed = (name: string) => (after.get(name) ?? Number.NaN) - (before.get(name) ?? Number.NaN)
  const counted = passed(COUNTED)
  return {
    detector: detector.name,
    load,
    packetsPerSecond: sent.pps,
    lostPercent: 100 * (1 - counted / sent.sent),
    drops: passed(`floodwarden_capture_dropped_packets_total{interface="${link.to.interface}"}`),
    nanosPerPacket: nanos / counted,
    cores: nanos / 1e9 / sent.seconds,
    megabytes: residentMegabytes(detector.pid).now,
  }
}

/** The runs of one detector under one load, in one row of medians. */
function rowOf(runs: readonly Run[]): Cell[] {
  const of = (read: (run: Run) => number) => median(runs.map(read))
  const [{ detector, load }] = runs as [Run, ...Run[]]
  const drops = of(run => run.drops)
  return [
    load.victims,
    load.offered,
    detector,
    Math.round(of(run => run.packetsPerSecond)),
    of(run => run.lostPercent),
    Math.max(...runs.map(run => run.lostPercent)),
    Number.isNaN(drops) ? '-' : drops,
    of(run => run.nanosPerPacket),
    of(run => run.cores),
    Math.round(of(run => run.megabytes)),
    ratioOf(runs),
  ]
}

/** Floodwarden's time per packet in times of this detector's, under the same load. */
function ratioOf(runs: readonly Run[]): Cell {
  const [{ detector, load }] = runs as [Run, ...Run[]]
  if (detector === OURS) return ''
  return nanosOf(OURS, load) / nanosOf(detector, load)
}

const nanosOf = (detector: string, load: Load): number =>
  median(runsOf(detector, load).map(run => run.nanosPerPacket))

const runsOf = (detector: string, { victims, offered }: Load): Run[] =>
  runs.filter(
    run => run.detector === detector && run.load.victims === victims && run.load.offered === offered,
  )

function gates(): Gate[] {
  return VICTIMS.flatMap(([victims, target]) => {
    const load = loadOf(victims, target, MAXIMUM)
    const ours = runsOf(OURS, load)
    const lost = Math.max(...ours.map(run => run.lostPercent))
    const megapackets = median(ours.map(run => run.packetsPerSecond)) / 1e6
    const lossless: Gate = {
      what: `no packet lost at the maximum, ${victims} victims`,
      measured: `${lost.toFixed(4)} % at ${megapackets.toFixed(2)} Mpps in the worst round`,
      isMet: lost <= 0,
    }
    return hasFastnetmon() ? [lossless, halfGate(load)] : [lossless]
  })
}

function halfGate(load: Load): Gate {
  const [ours, theirs] = [nanosOf(OURS, load), nanosOf(PEER, load)]
  return {
    what: `at most half of FastNetMon's time per packet (tracking off), ${load.victims} victims`,
    measured: `${ours.toFixed(0)} of ${theirs.toFixed(0)} ns, ${(ours / theirs).toFixed(2)} times`,
    isMet: ours <= theirs / 2,
  }
}

const runs: Run[] = []
{
  await using lab = await Lab.create(mirrorPlan())
  const [link] = lab.links
  const reader = new MetricsReader(lab)
  for (let round = 0; round < ROUNDS; round++) {
    for (const start of STARTS) if (link) runs.push(...(await measureDetector(lab, link, reader, start)))
  }
}
const loads = VICTIMS.flatMap(([victims, target]) => RATES.map(rate => loadOf(victims, target, rate)))
const detectors = [...new Set(runs.map(run => run.detector))]
const groups = loads.flatMap(load => detectors.map(detector => runsOf(detector, load)))
printTable(
  `live capture, 60-byte UDP from spoofed sources, ${FLOOD_SECONDS} s, ${ROUNDS} rounds`,
  [
    'victims',
    'offered pps',
    'detector',
    'sent pps',
    'lost %',
    'worst lost %',
    'kernel drops',
    'CPU ns/packet',
    'cores',
    'RSS MiB',
    'ours / this',
  ],
  groups.map(rowOf),
)
printGates(gates())
