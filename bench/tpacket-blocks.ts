// TPACKET_V3 blocks in plain memory: what the kernel would have written, for benches and tests of the counting loop.

import { BLOCK, BLOCK_BYTES, TPACKET3 } from '#1-capture/af-packet/layout.ts'

const MAC_OFFSET = 66
const ALIGN = 16

export interface FilledBlocks {
  readonly buffer: ArrayBuffer
  readonly blocks: number
  readonly packets: number
}

/** Fills `blocks` blocks with frames; `frameAt` gives the bytes of packet n and how long it was on the wire. */
export function fillBlocks(
  blocks: number,
  frameAt: (packet: number) => { readonly bytes: Uint8Array; readonly wire: number },
): FilledBlocks {
  const buffer = new ArrayBuffer(blocks * BLOCK_BYTES)
  const words = new Int32Array(buffer)
  const bytes = new Uint8Array(buffer)
  let packets = 0
  for (let block = 0; block < blocks; block++) {
    const base = block * BLOCK_BYTES
    let at = base + 48
    let count = 0
    for (;;) {
      const frame = frameAt(packets)
      const size = Math.ceil((MAC_OFFSET + 16 + frame.bytes.length) / ALIGN) * ALIGN
      if (at + size > base + BLOCK_BYTES) break
      const w = at >> 2
      words[w + TPACKET3.nextOffset] = size
      words[w + TPACKET3.seconds] = 1_700_000_000
      words[w + TPACKET3.nanoseconds] = packets % 1_000_000_000
      words[w + TPACKET3.captured] = frame.bytes.length
      words[w + TPACKET3.wire] = frame.wire
      words[w + TPACKET3.offsets] = MAC_OFFSET | ((MAC_OFFSET + 14) << 16)
      bytes.set(frame.bytes, at + MAC_OFFSET)
      at += size
      count++
      packets++
    }
    words[(base >> 2) + BLOCK.status] = 1
    words[(base >> 2) + BLOCK.packets] = count
    words[(base >> 2) + BLOCK.first] = 48
  }
  return { buffer, blocks, packets }
}
