// Traffic as frames with times, for files: the same traffic and seed give the same bytes at the same times.

import { FramePool } from './frame-pool.ts'
import { boundsOf, type Traffic, type Wire } from './traffic.ts'

/** A frame at its time since the start of the traffic. The bytes are valid until the next one is asked for. */
export interface TimedFrame {
  readonly nanos: number
  readonly bytes: Uint8Array<ArrayBuffer>
}

/** The rate that stands for `max` in a file, in packets per second. */
const FILE_MAXIMUM_RATE = 1_000_000

/** Frames evenly spaced at the traffic's rate. */
export function* timeline(traffic: Traffic, seed: number, wire: Wire = {}): Generator<TimedFrame> {
  const rate = traffic.rate === 'max' ? FILE_MAXIMUM_RATE : traffic.rate
  const { packets } = boundsOf({ ...traffic, rate })
  const pool = new FramePool(traffic, seed, wire)
  for (let packet = 0; packet < packets; packet++) {
    const slot = packet % pool.slots
    pool.vary(slot, 1)
    const bytes = new Uint8Array(pool.buffer, slot * pool.slotBytes, pool.lengths[slot])
    yield { nanos: Math.floor((packet * 1e9) / rate), bytes }
  }
}

/** A timeline that begins later than the others. */
export interface Piece {
  readonly traffic: Traffic
  readonly startSeconds: number
}

/** Several pieces of traffic as one, in order of time; pieces earlier in the list come first at equal times. */
export function* mergedTimeline(pieces: readonly Piece[], seed: number): Generator<TimedFrame> {
  const lanes = pieces.map(({ traffic, startSeconds }, index) => {
    const frames = timeline(traffic, seed + index)
    return { frames, head: frames.next(), offset: Math.round(startSeconds * 1e9) }
  })
  for (;;) {
    let earliest: (typeof lanes)[number] | undefined
    let nanos = Number.POSITIVE_INFINITY
    for (const lane of lanes) {
      if (lane.head.done) continue
      const at = lane.head.value.nanos + lane.offset
      if (at < nanos) {
        earliest = lane
        nanos = at
      }
    }
    if (earliest === undefined || earliest.head.done) return
    yield { nanos, bytes: earliest.head.value.bytes }
    earliest.head = earliest.frames.next()
  }
}
