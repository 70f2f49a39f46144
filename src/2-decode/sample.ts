// Hot path. The one record every source produces: what a packet (or a flow record) says, in numbers.
//
// One object is reused for all packets of a worker; whoever wants to keep a sample copies it. Addresses are the
// bytes of the wire read as little-endian signed 32-bit words (A first): the form in which the host tables look them up.
// Signed, because V8 then keeps every field a small integer. An IPv4 address fills A only; B, C and D are 0.

/** Where a decoder stopped. Counted per outcome, never thrown. */
export const OUTCOME = {
  /** Addresses are known. Ports and flags may be missing when the packet was cut (`isCut`). */
  decoded: 0,
  /** Not IP: ARP, LLDP, STP, a PPPoE session in negotiation. */
  notIp: 1,
  /** Too short to hold both addresses. */
  cut: 2,
  /** A length or version that cannot be. */
  malformed: 3,
} as const

/** Link layers a frame may begin with (a subset of the LINKTYPE_ registry of pcap). */
export const LINK = {
  ethernet: 1,
  rawIp: 101,
  linuxSll: 113,
  linuxSll2: 276,
  null: 0,
  ppp: 9,
  /** Values of raw IP as some systems wrote it before 101 was agreed on. */
  rawIpBsd: 12,
  rawIpOpenBsd: 14,
  loop: 108,
  ipv4: 228,
  ipv6: 229,
  /** LLC as ATM carries it (RFC 2684). */
  atm: 100,
  mpls: 219,
} as const

export const FLAG = { fin: 1, syn: 2, rst: 4, psh: 8, ack: 16, urg: 32 } as const

export class Sample {
  /** 4 or 6; 0 before the first decode. */
  family = 0
  sourceA = 0
  sourceB = 0
  sourceC = 0
  sourceD = 0
  targetA = 0
  targetB = 0
  targetC = 0
  targetD = 0
  /** IP protocol number; for IPv6 the one after all extension headers. */
  protocol = 0
  sourcePort = 0
  targetPort = 0
  /** TCP flags byte (RFC 9293 3.1), 0 for others and when cut. */
  tcpFlags = 0
  icmpType = 0
  icmpCode = 0
  ttl = 0
  /** 1 when the packet is a fragment of any kind (first, middle, last). */
  isFragment = 0
  /** Fragment offset in bytes; not 0 means there is no transport header. */
  fragmentOffset = 0
  /** 1 when the transport header was cut by the capture or by the sender. */
  isCut = 0
  /** Length the IP header states, in bytes: total length (v4) or payload length + 40 (v6); 0 when it states none (jumbogram). */
  ipLength = 0
  /** Outermost VLAN identifier found in the frame, 0 when there is none. */
  vlan = 0
  /** Offset of the IP header in the buffer it was decoded from. */
  ipOffset = 0
  /** Offset of what follows the IP headers, which may lie at the end of the capture; 0 when nothing is known to follow (a later fragment). */
  transportOffset = 0

  /** All zero again: what a sample says after any outcome but `decoded`. */
  clear(): void {
    this.family = 0
    this.sourceA = this.sourceB = this.sourceC = this.sourceD = 0
    this.targetA = this.targetB = this.targetC = this.targetD = 0
    this.protocol = this.sourcePort = this.targetPort = this.tcpFlags = 0
    this.icmpType = this.icmpCode = this.ttl = 0
    this.isFragment = this.fragmentOffset = this.isCut = 0
    this.ipLength = this.vlan = this.ipOffset = this.transportOffset = 0
  }
}
