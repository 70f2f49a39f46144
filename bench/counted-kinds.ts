// What counting costs per packet, by kind of packet, from a ring in memory.
//
// The ring holds 64 MiB as the product's does and is far larger than the processor's own caches. Victims are drawn at
// random, the worst case for caches; sources and ports too, so nearly every packet is a flow of its own. Ticks and flow
// windows go by as they would at two million packets per second. Each figure is the best of several rounds.

import type { TrafficPart } from '../lab/traffic.ts'
import { CountingWorker } from './counting-worker.ts'
import { drawFrames, mixedParts, type Size, udpPart, udpPart6 } from './ring-frames.ts'
import { walkRing } from './ring-walk.ts'
import { bestNanos } from './statistics.ts'
import { blockMemory, fillBlocks } from './tpacket-blocks.ts'

const KINDS = {
  UDP: size => [udpPart(size)],
  SYN: size => [{ ...udpPart(size), protocol: 'tcp', flags: ['syn'] }],
  fragment: size => [{ ...udpPart(size), fragment: { offset: 1480, more: true } }],
  'VLAN in the frame': size => [{ ...udpPart(size), tags: [{ kind: 'vlan', id: 100 }] }],
  'IPv6 UDP': size => [udpPart6(size)],
  mixed: mixedParts,
} as const satisfies Readonly<Record<string, (size: Size) => readonly TrafficPart[]>>
export type Kind = keyof typeof KINDS
export const ALL_KINDS = Object.keys(KINDS) as readonly Kind[]

export interface CountedKind {
  readonly name: Kind
  /** Nanoseconds per packet. */
  readonly nanos: number
  /** Of an empty walk over the same ring. */
  readonly empty: number
}

/** Counts so many blocks of each kind, in so many rounds. */
export async function measureKinds(size: Size, blocks: number, rounds: number): Promise<CountedKind[]> {
  const ring = blockMemory(blocks)
  const words = new Int32Array(ring)
  const worker = await CountingWorker.open(size, ring)
  // Everything once before: the code is then compiled for all kinds, as it is in a worker that sees mixed traffic.
  for (const kind of ALL_KINDS) {
    worker.countInTime(fillBlocks(blocks, drawFrames(KINDS[kind](size), 1), ring))
    sink ^= walkRing(words, blocks)
  }
  return ALL_KINDS.map(name => {
    const filled = fillBlocks(blocks, drawFrames(KINDS[name](size), 2), ring)
    // Meanwhile memory of hosts that are new in this ring is touched.
    worker.settle(filled)
    const nanos = bestNanos(rounds, () => worker.countInTime(filled)) / filled.packets
    const empty = bestNanos(rounds, () => (sink ^= walkRing(words, blocks))) / filled.packets
    return { name, nanos, empty }
  })
}

/** Takes what the empty walks compute, so that none of them can be left out. */
export let sink = 0
