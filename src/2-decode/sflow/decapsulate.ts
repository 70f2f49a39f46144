// Hot path. The packet within a tunnel that the exporter itself begins or ends: it tells at which byte that packet begins.

import { decodeFrame } from '#2-decode/frame/decode-frame.ts'
import { carriesPackets } from '#2-decode/frame/mpls.ts'
import { LINK, OUTCOME, type Sample } from '#2-decode/sample.ts'

const { decoded } = OUTCOME
/** An IPv4 header without options; as the first byte of an Ethernet address it would be that of a group. */
const IPV4_START = 0x45

/**
 * Replaces the sample by that of the packet `offset` bytes into the header. Whether a frame or an IP header stands there is
 * not told: it is a frame when its EtherType leads to IP. Where that cannot be decoded the sample stays that of the tunnel.
 */
export function readInnerPacket(
  view: DataView,
  at: number,
  end: number,
  offset: number,
  link: number,
  sample: Sample,
): void {
  if (offset <= 0 || offset >= end - at) return
  const first = at + offset
  const isFrame = view.getUint8(first) !== IPV4_START && carriesPackets(view, first, end)
  const { vlan } = sample
  if (decodeFrame(view, first, end, isFrame ? LINK.ethernet : LINK.rawIp, true, sample) !== decoded)
    decodeFrame(view, at, end, link, true, sample)
  else if (vlan !== 0) sample.vlan = vlan
}
