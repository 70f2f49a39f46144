// The memory of a packet ring, seen from each of the words that counting reads: a column per field.
//
// A field at a fixed distance is then read without adding that distance first, an addition that V8 would have to check for
// overflow at each packet.

import { TPACKET3 } from '#1-capture/af-packet/layout.ts'

/**
 * Columns of `frames`. Those of the slot are read at the word it begins at; those of the packet at the word that ends in
 * its EtherType, when an IPv4 header without options follows.
 */
export function ringColumns(frames: ArrayBuffer) {
  const column = (word: number) => new Int32Array(frames, word * 4)
  return {
    next: column(TPACKET3.nextOffset),
    seconds: column(TPACKET3.seconds),
    nanoseconds: column(TPACKET3.nanoseconds),
    captured: column(TPACKET3.captured),
    wire: column(TPACKET3.wire),
    offsets: column(TPACKET3.offsets),
    /** Version, header length, type of service, total length. */
    ip: column(1),
    /** Identification, flags and fragment offset. */
    fragment: column(2),
    /** Time to live, protocol, checksum. */
    protocol: column(3),
    source: column(4),
    target: column(5),
    /** Source and target port, where there are ports. */
    ports: column(6),
    /** Data offset, flags and window of TCP. */
    tcpFlags: column(9),
    /** Of IPv6: the words of both addresses, highest first, ports, flags of TCP. */
    source6: [column(3), column(4), column(5), column(6)] as const,
    target6: [column(7), column(8), column(9), column(10)] as const,
    ports6: column(11),
    tcpFlags6: column(14),
  }
}
