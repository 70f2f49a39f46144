// What counting costs per packet, from a ring in memory, beside an empty walk over the same ring.
//
// The ring holds 64 MiB as the product's does and is far larger than the processor's own caches. Victims are drawn at
// random, the worst case for caches; sources and ports too, so nearly every packet is a flow of its own. Ticks and flow
// windows go by as they would at two million packets per second. Each row is the best of several rounds.

import { BLOCK, BLOCK_BYTES, READ_AHEAD_BYTES } from '#1-capture/af-packet/layout.ts'
import { LINK } from '#2-decode/sample.ts'
import { bindCounting, type Counting, tablesFor } from '#3-traffic/counting.ts'
import { CONTROL, type HostTables } from '#3-traffic/host-tables.ts'
import { assert } from '#lib/assert.ts'
import { parsePrefix } from '#lib/ip/prefix.ts'
import type { TrafficPart } from '../lab/traffic.ts'
import { benchOptions } from './options.ts'
import { drawFrames, SNAP_BYTES } from './ring-frames.ts'
import { walkRing } from './ring-walk.ts'
import { bestNanos } from './statistics.ts'
import { type Cell, printTable } from './table.ts'
import { blockMemory, fillBlocks } from './tpacket-blocks.ts'

const { quick } = benchOptions()
const RING_BLOCKS = quick ? 16 : 64
const ROUNDS = quick ? 3 : 9

/** A tick of 100 ms, and ten of them a flow window, at two million packets per second. */
const TICK_PACKETS = 200_000
const WINDOW_TICKS = 10
/** What the product's default limits make of it (busyPackets in 4-detection/limit.ts). */
const BUSY_PACKETS = 16

/** How many hosts are flooded, and the prefixes that hold so many. */
const SIZES = [
  { hosts: 256, v4: '10.10.1.0/24', v6: '2001:db8:10::/120' },
  { hosts: 65_536, v4: '10.10.0.0/16', v6: '2001:db8:10::/112' },
  { hosts: 1_048_576, v4: '10.16.0.0/12', v6: '2001:db8:10::/108' },
] as const
type Size = (typeof SIZES)[number]

type Kind = readonly [name: string, parts: (size: Size) => readonly TrafficPart[]]

const KINDS: readonly Kind[] = [
  ['UDP', size => [udp(size)]],
  ['SYN', size => [{ ...udp(size), protocol: 'tcp', flags: ['syn'] }]],
  ['fragment', size => [{ ...udp(size), fragment: { offset: 1480, more: true } }]],
  ['VLAN in the frame', size => [{ ...udp(size), tags: [{ kind: 'vlan', id: 100 }] }]],
  ['IPv6 UDP', size => [udp6(size)]],
  ['mixed', mixed],
]
const PLAIN = 'UDP'

function udp(size: Size): TrafficPart {
  return { share: 1, protocol: 'udp', bytes: 60, sources: '45.0.0.0/16', targets: size.v4 }
}

function udp6(size: Size): TrafficPart {
  return { ...udp(size), sources: '2001:db8:ffff::/112', targets: size.v6 }
}

function mixed(size: Size): TrafficPart[] {
  const v4 = { ...udp(size), bytes: 'imix' } as const
  return [
    { ...v4, share: 45 },
    { ...v4, share: 25, protocol: 'tcp', flags: ['syn'] },
    { ...v4, share: 5, protocol: 'icmp' },
    { ...v4, share: 5, fragment: { offset: 1480, more: true } },
    { ...v4, share: 5, tags: [{ kind: 'vlan', id: 100 }] },
    { ...udp6(size), share: 15, bytes: 'imix' },
  ]
}

/** A counting worker over its ring, with the clock its reader would be. */
class Worker {
  readonly #counting: Counting
  readonly #tables: HostTables
  readonly #words: Int32Array
  #tickLeft = 0
  #ticks = 0

  constructor(counting: Counting, tables: HostTables, ring: ArrayBuffer) {
    this.#counting = counting
    this.#tables = tables
    this.#words = new Int32Array(ring)
    tables.control[CONTROL.busyMask] = BUSY_PACKETS - 1
  }

  countRing(): void {
    for (let block = 0; block < RING_BLOCKS; block++) {
      const base = block * BLOCK_BYTES
      const packets = this.#words[(base >> 2) + BLOCK.packets]!
      this.#passTime(packets)
      this.#counting.syncEpoch()
      this.#counting.countBlock(base + this.#words[(base >> 2) + BLOCK.first]!, packets)
    }
  }

  #passTime(packets: number): void {
    this.#tickLeft -= packets
    if (this.#tickLeft > 0) return
    this.#tickLeft += TICK_PACKETS
    const { control } = this.#tables
    control[CONTROL.window] = Math.floor(this.#ticks / WINDOW_TICKS) + 1
    this.#ticks++
    Atomics.store(control, CONTROL.epoch, this.#ticks)
  }
}

async function openWorker({ v4, v6, hosts }: Size, ring: ArrayBuffer): Promise<Worker> {
  const prefixes = [v4, v6].map(text => parsePrefix(text)).filter(prefix => prefix !== undefined)
  const tables = tablesFor(prefixes, hosts, SNAP_BYTES)
  const counting = await bindCounting(tables, ring, {
    prefixes,
    hostsMax: hosts,
    seed: 1,
    link: LINK.ethernet,
    incoming: true,
    outgoing: true,
    flows: 'all',
    lengthFromIp: false,
    innerTunnels: false,
    idleWindows: 60,
  })
  return new Worker(counting, tables, ring)
}

interface Measured {
  readonly name: string
  readonly nanos: number
  readonly empty: number
}

async function measureSize(size: Size): Promise<Measured[]> {
  const ring = blockMemory(RING_BLOCKS)
  const words = new Int32Array(ring)
  const worker = await openWorker(size, ring)
  // Everything once before: the code is then compiled for all kinds, as it is in a worker that sees mixed traffic.
  for (const [, parts] of KINDS) {
    fillBlocks(RING_BLOCKS, drawFrames(parts(size), 1), ring)
    worker.countRing()
    sink ^= walkRing(words, RING_BLOCKS)
  }
  return KINDS.map(([name, parts]) => {
    const { packets } = fillBlocks(RING_BLOCKS, drawFrames(parts(size), 2), ring)
    // The first round touches memory of hosts that are new in this ring.
    worker.countRing()
    const nanos = bestNanos(ROUNDS, () => worker.countRing()) / packets
    const empty = bestNanos(ROUNDS, () => (sink ^= walkRing(words, RING_BLOCKS))) / packets
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
assert(READ_AHEAD_BYTES >= 4096, 'the empty walk may read ahead as the counting loop does')
const rows: Cell[][] = []
for (const size of SIZES) rows.push(...rowsOf(size, await measureSize(size)))
printTable(
  'counting, one core, from a ring in memory',
  ['hosts', 'packet', 'ns/packet', 'Mpps', 'empty walk ns', 'x empty walk', 'x plain UDP'],
  rows,
)
assert(Number.isInteger(sink), 'the walks were made')
