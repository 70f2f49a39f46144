// Every vector the lab can make, with its nearest honest neighbour, as frames: the same seed gives the same bytes.

import { buildFrame } from '../frame.ts'
import type { TimedFrame } from '../timeline.ts'
import { AMPLIFIED } from './amplified.ts'
import { ICMP_CASES, PROTOCOL_CASES, TCP_CASES, UDP_CASES } from './direct.ts'
import { Draw } from './draw.ts'
import { OUTGOING_CASES } from './outgoing.ts'
import type { PacketMaker } from './packet.ts'
import type { VectorCase } from './vector-case.ts'

/** One per vector, incoming; then those a host of ours makes. */
export const VECTOR_CASES: readonly VectorCase[] = [
  ...AMPLIFIED,
  ...TCP_CASES,
  ...UDP_CASES,
  ...ICMP_CASES,
  ...PROTOCOL_CASES,
  ...OUTGOING_CASES,
]

/** The first case of a vector. */
export const caseOf = (vector: string): VectorCase | undefined =>
  VECTOR_CASES.find(candidate => candidate.vector === vector)

export interface Made {
  readonly packets: number
  /** Default 1. */
  readonly seed?: number
}

export function framesOf(maker: PacketMaker, { packets, seed = 1 }: Made): Uint8Array<ArrayBuffer>[] {
  const draw = new Draw(seed)
  return Array.from({ length: packets }, (_, at) => buildFrame(maker(draw, at)))
}

/** Evenly spaced at `rate` packets per second. */
export function* timedFramesOf(
  maker: PacketMaker,
  made: Made & { readonly rate: number },
): Generator<TimedFrame> {
  const draw = new Draw(made.seed ?? 1)
  for (let at = 0; at < made.packets; at++) {
    yield { nanos: Math.floor((at * 1e9) / made.rate), bytes: buildFrame(maker(draw, at)) }
  }
}
