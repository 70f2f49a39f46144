// Live capture: what Floodwarden and FastNetMon lose and spend on the same traffic, one after the other, in rounds.
//
// Detectors run in a namespace of their own at the end of a virtual cable, as their users start them. Frames have 64
// bytes on a wire (60 without their check sequence); sources and ports are drawn at random, so every packet is a new
// flow. Figures are medians of the rounds (live-flood.ts says what is counted).

import type { FloodOptions } from '../lab/flood.ts'
import { hasFastnetmon } from './fastnetmon.ts'
import { type Gate, printGates, timesAtMost } from './gate.ts'
import { type FloodCost, idleCores, measureFlood, warmUp } from './live-flood.ts'
import { benchOptions } from './options.ts'
import { GENERATOR_PROCESSOR, onStage, type Stage } from './stage.ts'
import { type DetectorName, OURS, PEER, PEER_TRACKING, type Start, startsOf } from './starters.ts'
import { median } from './statistics.ts'
import { type Cell, printTable } from './table.ts'

const { quick } = benchOptions()
const ROUNDS = quick ? 1 : 3
const FLOOD_SECONDS = quick ? 4 : 20
const IDLE_SECONDS = quick ? 1.5 : 5
const NETWORK = '10.10.0.0/16'
const MAXIMUM = 'maximum'
const DETECTORS = [OURS, PEER, PEER_TRACKING] as const

interface Load {
  readonly victims: number
  readonly offered: string
  readonly flood: FloodOptions
}

const VICTIMS = [
  [256, '10.10.1.0/24'],
  [65_536, NETWORK],
] as const
const RATES = [1_000_000, MAXIMUM] as const

const loadOf = (victims: number, target: string, rate: (typeof RATES)[number]): Load => ({
  victims,
  offered: typeof rate === 'number' ? rate.toLocaleString('en-US') : rate,
  flood: {
    scenario: 'throughput-60',
    target,
    processor: GENERATOR_PROCESSOR,
    seconds: FLOOD_SECONDS,
    mode: 'burst',
    rate: rate === MAXIMUM ? 'max' : rate,
  },
})

/** By victims, as the rows stand. */
const LOADS = VICTIMS.map(([victims, target]) => RATES.map(rate => loadOf(victims, target, rate)))

/** One flood, as one detector saw it. */
interface Run extends FloodCost {
  readonly detector: string
  readonly load: Load
}

async function measureDetector(stage: Stage, start: Start): Promise<Run[]> {
  await using detector = await start({ stage, networks: [NETWORK] })
  const runs: Run[] = []
  for (const [first, ...others] of LOADS) {
    if (first === undefined) continue
    await warmUp(stage, detector, first.flood)
    const idle = await idleCores(detector.pid, IDLE_SECONDS)
    for (const load of [first, ...others])
      runs.push({
        detector: detector.name,
        load,
        ...(await measureFlood(stage, detector, load.flood, idle)),
      })
  }
  return runs
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
    of(run => run.grossNanosPerPacket),
    of(run => run.idle),
    of(run => run.cores),
    Math.round(of(run => run.megabytes)),
    detector === OURS ? '' : nanosOf(OURS, load) / nanosOf(detector, load),
  ]
}

const runsOf = (detector: string, load: Load): Run[] =>
  runs.filter(run => run.detector === detector && run.load === load)

const nanosOf = (detector: string, load: Load): number =>
  median(runsOf(detector, load).map(run => run.nanosPerPacket))

function gates(): Gate[] {
  const ofLoads = LOADS.flat().flatMap(load => [
    dropGate(load),
    ...(hasFastnetmon() ? [timeGate(load, PEER), timeGate(load, PEER_TRACKING)] : []),
  ])
  return hasFastnetmon() ? [...ofLoads, memoryGate()] : ofLoads
}

function dropGate(load: Load): Gate {
  const ours = runsOf(OURS, load)
  const lost = Math.max(...ours.map(run => run.lostPercent))
  const drops = Math.max(...ours.map(run => run.drops))
  const megapackets = median(ours.map(run => run.packetsPerSecond)) / 1e6
  return {
    what: `no packet dropped, ${load.victims} victims, ${load.offered} pps`,
    measured: `${lost.toFixed(4)} % lost, ${drops} dropped at ${megapackets.toFixed(2)} Mpps in the worst round`,
    isMet: lost <= 0 && drops === 0,
  }
}

function timeGate(load: Load, peer: DetectorName): Gate {
  const bound = peer === PEER_TRACKING ? 1 / 20 : load.victims === 256 ? 1 / 4 : 1 / 2
  return timesAtMost(
    `time per packet in times of ${peer}, ${load.victims} victims, ${load.offered} pps,`,
    [nanosOf(OURS, load), nanosOf(peer, load)],
    bound,
    'ns',
  )
}

/** Each detector where it took most. */
function memoryGate(): Gate {
  const most = (detector: string) =>
    Math.max(...LOADS.flat().map(load => median(runsOf(detector, load).map(run => run.megabytes))))
  return timesAtMost(`memory in times of ${PEER}`, [most(OURS), most(PEER)], 1 / 3, 'MB')
}

const runs = await onStage(async stage => {
  const found: Run[] = []
  for (let round = 0; round < ROUNDS; round++)
    for (const start of startsOf(...DETECTORS)) found.push(...(await measureDetector(stage, start)))
  return found
})
const detectors = [...new Set(runs.map(run => run.detector))]
printTable(
  `live capture, 64-byte UDP, every packet a new flow, ${FLOOD_SECONDS} s, median of ${ROUNDS}`,
  [
    'victims',
    'offered pps',
    'detector',
    'sent pps',
    'lost %',
    'worst lost %',
    'kernel drops',
    'CPU ns/packet',
    'with idle ns',
    'idle cores',
    'cores',
    'RSS MB',
    'ours / this',
  ],
  LOADS.flat().flatMap(load => detectors.map(detector => rowOf(runsOf(detector, load)))),
)
printGates(gates())
