// What a FlowSpec rule looks at, out of a decoded frame (RFC 8955 and RFC 8956, section 4.2.2 and 3).
//
// A field is absent when the packet has none: no rule on it matches then, at the router either. Where the capture was cut
// before the field the packet may well have it, so the field is named in `untold`.

import type { Sample } from '#2-decode/sample.ts'
import { addressOfWord, addressOfWords } from '#3-traffic/network-table.ts'
import type { Packet } from '#lib/flowspec/matches.ts'
import { type ComponentType, FRAGMENT_BITS } from '#lib/flowspec/rule.ts'
import type { DistillSample } from './distillation.ts'
import { fragmentField6 } from './fragment-field.ts'

const [ICMP, TCP, ICMPV6] = [1, 6, 58] as const
/** TCP, UDP, DCCP, SCTP and UDP-Lite begin with ports. */
const WITH_PORTS: ReadonlySet<number> = new Set([6, 17, 33, 132, 136])
const [PORT_BYTES, FLAGS_AT] = [4, 12] as const
const [DONT_FRAGMENT, MORE_FRAGMENTS, OFFSET] = [0x4000, 0x2000, 0x1fff] as const
const LENGTH_MAX = 65_535

/** A sample without its weight. */
export type Looked = Omit<DistillSample, 'weight'>

/**
 * Reads the packet that `sample` was decoded from: `frame` is the same view, `end` the end of what was captured, `wireEnd`
 * where the packet ended on the wire (in the same offsets); it stands for the length where the header states none.
 */
export function packetOfFrame(sample: Sample, frame: DataView, end: number, wireEnd: number): Looked {
  const { family, protocol, ipLength, ipOffset } = sample
  const untold: ComponentType[] = ipLength === 0 ? ['packet-length'] : []
  const length = Math.min(LENGTH_MAX, ipLength === 0 ? Math.max(0, wireEnd - ipOffset) : ipLength)
  const trafficClass = family === 6 ? (frame.getUint16(ipOffset) >> 4) & 255 : frame.getUint8(ipOffset + 1)
  const packet: Packet = {
    ...addressesOf(sample),
    protocol,
    length,
    dscp: trafficClass >> 2,
    fragment: fragmentBits(sample, frame, end),
    ...(family === 6 ? { flowLabel: frame.getUint32(ipOffset) & 0xfffff } : {}),
    ...transportOf(sample, frame, Math.min(end, ipOffset + length), end < wireEnd, untold),
  }
  return untold.length === 0 ? { packet } : { packet, untold }
}

/** Whether a packet of this protocol begins with a source and a target port. */
export const hasPorts = (protocol: number): boolean => WITH_PORTS.has(protocol)

export const isIcmp = (protocol: number): boolean => protocol === ICMP || protocol === ICMPV6

function addressesOf(sample: Sample): Pick<Packet, 'source' | 'target'> {
  const { family, sourceA, sourceB, sourceC, sourceD, targetA, targetB, targetC, targetD } = sample
  if (family === 4) return { source: addressOfWord(sourceA), target: addressOfWord(targetA) }
  return {
    source: addressOfWords(sourceA, sourceB, sourceC, sourceD),
    target: addressOfWords(targetA, targetB, targetC, targetD),
  }
}

/** A first fragment is no "is-fragment": that bit says that the offset is not 0 (RFC 8955, section 4.2.2.12). */
function fragmentBits(sample: Sample, frame: DataView, end: number): number {
  const { family, ipOffset, isFragment, fragmentOffset } = sample
  if (family === 4) {
    const field = frame.getUint16(ipOffset + 6)
    const dontFragment = (field & DONT_FRAGMENT) === 0 ? 0 : FRAGMENT_BITS['dont-fragment']
    return dontFragment | bitsOfField((field & OFFSET) !== 0, (field & MORE_FRAGMENTS) !== 0)
  }
  if (isFragment === 0) return 0
  const field = fragmentField6(frame, ipOffset, end) ?? 1
  return bitsOfField(fragmentOffset !== 0, (field & 1) !== 0)
}

function bitsOfField(isLater: boolean, hasMore: boolean): number {
  if (!isLater) return hasMore ? FRAGMENT_BITS.first : 0
  return FRAGMENT_BITS['is-fragment'] | (hasMore ? 0 : FRAGMENT_BITS.last)
}

/** Fields of the transport header, as far as it lies before `limit`. `isCut`: the capture ended before the packet did. */
function transportOf(
  { family, ipOffset, protocol, transportOffset, fragmentOffset }: Sample,
  frame: DataView,
  limit: number,
  isCut: boolean,
  untold: ComponentType[],
): Partial<Packet> {
  // A chain of extension headers that was cut: whatever follows is not known.
  const isChainCut = family === 6 && transportOffset === 0 && fragmentOffset === 0
  if (isChainCut && isCut) untold.push('protocol', ...PORT_TYPES, ...ICMP_TYPES, 'tcp-flags')
  if (transportOffset <= ipOffset) return {}
  const bytes = limit - transportOffset
  if (isIcmp(protocol)) {
    if (bytes < 2 && isCut) untold.push(...ICMP_TYPES)
    return bytes < 2
      ? {}
      : { icmpType: frame.getUint8(transportOffset), icmpCode: frame.getUint8(transportOffset + 1) }
  }
  if (!hasPorts(protocol)) return {}
  if (bytes < PORT_BYTES && isCut) untold.push(...PORT_TYPES)
  const hasFlags = protocol === TCP && bytes >= FLAGS_AT + 2
  if (protocol === TCP && !hasFlags && isCut) untold.push('tcp-flags')
  return {
    ...(bytes < PORT_BYTES
      ? {}
      : { sourcePort: frame.getUint16(transportOffset), targetPort: frame.getUint16(transportOffset + 2) }),
    ...(hasFlags ? { tcpFlags: frame.getUint16(transportOffset + FLAGS_AT) & 0xfff } : {}),
  }
}

const PORT_TYPES: readonly ComponentType[] = ['port', 'destination-port', 'source-port']
const ICMP_TYPES: readonly ComponentType[] = ['icmp-type', 'icmp-code']
