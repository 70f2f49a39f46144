// Writes classic pcap (draft-ietf-opsawg-pcap), little-endian: bytes of a file header and of records.

import { assert } from '#lib/assert.ts'
import { MAX_CAPTURED } from './record.ts'

/** Unit of the fraction of a second. Every reader knows microseconds; nanoseconds lose nothing. */
export type PcapUnit = 'micros' | 'nanos'

export interface WrittenPacket {
  /** Since 1970 UTC. */
  readonly seconds: number
  readonly nanoseconds: number
  /** The bytes that are there, link layer first. */
  readonly bytes: Uint8Array
  /** Bytes it had on the wire. */
  readonly wire: number
}

const MAGIC = { micros: 0xa1b2c3d4, nanos: 0xa1b23c4d } as const
const HEADER_BYTES = 24
const HEAD_BYTES = 16

/** The first 24 bytes of a file. `snap` is the longest piece of a packet that any record will hold. */
export function pcapHeader(link: number, snap: number, unit: PcapUnit): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(HEADER_BYTES)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, MAGIC[unit], true)
  view.setUint16(4, 2, true)
  view.setUint16(6, 4, true)
  view.setUint32(16, snap, true)
  view.setUint32(20, link, true)
  return bytes
}

/** One record, to be appended to a file whose header has the same unit. */
export function pcapRecord(packet: WrittenPacket, unit: PcapUnit): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(recordBytes(packet))
  putPcapRecord(bytes, new DataView(bytes.buffer), 0, packet, unit)
  return bytes
}

/** How long the record of a packet is. */
export const recordBytes = ({ bytes }: Pick<WrittenPacket, 'bytes'>): number => HEAD_BYTES + bytes.length

/** The same record put into memory that has room for it at `at`; `view` is a view of all of `memory`. */
export function putPcapRecord(
  memory: Uint8Array,
  view: DataView,
  at: number,
  { seconds, nanoseconds, bytes, wire }: WrittenPacket,
  unit: PcapUnit,
): void {
  assert(bytes.length <= MAX_CAPTURED, 'a packet of a capture file fits its limit')
  view.setUint32(at, seconds, true)
  view.setUint32(at + 4, unit === 'nanos' ? nanoseconds : Math.floor(nanoseconds / 1000), true)
  view.setUint32(at + 8, bytes.length, true)
  view.setUint32(at + 12, wire, true)
  memory.set(bytes, at + HEAD_BYTES)
}
