// Hot path. What a layer below IP says about the next one, as one number, so that no layer needs to know another.
//
// A step is the number of bytes the layer takes and the EtherType of what follows; negative, it is an outcome. Layers
// that have no EtherType on an Ethernet get the one that GRE gives them: a frame within is 0x6558, PPP is 0x880b.

/** EtherTypes that are followed (IEEE 802, RFC 9542). */
export const ETHER_TYPE = {
  ipv4: 0x0800,
  ipv6: 0x86dd,
  /** 802.1Q. */
  customerTag: 0x8100,
  /** 802.1ad. */
  serviceTag: 0x88a8,
  /** QinQ before 802.1ad. */
  oldServiceTag: 0x9100,
  mpls: 0x8847,
  mplsMulticast: 0x8848,
  pppoeSession: 0x8864,
  ppp: 0x880b,
  ethernet: 0x6558,
} as const

/** The layer takes `bytes` (below 32768), and then comes `etherType`. */
export const step = (bytes: number, etherType: number): number => (bytes << 16) | etherType

export const stepBytes = (step: number): number => step >>> 16

export const stepType = (step: number): number => step & 0xffff
