// How the frames of an interface begin, from its ARPHRD_ number (linux/if_arp.h).

/** Numbers of the LINKTYPE_ registry (tcpdump.org/linktypes.html): the two a ring can hold. */
export const LINK_TYPE = { ethernet: 1, rawIp: 101 } as const

export interface LinkKind {
  readonly linkType: (typeof LINK_TYPE)[keyof typeof LINK_TYPE]
  /** The kernel takes the link layer off and the frame begins with the network header (SOCK_DGRAM, packet(7)). */
  readonly isCooked: boolean
}

const ARPHRD_ETHER = 1
const ARPHRD_LOOPBACK = 772

const ETHERNET: LinkKind = { linkType: LINK_TYPE.ethernet, isCooked: false }
const COOKED: LinkKind = { linkType: LINK_TYPE.rawIp, isCooked: true }

/**
 * Ethernet and loopback frames are read as they are. What a driver puts before the network header elsewhere differs
 * (PPP, raw IP, IP-in-IP, GRE with its outer header) and even between receiving and sending, so the kernel is asked
 * to take it off, whatever it is.
 */
export function linkKindOf(hardwareType: number): LinkKind {
  return hardwareType === ARPHRD_ETHER || hardwareType === ARPHRD_LOOPBACK ? ETHERNET : COOKED
}
