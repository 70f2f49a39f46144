// The layers a lab frame is made of, as plain values from the outside in, and how many bytes each takes.

import { unreachable } from '#lib/unreachable.ts'

export type TcpFlag = 'fin' | 'syn' | 'rst' | 'psh' | 'ack' | 'urg' | 'ece' | 'cwr'

/** Where a fragment lies in its datagram. The offset is in bytes, a multiple of eight. */
export interface FragmentPlace {
  readonly offset: number
  readonly more: boolean
}

/** The IPv6 headers that may stand between the fixed header and the transport (RFC 8200, 4302). */
export type ExtensionLayer =
  | { readonly kind: 'hop-by-hop' | 'destination-options'; readonly bytes?: number }
  /** Default type 253, for experiments (RFC 3692): other types give the bytes a meaning. */
  | { readonly kind: 'routing'; readonly type?: number; readonly bytes?: number }
  | {
      readonly kind: 'ipv6-fragment'
      readonly place: FragmentPlace
      readonly identification?: number
      readonly protocol?: number
    }
  | { readonly kind: 'authentication'; readonly bytes?: number }

/** What may stand between Ethernet and IP. */
export type TagLayer =
  | { readonly kind: 'vlan'; readonly id: number; readonly priority?: number; readonly service?: boolean }
  | { readonly kind: 'mpls'; readonly label: number; readonly ttl?: number }
  | { readonly kind: 'pppoe'; readonly session: number }

export type IpLayer =
  | {
      readonly kind: 'ipv4'
      readonly source: string
      readonly target: string
      readonly ttl?: number
      readonly identification?: number
      /** Raw options; padded with zeros to a multiple of four. */
      readonly options?: Uint8Array
      readonly fragment?: FragmentPlace
      /** Needed only where the next layer does not tell, as in a later fragment. */
      readonly protocol?: number
    }
  | {
      readonly kind: 'ipv6'
      readonly source: string
      readonly target: string
      readonly hopLimit?: number
      readonly protocol?: number
    }

export type TransportLayer =
  | { readonly kind: 'udp'; readonly sourcePort: number; readonly targetPort: number }
  | {
      readonly kind: 'tcp'
      readonly sourcePort: number
      readonly targetPort: number
      readonly flags: readonly TcpFlag[]
      readonly sequence?: number
      readonly window?: number
      readonly options?: Uint8Array
    }
  | { readonly kind: 'icmp'; readonly type: number; readonly code?: number; readonly identifier?: number }
  | { readonly kind: 'icmpv6'; readonly type: number; readonly code?: number; readonly identifier?: number }
  | { readonly kind: 'gre'; readonly key?: number; readonly checksum?: boolean; readonly protocol?: number }
  | { readonly kind: 'esp'; readonly index: number; readonly sequence?: number }

export type Layer =
  | { readonly kind: 'ethernet'; readonly source?: string; readonly target?: string; readonly type?: number }
  | TagLayer
  | IpLayer
  | ExtensionLayer
  | TransportLayer
  | { readonly kind: 'payload'; readonly bytes: number | Uint8Array }

/** Bytes the layer's own header takes (for a payload: all of it). */
export function headerBytes(layer: Layer): number {
  switch (layer.kind) {
    case 'ethernet':
      return 14
    case 'vlan':
    case 'mpls':
      return 4
    case 'pppoe':
    case 'udp':
    case 'icmp':
    case 'icmpv6':
    case 'esp':
    case 'ipv6-fragment':
      return 8
    case 'ipv4':
      return 20 + paddedTo(4, layer.options?.length ?? 0)
    case 'ipv6':
      return 40
    case 'hop-by-hop':
    case 'destination-options':
    case 'routing':
      return paddedTo(8, layer.bytes ?? 8)
    case 'authentication':
      return paddedTo(8, layer.bytes ?? 24)
    case 'tcp':
      return 20 + paddedTo(4, layer.options?.length ?? 0)
    case 'gre':
      return 4 + (layer.checksum ? 4 : 0) + (layer.key === undefined ? 0 : 4)
    case 'payload':
      return typeof layer.bytes === 'number' ? layer.bytes : layer.bytes.length
    default:
      return unreachable(layer)
  }
}

const paddedTo = (unit: number, bytes: number): number => Math.ceil(bytes / unit) * unit

/** EtherType by which an outer layer names this one; `undefined` when it has none. */
export function etherTypeOf(layer: Layer | undefined): number | undefined {
  switch (layer?.kind) {
    case 'vlan':
      return layer.service ? 0x88a8 : 0x8100
    case 'mpls':
      return 0x8847
    case 'pppoe':
      return 0x8864
    case 'ipv4':
      return 0x0800
    case 'ipv6':
      return 0x86dd
    case 'ethernet':
      return 0x6558
    default:
      return undefined
  }
}

/** IP protocol number by which an outer layer names this one; `undefined` when it has none. */
export function protocolOf(layer: Layer | undefined): number | undefined {
  switch (layer?.kind) {
    case 'udp':
      return 17
    case 'tcp':
      return 6
    case 'icmp':
      return 1
    case 'icmpv6':
      return 58
    case 'gre':
      return 47
    case 'esp':
      return 50
    case 'ipv4':
      return 4
    case 'ipv6':
      return 41
    case 'hop-by-hop':
      return 0
    case 'routing':
      return 43
    case 'ipv6-fragment':
      return 44
    case 'authentication':
      return 51
    case 'destination-options':
      return 60
    case 'mpls':
      return 137
    default:
      return undefined
  }
}
