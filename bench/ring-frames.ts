// Frames of the lab's traffic for rings in plain memory: the same addresses, ports and lengths as on a wire.

import { FramePool } from '../lab/frame-pool.ts'
import type { TrafficPart } from '../lab/traffic.ts'
import type { BlockFrame } from './tpacket-blocks.ts'

/** Bytes of each frame that are in the ring, as the product asks for them by default. */
export const SNAP_BYTES = 128

/** Draws frame after frame; each is valid until the next is drawn. The same seed draws the same frames. */
export function drawFrames(parts: readonly TrafficPart[], seed: number): (packet: number) => BlockFrame {
  const pool = new FramePool({ rate: 'max', seconds: 1, parts }, seed)
  return packet => {
    const slot = packet % pool.slots
    pool.vary(slot, 1)
    const wire = pool.lengths[slot]!
    return { bytes: new Uint8Array(pool.buffer, slot * pool.slotBytes, Math.min(wire, SNAP_BYTES)), wire }
  }
}
