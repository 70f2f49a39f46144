// Writes timed frames into a pcap file.

import { closeSync, openSync, writeSync } from 'node:fs'
import { pcapHeader, putPcapRecord, recordBytes } from '#lib/pcap/writer.ts'
import type { TimedFrame } from './timeline.ts'

/** Every file begins at the same moment, 2026-01-01 00:00 UTC, so the same traffic makes the same file. */
export const FILE_START_SECONDS = 1_767_225_600

const LINK_ETHERNET = 1
const WHOLE_FRAME = 65_535
const CHUNK_BYTES = 1 << 20

/** Cuts frames to `snapBytes` and returns how many packets the file has. An existing file is replaced. */
export function writePcap(path: string, frames: Iterable<TimedFrame>, snapBytes = WHOLE_FRAME): number {
  const fd = openSync(path, 'w')
  try {
    const chunk = new Uint8Array(CHUNK_BYTES)
    const view = new DataView(chunk.buffer)
    const header = pcapHeader(LINK_ETHERNET, snapBytes, 'nanos')
    chunk.set(header)
    let filled = header.length
    let packets = 0
    for (const { nanos, bytes } of frames) {
      const packet = {
        seconds: FILE_START_SECONDS + Math.floor(nanos / 1e9),
        nanoseconds: nanos % 1e9,
        bytes: bytes.subarray(0, snapBytes),
        wire: bytes.length,
      }
      const length = recordBytes(packet)
      if (filled + length > CHUNK_BYTES) {
        writeSync(fd, chunk, 0, filled)
        filled = 0
      }
      putPcapRecord(chunk, view, filled, packet, 'nanos')
      filled += length
      packets++
    }
    writeSync(fd, chunk, 0, filled)
    return packets
  } finally {
    closeSync(fd)
  }
}
