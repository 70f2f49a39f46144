// Finds out which capture format bytes are in: classic pcap (draft-ietf-opsawg-pcap) or pcapng (draft-ietf-opsawg-pcapng).

import { CLASSIC_HEADER_BYTES, ClassicReader } from './classic-reader.ts'
import { PcapngReader, SECTION_HEADER } from './pcapng-reader.ts'
import type { PcapProblem, PcapReader, PcapRecord } from './record.ts'

/** First four bytes of classic files as written by a machine of the same byte order as the number. */
const MAGIC = {
  micros: 0xa1b2c3d4,
  nanos: 0xa1b23c4d,
  /** Alexey Kuznetsov's patched tcpdump: longer record headers. */
  modified: 0xa1b2cd34,
} as const

/** What people give us by mistake: first two bytes, packer, and what undoes it. */
const PACKED = [
  [0x1f8b, 'gzip', 'gunzip'],
  [0x28b5, 'zstd', 'unzstd'],
  [0x0422, 'lz4', 'unlz4'],
  [0xfd37, 'xz', 'unxz'],
] as const

export type OpenedPcap =
  | { readonly kind: 'opened'; readonly reader: PcapReader }
  | { readonly kind: 'more' }
  | PcapProblem

/**
 * Begins to read a capture from its first bytes; `record` is what the reader will fill.
 * `more` means that there are too few bytes yet: call again with more. An opened reader's `position` says where to go on.
 */
export function openPcap(view: DataView, at: number, end: number, record: PcapRecord): OpenedPcap {
  if (end - at < CLASSIC_HEADER_BYTES) return { kind: 'more' }
  const magic = view.getUint32(at)
  if (magic === SECTION_HEADER) return { kind: 'opened', reader: new PcapngReader(record, at) }
  for (const isLittle of [true, false]) {
    const number = view.getUint32(at, isLittle)
    if (number !== MAGIC.micros && number !== MAGIC.nanos && number !== MAGIC.modified) continue
    const major = view.getUint16(at + 4, isLittle)
    if (major !== 2) return broken(4, `pcap version ${major} is not known (2 is)`)
    return {
      kind: 'opened',
      reader: new ClassicReader(record, at, {
        isLittle,
        isNanos: number === MAGIC.nanos,
        isModified: number === MAGIC.modified,
        // The upper bits say whether frames end in a checksum, which IP lengths leave out anyway.
        link: view.getUint32(at + 20, isLittle) & 0xffff,
      }),
    }
  }
  return broken(0, reasonFor(magic))
}

function reasonFor(magic: number): string {
  const packed = PACKED.find(([start]) => start === magic >>> 16)
  return packed === undefined
    ? 'neither pcap nor pcapng'
    : `compressed with ${packed[1]}: run ${packed[2]} on it first`
}

const broken = (at: number, reason: string): PcapProblem => ({ kind: 'broken', at, reason })
