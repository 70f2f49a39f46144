// Writes the header of each layer into a frame, checksums left at zero (RFC 791, 8200, 768, 9293, 792, 2784, 3032, 2516).

import { assert } from '#lib/assert.ts'
import { parseAddress } from '#lib/ip/address.ts'
import { unreachable } from '#lib/unreachable.ts'
import {
  etherTypeOf,
  type FragmentPlace,
  headerBytes,
  type IpLayer,
  type Layer,
  protocolOf,
  type TcpFlag,
} from './layer.ts'

/** A layer in its place: it begins at `at`, what it carries ends at `end`. */
export interface Placed<Kind extends Layer = Layer> {
  readonly layer: Kind
  readonly at: number
  readonly end: number
  readonly next: Layer | undefined
}

/** Locally administered addresses; the target is nobody's, so the stack behind a capture drops the frame at once. */
export const LAB_MAC = { source: '02:00:00:00:00:01', target: '02:00:00:00:00:99' } as const

/** "Use for experimentation and testing" (RFC 3692), where nothing says what the payload is. */
const UNKNOWN_PROTOCOL = 253
/** Local experimental EtherType of IEEE 802. */
const UNKNOWN_ETHER_TYPE = 0x88b5
const PPP_PROTOCOL = { ipv4: 0x0021, ipv6: 0x0057, other: 0xc021 } as const
const FLAG_BIT = {
  fin: 1,
  syn: 2,
  rst: 4,
  psh: 8,
  ack: 16,
  urg: 32,
  ece: 64,
  cwr: 128,
} as const satisfies Record<TcpFlag, number>

export function writeHeader(view: DataView, { layer, at, end, next }: Placed): void {
  switch (layer.kind) {
    case 'ethernet':
      writeMac(view, at, layer.target ?? LAB_MAC.target)
      writeMac(view, at + 6, layer.source ?? LAB_MAC.source)
      view.setUint16(at + 12, layer.type ?? etherTypeOf(next) ?? UNKNOWN_ETHER_TYPE)
      break
    case 'vlan':
      view.setUint16(at, ((layer.priority ?? 0) << 13) | layer.id)
      view.setUint16(at + 2, etherTypeOf(next) ?? UNKNOWN_ETHER_TYPE)
      break
    case 'mpls':
      view.setUint32(at, layer.label * 0x1000 + (next?.kind === 'mpls' ? 0 : 0x100) + (layer.ttl ?? 64))
      break
    case 'pppoe':
      writePppoe(view, at, end, layer.session, next)
      break
    case 'ipv4':
    case 'ipv6':
      writeIp(view, at, end, layer, next)
      break
    case 'ipv6-fragment':
      view.setUint8(at, layer.protocol ?? protocolOf(next) ?? UNKNOWN_PROTOCOL)
      view.setUint16(at + 2, layer.place.offset | (layer.place.more ? 1 : 0))
      view.setUint32(at + 4, layer.identification ?? 1)
      break
    case 'hop-by-hop':
    case 'destination-options':
    case 'routing':
    case 'authentication':
      writeExtension(view, at, layer, next)
      break
    case 'udp':
    case 'tcp':
    case 'icmp':
    case 'icmpv6':
    case 'gre':
    case 'esp':
      writeTransport(view, at, end, layer, next)
      break
    case 'payload':
      if (typeof layer.bytes !== 'number') new Uint8Array(view.buffer, view.byteOffset + at).set(layer.bytes)
      break
    default:
      unreachable(layer)
  }
}

function writeMac(view: DataView, at: number, text: string): void {
  const bytes = text.split(':').map(part => Number.parseInt(part, 16))
  assert(bytes.length === 6 && bytes.every(byte => byte >= 0 && byte <= 255), `${text} is a MAC address`)
  for (const [index, byte] of bytes.entries()) view.setUint8(at + index, byte)
}

function writePppoe(view: DataView, at: number, end: number, session: number, next: Layer | undefined): void {
  const protocol =
    next?.kind === 'ipv4' || next?.kind === 'ipv6' ? PPP_PROTOCOL[next.kind] : PPP_PROTOCOL.other
  view.setUint16(at, 0x1100)
  view.setUint16(at + 2, session)
  view.setUint16(at + 4, end - at - 6)
  view.setUint16(at + 6, protocol)
}

function writeIp(view: DataView, at: number, end: number, layer: IpLayer, next: Layer | undefined): void {
  const protocol = layer.protocol ?? protocolOf(next) ?? UNKNOWN_PROTOCOL
  if (layer.kind === 'ipv6') {
    view.setUint32(at, 0x6000_0000)
    view.setUint16(at + 4, end - at - 40)
    view.setUint8(at + 6, protocol)
    view.setUint8(at + 7, layer.hopLimit ?? 64)
    writeAddress(view, at + 8, 6, layer.source)
    writeAddress(view, at + 24, 6, layer.target)
    return
  }
  view.setUint8(at, 0x40 | (headerBytes(layer) >> 2))
  view.setUint16(at + 2, end - at)
  view.setUint16(at + 4, layer.identification ?? 0)
  view.setUint16(at + 6, layer.fragment === undefined ? 0 : fragmentField(layer.fragment))
  view.setUint8(at + 8, layer.ttl ?? 64)
  view.setUint8(at + 9, protocol)
  writeAddress(view, at + 12, 4, layer.source)
  writeAddress(view, at + 16, 4, layer.target)
  if (layer.options !== undefined) new Uint8Array(view.buffer, view.byteOffset + at + 20).set(layer.options)
}

const fragmentField = (place: FragmentPlace): number => (place.more ? 0x2000 : 0) | (place.offset >> 3)

function writeAddress(view: DataView, at: number, family: 4 | 6, text: string): void {
  const address = parseAddress(text)
  assert(address?.family === family, `${text} is an IPv${family} address`)
  if (family === 4) {
    view.setUint32(at, Number(address.value))
  } else {
    view.setBigUint64(at, address.value >> 64n)
    view.setBigUint64(at + 8, address.value & 0xffff_ffff_ffff_ffffn)
  }
}

type PlainExtension = Extract<
  Layer,
  { kind: 'hop-by-hop' | 'destination-options' | 'routing' | 'authentication' }
>

function writeExtension(view: DataView, at: number, layer: PlainExtension, next: Layer | undefined): void {
  const bytes = headerBytes(layer)
  view.setUint8(at, protocolOf(next) ?? UNKNOWN_PROTOCOL)
  if (layer.kind === 'authentication') {
    view.setUint8(at + 1, bytes / 4 - 2)
    view.setUint32(at + 4, 1)
    return
  }
  view.setUint8(at + 1, bytes / 8 - 1)
  if (layer.kind === 'routing') {
    view.setUint8(at + 2, layer.type ?? 253)
  } else {
    // One PadN option fills the rest; its length byte holds at most 255.
    view.setUint8(at + 2, 1)
    view.setUint8(at + 3, Math.min(bytes - 4, 255))
  }
}

type Transport = Extract<Layer, { kind: 'udp' | 'tcp' | 'icmp' | 'icmpv6' | 'gre' | 'esp' }>

function writeTransport(
  view: DataView,
  at: number,
  end: number,
  layer: Transport,
  next: Layer | undefined,
): void {
  switch (layer.kind) {
    case 'udp':
      view.setUint16(at, layer.sourcePort)
      view.setUint16(at + 2, layer.targetPort)
      view.setUint16(at + 4, end - at)
      break
    case 'tcp':
      view.setUint16(at, layer.sourcePort)
      view.setUint16(at + 2, layer.targetPort)
      view.setUint32(at + 4, layer.sequence ?? 1)
      view.setUint8(at + 12, headerBytes(layer) << 2)
      view.setUint8(
        at + 13,
        layer.flags.reduce((bits, flag) => bits | FLAG_BIT[flag], 0),
      )
      view.setUint16(at + 14, layer.window ?? 65535)
      if (layer.options !== undefined)
        new Uint8Array(view.buffer, view.byteOffset + at + 20).set(layer.options)
      break
    case 'icmp':
    case 'icmpv6':
      view.setUint8(at, layer.type)
      view.setUint8(at + 1, layer.code ?? 0)
      view.setUint16(at + 4, layer.identifier ?? 0)
      break
    case 'gre':
      view.setUint16(at, (layer.checksum ? 0x8000 : 0) | (layer.key === undefined ? 0 : 0x2000))
      view.setUint16(at + 2, layer.protocol ?? etherTypeOf(next) ?? UNKNOWN_ETHER_TYPE)
      if (layer.key !== undefined) view.setUint32(at + (layer.checksum ? 8 : 4), layer.key)
      break
    case 'esp':
      view.setUint32(at, layer.index)
      view.setUint32(at + 4, layer.sequence ?? 1)
      break
    default:
      unreachable(layer)
  }
}
