// Where things stand in a TPACKET_V3 ring (linux/if_packet.h): blocks of packets, written by the kernel, read in place.
//
// A ring is an array of blocks; a block is a header and a chain of slots; a slot is a header, the link-layer address
// of the packet and its frame. All headers begin at multiples of 8 and are read as 32-bit words; they are the same on
// x64 and arm64, in the machine's (little-endian) order but for what is copied from the wire.

/** Size of our blocks. 1 MiB holds some 4,700 packets of 128 captured bytes. */
export const BLOCK_BYTES = 1 << 20
export const BLOCK_WORDS = BLOCK_BYTES >> 2

/** struct tpacket_block_desc with struct tpacket_hdr_v1: words from the block's beginning. */
export const BLOCK = {
  /** A STATUS number. */
  status: 2,
  /** Number of slots. */
  packets: 3,
  /** Bytes from the block's beginning to its first slot. */
  first: 4,
  /** Wall clock at the capture of its last packet, seconds and nanoseconds. */
  lastSeconds: 10,
  lastNanoseconds: 11,
} as const

/** Who may touch a block: with the bit `user` set it is ours to read; writing `kernel` gives it back. */
export const STATUS = { kernel: 0, user: 1 } as const

/** struct tpacket3_hdr: words from the slot's beginning. */
export const TPACKET3 = {
  /** Bytes to the next slot of the block. */
  nextOffset: 0,
  /** Wall clock at capture, seconds and nanoseconds. */
  seconds: 1,
  nanoseconds: 2,
  /** Bytes of the frame that are in the ring. */
  captured: 3,
  /** Bytes the frame has on the wire, without checksum and without a tag the kernel has taken out. */
  wire: 4,
  /** SLOT_STATUS bits. */
  status: 5,
  /** Bytes from the slot to the frame (low half) and to the network header behind Ethernet (high half, a multiple of 16). */
  offsets: 6,
  /** Priority, DEI and identifier of a VLAN tag the kernel has taken out of the frame, as SLOT_STATUS tells. */
  vlanTci: 8,
  /** Type of that tag (low half), 0x8100 or 0x88a8. */
  vlanTpid: 9,
  /** struct sockaddr_ll: family (low half), EtherType in the order of the wire (high half). */
  protocol: 12,
  /** Index of the interface. */
  interfaceIndex: 13,
  /** ARPHRD_ number (low half), PACKET_TYPE (third byte), length of the link-layer address (fourth). */
  packetType: 14,
} as const

/** Bits of a slot's status. */
export const SLOT_STATUS = {
  /** `vlanTci` holds a tag that is not in the frame: there the type behind the tag follows the two addresses. */
  vlanValid: 1 << 4,
  /** `vlanTpid` holds the type of that tag; without it the type is 0x8100. */
  vlanTpidValid: 1 << 6,
} as const

/** Which way a packet went (linux/if_packet.h). */
export const PACKET_TYPE = { host: 0, broadcast: 1, multicast: 2, otherHost: 3, outgoing: 4 } as const
