// Frames of the lab's traffic for rings in plain memory: the same addresses, ports and lengths as on a wire.

import { parsePrefix } from '#lib/ip/prefix.ts'
import { FramePool } from '../lab/frame-pool.ts'
import type { TrafficPart } from '../lab/traffic.ts'
import type { BlockFrame } from './tpacket-blocks.ts'

/** Bytes of each frame that are in the ring, as the product asks for them by default. */
export const SNAP_BYTES = 128

/** How many hosts have traffic, and the prefixes that hold so many. */
export interface Size {
  readonly hosts: number
  readonly v4: string
  readonly v6: string
}

export const SIZES: readonly Size[] = [
  { hosts: 256, v4: '10.10.1.0/24', v6: '2001:db8:10::/120' },
  { hosts: 65_536, v4: '10.10.0.0/16', v6: '2001:db8:10::/112' },
  { hosts: 1_048_576, v4: '10.16.0.0/12', v6: '2001:db8:10::/108' },
]

/** Where the target's address is in IPv4 behind Ethernet. */
const TARGET_AT = 30
/** Odd, so that multiples of it reach every host of a power of two before one comes again. */
const JUMP = 0x9e37_79b1

/** The shortest packets, from spoofed sources to all hosts of a size. */
export function udpPart(size: Size): TrafficPart {
  return { share: 1, protocol: 'udp', bytes: 60, sources: '45.0.0.0/16', targets: size.v4 }
}

/** The same over IPv6. */
export function udpPart6(size: Size): TrafficPart {
  return { ...udpPart(size), sources: '3fff:45::/112', targets: size.v6 }
}

/** What a mirror port may show in an attack: both families, all classes, some of it tagged. */
export function mixedParts(size: Size): TrafficPart[] {
  const v4 = { ...udpPart(size), bytes: 'imix' } as const
  return [
    { ...v4, share: 45 },
    { ...v4, share: 25, protocol: 'tcp', flags: ['syn'] },
    { ...v4, share: 5, protocol: 'icmp' },
    { ...v4, share: 5, fragment: { offset: 1480, more: true } },
    { ...v4, share: 5, tags: [{ kind: 'vlan', id: 100 }] },
    { ...udpPart6(size), share: 15, bytes: 'imix' },
  ]
}

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

/** One IPv4 packet to each host of a size in turn, in an order that jumps as a flood's does. */
export function eachHostOnce(size: Size): (packet: number) => BlockFrame {
  const draw = drawFrames([udpPart(size)], 1)
  const base = Number(parsePrefix(size.v4)?.value ?? 0n)
  return packet => {
    const frame = draw(packet)
    const { buffer, byteOffset } = frame.bytes
    const host = Math.imul(packet, JUMP) & (size.hosts - 1)
    new DataView(buffer, byteOffset).setUint32(TARGET_AT, base + host)
    return frame
  }
}
