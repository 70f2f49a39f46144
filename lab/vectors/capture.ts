// Vectors, or their nearest honest neighbours, in a pcap file.

import { UsageError } from '../arguments.ts'
import type { TimedFrame } from '../timeline.ts'
import { writePcap } from '../write-pcap.ts'
import type { PacketMaker } from './packet.ts'
import { caseOf, timedFramesOf, VECTOR_CASES } from './vectors.ts'

export interface VectorCapture {
  /** A vector of VECTOR_CASES, or `all` for one after the other. */
  readonly vector: string
  /** The honest traffic that looks most like it. */
  readonly isHonest: boolean
  /** Of each vector. */
  readonly packets: number
  /** Packets per second. */
  readonly rate: number
  /** The same seed gives the same file. */
  readonly seed: number
}

const PACKETS_MAX = 1_000_000
/** A minute lies between two of them, so that each is an attack of its own. */
const PAUSE_NANOS = 60e9

/** Gives how many packets were written. Throws `UsageError`. */
export function writeVectors(file: string, { vector, isHonest, ...made }: VectorCapture): number {
  if (made.packets < 1 || made.packets > PACKETS_MAX || made.rate < 1)
    throw new UsageError('packets and rate are at least 1')
  return writePcap(file, inTurn(makersOf(vector, isHonest), made))
}

function makersOf(name: string, isHonest: boolean): PacketMaker[] {
  const one = caseOf(name)
  if (name !== 'all' && one === undefined) throw new UsageError(`there is no vector "${name}"`)
  const cases = one === undefined ? VECTOR_CASES : [one]
  return cases.map(({ attack, neighbour }) => (isHonest ? neighbour.packets : attack))
}

function* inTurn(
  makers: readonly PacketMaker[],
  made: { readonly packets: number; readonly rate: number; readonly seed: number },
): Generator<TimedFrame> {
  let start = 0
  for (const maker of makers) {
    let last = start
    for (const { nanos, bytes } of timedFramesOf(maker, made)) {
      last = start + nanos
      yield { nanos: last, bytes }
    }
    start = last + PAUSE_NANOS
  }
}
