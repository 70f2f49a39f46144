// What tags, fragments and IPv6 cost more than plain IPv4 at 256 hosts: in memory, and live from the interface.

import { assert } from '#lib/assert.ts'
import type { ScenarioName } from '../lab/scenario.ts'
import { type Kind, measureKinds, sink } from './counted-kinds.ts'
import { type Gate, printGates, timesAtMost } from './gate.ts'
import { type FloodCost, idleCores, measureFlood, warmUp } from './live-flood.ts'
import { benchOptions } from './options.ts'
import { SIZES } from './ring-frames.ts'
import { GENERATOR_PROCESSOR, onStage, type Stage } from './stage.ts'
import { OURS, startsOf } from './starters.ts'
import { median } from './statistics.ts'
import { printTable } from './table.ts'

const { quick } = benchOptions()
const RING_BLOCKS = quick ? 16 : 64
const ROUNDS = quick ? 3 : 9
const LIVE_ROUNDS = quick ? 1 : 3
const FLOOD_SECONDS = quick ? 4 : 10
const IDLE_SECONDS = quick ? 1.5 : 5
const NETWORKS = ['10.10.0.0/16', '2001:db8:10::/112']

interface Case {
  readonly kind: Kind
  readonly scenario: ScenarioName
  /** How often the cost of plain packets it may have. */
  readonly bound: number
}

const CASES = [
  { kind: 'UDP', scenario: 'throughput-60', bound: 1 },
  { kind: 'VLAN in the frame', scenario: 'throughput-vlan', bound: 1.3 },
  { kind: 'fragment', scenario: 'throughput-fragment', bound: 1.3 },
  { kind: 'IPv6 UDP', scenario: 'throughput-ipv6', bound: 2 },
] as const satisfies readonly Case[]

/** All kinds to one daemon, in rounds: what one round does to all of them takes no part in their ratio. */
async function measureLive(stage: Stage): Promise<Map<Kind, FloodCost[]>> {
  const [start] = startsOf(OURS)
  assert(start !== undefined, 'our own detector is there')
  await using detector = await start({ stage, networks: NETWORKS })
  const costs = new Map<Kind, FloodCost[]>()
  const floodOf = ({ scenario }: Case) =>
    ({
      scenario,
      mode: 'burst',
      rate: 'max',
      seconds: FLOOD_SECONDS,
      processor: GENERATOR_PROCESSOR,
    }) as const
  for (const one of CASES) await warmUp(stage, detector, floodOf(one))
  const idle = await idleCores(detector.pid, IDLE_SECONDS)
  for (let round = 0; round < LIVE_ROUNDS; round++) {
    for (const one of CASES) {
      const cost = await measureFlood(stage, detector, floodOf(one), idle)
      costs.set(one.kind, [...(costs.get(one.kind) ?? []), cost])
    }
  }
  return costs
}

function gatesOf(where: string, nanosOf: (kind: Kind) => number): Gate[] {
  return CASES.slice(1).map(({ kind, bound }) =>
    timesAtMost(`${kind}, ${where}, in times of plain UDP`, [nanosOf(kind), nanosOf('UDP')], bound, 'ns'),
  )
}

const [size] = SIZES
assert(size?.hosts === 256, 'the smallest size has 256 hosts')
const counted = new Map(
  (await measureKinds(size, RING_BLOCKS, ROUNDS)).map(({ name, nanos }) => [name, nanos] as const),
)
assert(Number.isInteger(sink), 'the walks were made')
const live = await onStage(measureLive)
const inMemory = (kind: Kind): number => counted.get(kind) ?? Number.NaN
const of = (kind: Kind, read: (cost: FloodCost) => number): number => median((live.get(kind) ?? []).map(read))
const alive = (kind: Kind): number => of(kind, cost => cost.nanosPerPacket)
printTable(
  `kinds of packets at 256 hosts, shortest frames; live: at the maximum, ${FLOOD_SECONDS} s, median of ${LIVE_ROUNDS}`,
  ['packet', 'memory ns/packet', 'x plain', 'live ns/packet', 'x plain live', 'sent pps', 'lost %'],
  CASES.map(({ kind }) => [
    kind,
    inMemory(kind),
    inMemory(kind) / inMemory('UDP'),
    alive(kind),
    alive(kind) / alive('UDP'),
    Math.round(of(kind, cost => cost.packetsPerSecond)),
    of(kind, cost => cost.lostPercent),
  ]),
)
printGates([...gatesOf('in memory', inMemory), ...gatesOf('live', alive)])
