// A frame that stands for many: built once, with the places of the fields that change from packet to packet.

import { assert } from '#lib/assert.ts'
import { bitsOf, formatAddress } from '#lib/ip/address.ts'
import { parsePrefix } from '#lib/ip/prefix.ts'
import { addWords } from './checksum.ts'
import { CHECKSUM_AT, type Frame, layOut } from './frame.ts'
import type { Placed } from './frame-header.ts'
import { headerBytes, type IpLayer, type Layer, protocolOf, type TransportLayer } from './layer.ts'
import type { Ports, Traffic, TrafficPart, Wire } from './traffic.ts'

/** Numbers drawn as `base | (random & mask)`. */
export interface AddressRange {
  readonly base: number
  readonly mask: number
}

/** Numbers drawn as `first + (random * count >> 16)`. */
export interface PortRange {
  readonly first: number
  readonly count: number
}

/**
 * Offsets are from the start of the frame; 0 says that the frame has no such field. Sums are Internet checksum sums
 * with the changing fields and the checksum itself taken as zero, so a checksum is completed by adding the drawn values.
 */
export interface Template {
  readonly weight: number
  readonly frame: Uint8Array<ArrayBuffer>
  /** Everything after this many bytes is zero. */
  readonly headerBytes: number
  readonly sources: AddressRange
  readonly targets: AddressRange
  readonly sourcePorts: PortRange
  readonly targetPorts: PortRange
  /** Where the last 32 bits of the addresses are. */
  readonly sourceAt: number
  readonly targetAt: number
  readonly identificationAt: number
  readonly ipChecksumAt: number
  readonly ipSum: number
  /** For ICMP the identifier takes the source port's place. */
  readonly sourcePortAt: number
  readonly targetPortAt: number
  readonly transportChecksumAt: number
  readonly transportSum: number
  readonly transportCoversAddresses: boolean
  readonly isUdp: boolean
}

const IMIX = [
  { bytes: 60, weight: 7 },
  { bytes: 590, weight: 4 },
  { bytes: 1514, weight: 1 },
] as const
const IMIX_WEIGHT = 12
const ANY_CLIENT_PORT = [1024, 65535] as const
const NO_PORTS: PortRange = { first: 0, count: 1 }

/** One template for each part and frame length of the traffic. */
export function templatesOf(traffic: Traffic, wire: Wire = {}): readonly Template[] {
  return traffic.parts.flatMap(part =>
    part.bytes === 'imix'
      ? IMIX.map(({ bytes, weight }) => templateOf(part, bytes, (part.share * weight) / IMIX_WEIGHT, wire))
      : [templateOf(part, part.bytes, part.share, wire)],
  )
}

function templateOf(part: TrafficPart, bytes: number, weight: number, wire: Wire): Template {
  const layers = layersOf(part, wire)
  const prefixBytes = (part.payload?.length ?? 0) / 2
  const headers = layers.reduce((sum, layer) => sum + headerBytes(layer), 0)
  const payload = new Uint8Array(Math.max(prefixBytes, bytes - headers))
  payload.set(Buffer.from(part.payload ?? '', 'hex'))
  const frame = layOut([...layers, { kind: 'payload', bytes: payload }])
  const ip = frame.layers.find(({ layer }) => layer.kind === 'ipv4' || layer.kind === 'ipv6')
  assert(ip !== undefined, 'traffic is IP')
  const places = { ...ipPlaces(ip), ...transportPlaces(frame, part) }
  const frameBytes = frame.bytes
  const quiet = new DataView(frameBytes.slice().buffer)
  for (const at of [places.sourceAt, places.targetAt]) quiet.setUint32(at, 0)
  for (const at of [
    places.identificationAt,
    places.ipChecksumAt,
    places.sourcePortAt,
    places.targetPortAt,
    places.transportChecksumAt,
  ]) {
    if (at > 0) quiet.setUint16(at, 0)
  }
  return {
    weight,
    frame: frameBytes,
    headerBytes: headers + prefixBytes,
    sources: rangeOf(part.sources),
    targets: rangeOf(part.targets),
    ...places,
    ipSum: places.ipChecksumAt > 0 ? addWords(quiet, ip.at, ip.at + headerBytes(ip.layer)) : 0,
    transportSum: transportSum(quiet, frame, ip, places.transportCoversAddresses),
  }
}

function layersOf(part: TrafficPart, wire: Wire): Layer[] {
  const source = parsePrefix(part.sources)
  const target = parsePrefix(part.targets)
  assert(
    source !== undefined && target?.family === source.family,
    `${part.sources} and ${part.targets} are prefixes of one family`,
  )
  const addresses = { source: formatAddress(source), target: formatAddress(target) }
  const hasTransport = (part.fragment?.offset ?? 0) === 0
  const transport = transportOf(part, source.family)
  const protocol = protocolOf(transport) ?? 0
  const ethernet: Layer = {
    kind: 'ethernet',
    ...(wire.sourceMac === undefined ? {} : { source: wire.sourceMac }),
    ...(wire.targetMac === undefined ? {} : { target: wire.targetMac }),
  }
  const ip: IpLayer =
    source.family === 4
      ? {
          kind: 'ipv4',
          ...addresses,
          ttl: part.ttl ?? 60,
          protocol,
          ...(part.fragment ? { fragment: part.fragment } : {}),
        }
      : { kind: 'ipv6', ...addresses, hopLimit: part.ttl ?? 60 }
  const extensions: Layer[] = [...(part.extensions ?? [])]
  if (source.family === 6 && part.fragment)
    extensions.push({ kind: 'ipv6-fragment', place: part.fragment, protocol })
  return [
    ethernet,
    ...(part.tags ?? []),
    ip,
    ...extensions,
    ...(hasTransport ? [transport, ...tunnelled(part)] : []),
  ]
}

function transportOf(part: TrafficPart, family: 4 | 6): TransportLayer {
  switch (part.protocol) {
    case 'udp':
      return { kind: 'udp', sourcePort: 0, targetPort: 0 }
    case 'tcp':
      return { kind: 'tcp', sourcePort: 0, targetPort: 0, flags: part.flags ?? ['ack'] }
    case 'icmp':
      return family === 4
        ? { kind: 'icmp', type: part.icmpType ?? 8 }
        : { kind: 'icmpv6', type: part.icmpType ?? 128 }
    default:
      return part.protocol === 'gre' ? { kind: 'gre' } : { kind: 'esp', index: 0x1000 }
  }
}

/** What a GRE flood carries: a packet between addresses that are nobody's. */
function tunnelled(part: TrafficPart): Layer[] {
  if (part.protocol !== 'gre') return []
  return [
    { kind: 'ipv4', source: '192.0.2.1', target: '203.0.113.1' },
    { kind: 'udp', sourcePort: 4000, targetPort: 5000 },
  ]
}

function rangeOf(text: string): AddressRange {
  const prefix = parsePrefix(text)
  assert(prefix !== undefined, `${text} is a prefix`)
  const hostBits = Math.min(bitsOf(prefix.family) - prefix.length, 32)
  return { base: Number(prefix.value & 0xffff_ffffn) | 0, mask: (2 ** hostBits - 1) | 0 }
}

function ipPlaces({
  layer,
  at,
}: Placed): Pick<Template, 'sourceAt' | 'targetAt' | 'identificationAt' | 'ipChecksumAt'> {
  return layer.kind === 'ipv4'
    ? { sourceAt: at + 12, targetAt: at + 16, identificationAt: at + 4, ipChecksumAt: at + 10 }
    : { sourceAt: at + 20, targetAt: at + 36, identificationAt: 0, ipChecksumAt: 0 }
}

type TransportPlaces = Pick<
  Template,
  | 'sourcePorts'
  | 'targetPorts'
  | 'sourcePortAt'
  | 'targetPortAt'
  | 'transportChecksumAt'
  | 'transportCoversAddresses'
  | 'isUdp'
>

function transportPlaces(frame: Frame, part: TrafficPart): TransportPlaces {
  const transport = outerTransport(frame)
  const kind = transport?.layer.kind
  const at = transport?.at ?? 0
  const none = { sourcePorts: NO_PORTS, targetPorts: NO_PORTS, sourcePortAt: 0, targetPortAt: 0 }
  switch (kind) {
    case 'udp':
    case 'tcp':
      return {
        sourcePorts: portRangeOf(part.sourcePort ?? ANY_CLIENT_PORT),
        targetPorts: portRangeOf(part.targetPort ?? 80),
        sourcePortAt: at,
        targetPortAt: at + 2,
        transportChecksumAt: at + CHECKSUM_AT[kind],
        transportCoversAddresses: true,
        isUdp: kind === 'udp',
      }
    case 'icmp':
    case 'icmpv6':
      return {
        ...none,
        sourcePorts: portRangeOf([0, 65535]),
        sourcePortAt: at + 4,
        transportChecksumAt: at + CHECKSUM_AT[kind],
        transportCoversAddresses: kind === 'icmpv6',
        isUdp: false,
      }
    default:
      return { ...none, transportChecksumAt: 0, transportCoversAddresses: false, isUdp: false }
  }
}

/** The transport header whose ports change: not one inside a tunnel. */
function outerTransport(frame: Frame): Placed | undefined {
  const first = frame.layers.find(({ layer }) =>
    ['udp', 'tcp', 'icmp', 'icmpv6', 'gre', 'esp'].includes(layer.kind),
  )
  return first?.layer.kind === 'gre' || first?.layer.kind === 'esp' ? undefined : first
}

function portRangeOf(ports: Ports): PortRange {
  const [first, last] = typeof ports === 'number' ? [ports, ports] : ports
  assert(first >= 0 && first <= last && last <= 65535, `${first} to ${last} is a range of ports`)
  return { first, count: last - first + 1 }
}

function transportSum(quiet: DataView, frame: Frame, ip: Placed, coversAddresses: boolean): number {
  const transport = outerTransport(frame)
  if (transport === undefined) return 0
  const { layer, at, end } = transport
  if (!coversAddresses) return addWords(quiet, at, end)
  const [from, to] = ip.layer.kind === 'ipv4' ? [ip.at + 12, ip.at + 20] : [ip.at + 8, ip.at + 40]
  return addWords(quiet, at, end, addWords(quiet, from, to, (protocolOf(layer) ?? 0) + (end - at)))
}
