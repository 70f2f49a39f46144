// What counting costs per packet, from a ring in memory, beside an empty walk over the same ring.
//
// The ring holds 64 MiB as the product's does and is far larger than the processor's own caches. Victims are drawn at
// random, the worst case for caches; sources and ports too, so nearly every packet is a flow of its own. Ticks and flow
// windows go by as they would at two million packets per second. Each row is the best of several rounds.

import { assert } from '#lib/assert.ts'
import type { TrafficPart } from '../lab/traffic.ts'
import { CountingWorker } from './counting-worker.ts'
import { benchOptions } from './options.ts'
import { drawFrames, mixedParts, SIZES, type Size, udpPart, udpPart6 } from './ring-frames.ts'
import { walkRing } from './ring-walk.ts'
import { bestNanos } from './statistics.ts'
import { type Cell, printTable } from './table.ts'
import { blockMemory, fillBlocks } from './tpacket-blocks.ts'

const { quick } = benchOptions()
const RING_BLOCKS = quick ? 16 : 64
const ROUNDS = quick ? 3 : 9

type Kind = readonly [name: string, parts: (size: Size) => readonly TrafficPart[]]

const KINDS: readonly Kind[] = [
  ['UDP', size => [udpPart(size)]],
  ['SYN', size => [{ ...udpPart(size), protocol: 'tcp', flags: ['syn'] }]],
  ['fragment', size => [{ ...udpPart(size), fragment: { offset: 1480, more: true } }]],
  ['VLAN in the frame', size => [{ ...udpPart(size), tags: [{ kind: 'vlan', id: 100 }] }]],
  ['IPv6 UDP', size => [udpPart6(size)]],
  ['mixed', mixedParts],
]
const PLAIN = 'UDP'

interface Measured {
  readonly name: string
  readonly nanos: number
  readonly empty: number
}

async function measureSize(size: Size): Promise<Measured[]> {
  const ring = blockMemory(RING_BLOCKS)
  const words = new Int32Array(ring)
  const worker = await CountingWorker.open(size, ring)
  // Everything once before: the code is then compiled for all kinds, as it is in a worker that sees mixed traffic.
  for (const [, parts] of KINDS) {
    worker.countInTime(fillBlocks(RING_BLOCKS, drawFrames(parts(size), 1), ring))
    sink ^= walkRing(words, RING_BLOCKS)
  }
  return KINDS.map(([name, parts]) => {
    const filled = fillBlocks(RING_BLOCKS, drawFrames(parts(size), 2), ring)
    // Meanwhile memory of hosts that are new in this ring is touched.
    worker.settle(filled)
    const nanos = bestNanos(ROUNDS, () => worker.countInTime(filled)) / filled.packets
    const empty = bestNanos(ROUNDS, () => (sink ^= walkRing(words, RING_BLOCKS))) / filled.packets
    return { name, nanos, empty }
  })
}

function rowsOf(size: Size, measured: readonly Measured[]): Cell[][] {
  const plain = measured.find(({ name }) => name === PLAIN)?.nanos ?? Number.NaN
  return measured.map(({ name, nanos, empty }) => [
    size.hosts,
    name,
    nanos,
    1000 / nanos,
    empty,
    nanos / empty,
    nanos / plain,
  ])
}

/** Takes what the empty walks compute, so that none of them can be left out. */
let sink = 0
const rows: Cell[][] = []
for (const size of SIZES) rows.push(...rowsOf(size, await measureSize(size)))
printTable(
  'counting, one core, from a ring in memory',
  ['hosts', 'packet', 'ns/packet', 'Mpps', 'empty walk ns', 'x empty walk', 'x plain UDP'],
  rows,
)
assert(Number.isInteger(sink), 'the walks were made')
