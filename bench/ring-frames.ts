// Frames of the lab's traffic for rings in plain memory: the same addresses, ports and lengths as on a wire.

import { parsePrefix } from '#lib/ip/prefix.ts'
import { FramePool } from '../lab/frame-pool.ts'
import type { TrafficPart } from '../lab/traffic.ts'
import type { BlockFrame } from './tpacket-blocks.ts'

/** Bytes of each frame that are in the ring, as the product asks for them by default. */
export const SNAP_BYTES = 128

/** Where the target's address is in IPv4 behind Ethernet. */
const TARGET_AT = 30
/** Odd, so that multiples of it reach every host of a power of two before one comes again. */
const JUMP = 0x9e37_79b1

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

/** Frames of one packet to each host of an IPv4 prefix in turn, in an order that jumps as a flood's does. */
export function eachHostOnce(targets: string, hosts: number): (packet: number) => BlockFrame {
  const draw = drawFrames([{ share: 1, protocol: 'udp', bytes: 60, sources: '45.0.0.0/16', targets }], 1)
  const base = Number(parsePrefix(targets)?.value ?? 0n)
  return packet => {
    const frame = draw(packet)
    const { buffer, byteOffset } = frame.bytes
    const host = Math.imul(packet, JUMP) & (hosts - 1)
    new DataView(buffer, byteOffset).setUint32(TARGET_AT, base + host)
    return frame
  }
}
