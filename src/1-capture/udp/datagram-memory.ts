// Hot path. The memory datagrams are received into, and who sent them.
//
// A place holds the longest datagram there is, so nothing is ever cut. Places lie a little further apart than a multiple
// of a page, because datagrams of which all begin at the same cache set would drive each other out of the caches.

/** The longest UDP payload over IPv4 is 65,507 bytes, over IPv6 65,527 without a jumbogram. */
export const DATAGRAM_BYTES_MAX = 65_535
export const PLACE_BYTES = 67_648

export class DatagramMemory {
  readonly bytes: ArrayBuffer
  readonly view: DataView
  readonly places: number
  /** Where the spare bytes begin, which nobody receives into. */
  readonly spareAt: number
  /** The sender of the datagram in hand: IP version, address as words of the wire (little-endian; IPv4 has one), port. */
  family = 4
  a = 0
  b = 0
  c = 0
  d = 0
  port = 0

  constructor(places: number, spareBytes: number) {
    this.places = places
    this.spareAt = places * PLACE_BYTES
    this.bytes = new ArrayBuffer(this.spareAt + spareBytes)
    this.view = new DataView(this.bytes)
  }

  /** Takes the sender from a struct sockaddr_in or sockaddr_in6; an IPv4 address mapped into IPv6 is an IPv4 address. */
  readSender(names: DataView, at: number): void {
    this.port = names.getUint16(at + 2)
    if (names.getUint16(at, true) !== AF_INET6) {
      this.setIpv4(names.getInt32(at + 4, true))
      return
    }
    const a = names.getInt32(at + 8, true)
    const b = names.getInt32(at + 12, true)
    const c = names.getInt32(at + 16, true)
    const d = names.getInt32(at + 20, true)
    if ((a | b) === 0 && c === MAPPED) this.setIpv4(d)
    else this.setIpv6(a, b, c, d)
  }

  setIpv4(a: number): void {
    this.family = 4
    this.a = a
    this.b = this.c = this.d = 0
  }

  setIpv6(a: number, b: number, c: number, d: number): void {
    this.family = 6
    this.a = a
    this.b = b
    this.c = c
    this.d = d
  }
}

const AF_INET6 = 10
/** The third word of ::ffff:0:0/96, as it lies in memory. */
const MAPPED = 0xffff_0000 | 0
