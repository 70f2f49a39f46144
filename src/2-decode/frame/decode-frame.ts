// Hot path. From the bytes of a frame to a sample: the walk from layer to layer until IP, and into tunnels if wanted.
//
// All entry points share one contract. `frame` may be far larger than the frame (a whole ring): nothing outside `at` to
// `end` is read, and `end` must lie within it. Nothing throws and nothing is allocated. The result is one of OUTCOME;
// after `decoded` every field of the sample is this packet's, after any other all fields are 0.

import { LINK, OUTCOME, type Sample } from '#2-decode/sample.ts'
import { ETHER_TYPE_MIN, stepEthernet, stepLlc } from './ethernet.ts'
import { decodeIpv4 } from './ipv4.ts'
import { decodeIpv6 } from './ipv6.ts'
import { ETHER_TYPE, stepBytes, stepType } from './layer.ts'
import { stepByVersion, stepLink } from './link.ts'
import { stepMpls } from './mpls.ts'
import { stepPpp, stepPppoe } from './pppoe.ts'
import { limitOf } from './transport.ts'
import { isTunnel, stepTunnel } from './tunnel.ts'
import { stepVlan } from './vlan.ts'

const {
  ipv4,
  ipv6,
  customerTag,
  serviceTag,
  oldServiceTag,
  mpls,
  mplsMulticast,
  pppoeSession,
  ppp,
  ethernet,
} = ETHER_TYPE
const { decoded, notIp, malformed } = OUTCOME

/** Layers between the first byte and IP, each tag and label counted. What nests deeper is nobody's network: malformed. */
const MAX_LAYERS = 24
/** Tunnels that are entered; the packet at this depth stands for what it carries. */
const MAX_TUNNELS = 4

/**
 * Decodes a frame that begins with a link layer (LINK in sample.ts).
 * `insideTunnels`: the sample is that of the innermost packet of GRE and IP-in-IP; where that cannot be decoded, of the tunnel.
 */
export function decodeFrame(
  frame: DataView,
  at: number,
  end: number,
  link: number,
  insideTunnels: boolean,
  sample: Sample,
): number {
  const first = link === LINK.ethernet ? stepEthernet(frame, at, end) : stepLink(frame, at, end, link)
  return decodeAfter(first, frame, at, end, insideTunnels, sample)
}

/** Decodes bytes that begin with an IP header of either version. */
export function decodeIp(
  frame: DataView,
  at: number,
  end: number,
  insideTunnels: boolean,
  sample: Sample,
): number {
  return decodeAfter(stepByVersion(frame, at, end), frame, at, end, insideTunnels, sample)
}

/** Decodes from the place behind the first step, or says why there is none. */
function decodeAfter(
  first: number,
  frame: DataView,
  at: number,
  end: number,
  insideTunnels: boolean,
  sample: Sample,
): number {
  sample.vlan = 0
  const outcome = first < 0 ? -first : walk(frame, at + stepBytes(first), end, stepType(first), sample)
  if (outcome !== decoded) sample.clear()
  else if (insideTunnels && isTunnel(sample.protocol)) enterTunnels(frame, end, sample)
  return outcome
}

/** Goes from layer to layer until one is IP. */
function walk(frame: DataView, at: number, end: number, etherType: number, sample: Sample): number {
  // Says that these stay plain integers; otherwise every turn converts them, which doubles what a layer costs.
  at |= 0
  etherType |= 0
  for (let layers = 0; layers <= MAX_LAYERS; layers++) {
    let next: number
    switch (etherType) {
      case ipv4:
        return decodeIpv4(frame, at, end, sample)
      case ipv6:
        return decodeIpv6(frame, at, end, sample)
      case customerTag:
      case serviceTag:
      case oldServiceTag:
        next = stepVlan(frame, at, end, sample)
        break
      case mpls:
      case mplsMulticast:
        next = stepMpls(frame, at, end)
        break
      case pppoeSession:
        next = stepPppoe(frame, at, end)
        break
      case ppp:
        next = stepPpp(frame, at, end)
        break
      case ethernet:
        next = stepEthernet(frame, at, end)
        break
      default:
        if (etherType >= ETHER_TYPE_MIN) return notIp
        next = stepLlc(frame, at, end)
    }
    if (next < 0) return -next
    at += stepBytes(next)
    etherType = stepType(next)
  }
  return malformed
}

/** Replaces the sample of a tunnel by that of the packet it carries, level by level, as long as that can be decoded. */
function enterTunnels(frame: DataView, end: number, sample: Sample): void {
  for (let level = 0; level < MAX_TUNNELS && isTunnel(sample.protocol); level++) {
    // A later fragment of a tunnel's packet has no beginning of anything.
    const at = sample.transportOffset
    if (at === 0) return
    const outer = sample.ipOffset
    const limit = limitOf(outer, sample.ipLength, end)
    const first = stepTunnel(frame, at, limit, sample.protocol)
    if (first < 0) return
    const outerType = sample.family === 4 ? ipv4 : ipv6
    const { vlan } = sample
    if (walk(frame, at + stepBytes(first), limit, stepType(first), sample) !== decoded) {
      walk(frame, outer, end, outerType, sample)
      sample.vlan = vlan
      return
    }
    end = limit
  }
}
