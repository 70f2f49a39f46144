// Hot path. Numbers of sFlow's structures (sFlow version 5; structures registered at sflow.org), and what they are to us.

import { LINK } from '#2-decode/sample.ts'

/** Formats of samples; the upper 20 bits of a format are an enterprise, 0 for sFlow's own. */
export const SAMPLE = {
  flow: 1,
  counters: 2,
  expandedFlow: 3,
  expandedCounters: 4,
  discard: 5,
} as const

/** Formats of the records within a sample of a packet. */
export const RECORD = {
  header: 1,
  ethernet: 2,
  ipv4: 3,
  ipv6: 4,
  switch: 1001,
  router: 1002,
  gateway: 1003,
  mpls: 1006,
  nat: 1007,
  mplsTunnel: 1008,
  mplsCircuit: 1009,
  mplsFtn: 1010,
  mplsLdpFec: 1011,
  vlanTunnel: 1012,
  natPort: 1020,
  layer2TunnelEgress: 1021,
  layer2TunnelIngress: 1022,
  ipv4TunnelEgress: 1023,
  ipv4TunnelIngress: 1024,
  ipv6TunnelEgress: 1025,
  ipv6TunnelIngress: 1026,
  decapsulateEgress: 1027,
  decapsulateIngress: 1028,
  virtualNetworkEgress: 1029,
  virtualNetworkIngress: 1030,
  vlanIn: 1034,
  vlanOut: 1035,
} as const

/** Formats of the records within a sample of counters. */
export const COUNTERS = { generic: 1, ethernet: 2 } as const

/** Classes of data sources. */
export const SOURCE_CLASS = { interface: 0, vlan: 1, physical: 2, logical: 3 } as const

/** How an interface is told: by its index, as the reason of a discard, or as the number of several. */
export const INTERFACE = { single: 0, discard: 1, multiple: 2 } as const

/** The index that stands for the exporter itself. */
export const INTERNAL_INTERFACE = 0x3fff_ffff

/** The link layer (LINK) of a header protocol; -1 when it is one that we do not follow. */
export function linkOf(headerProtocol: number): number {
  switch (headerProtocol) {
    case 1:
      return LINK.ethernet
    // PPP, and PPP over SONET.
    case 7:
    case 14:
      return LINK.ppp
    case 9:
      return LINK.atm
    // IP on a virtual circuit of ATM, IPv4, IPv6: the version in the header decides.
    case 10:
    case 11:
    case 12:
      return LINK.rawIp
    case 13:
      return LINK.mpls
    default:
      return -1
  }
}
