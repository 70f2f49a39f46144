// TPACKET_V3 blocks in plain memory: what the kernel would have written, for benches and tests of the counting loop.

import { BLOCK, BLOCK_BYTES, TPACKET3 } from '#1-capture/af-packet/layout.ts'

/** Where the kernel puts an Ethernet frame behind its slot's header, so that the network header is 16-byte aligned. */
const FRAME_OFFSET = 82
const ETHERNET_BYTES = 14
const SLOT_ALIGNMENT = 8
const BLOCK_HEADER_BYTES = 48

export interface FilledBlocks {
  /** The blocks, as in a real ring. */
  readonly buffer: ArrayBuffer
  readonly blocks: number
  readonly packets: number
}

/** The bytes of a frame that are kept, and how long it was on the wire. */
export interface BlockFrame {
  readonly bytes: Uint8Array
  readonly wire: number
}

/** Bytes a frame of which so many are kept takes in a block. */
const slotBytes = (captured: number): number =>
  Math.ceil((FRAME_OFFSET + captured) / SLOT_ALIGNMENT) * SLOT_ALIGNMENT

/** How many blocks hold so many frames of this length. */
export const blocksFor = (packets: number, captured: number): number =>
  Math.ceil(packets / Math.floor((BLOCK_BYTES - BLOCK_HEADER_BYTES) / slotBytes(captured)))

/** Memory for so many blocks. */
export const blockMemory = (blocks: number): ArrayBuffer => new ArrayBuffer(blocks * BLOCK_BYTES)

/** Fills `blocks` blocks with frames; `frameAt` gives the frame of packet n. Memory that was filled before can be filled again. */
export function fillBlocks(
  blocks: number,
  frameAt: (packet: number) => BlockFrame,
  buffer: ArrayBuffer = blockMemory(blocks),
): FilledBlocks {
  const words = new Int32Array(buffer)
  const bytes = new Uint8Array(buffer)
  let packets = 0
  let frame = frameAt(0)
  for (let block = 0; block < blocks; block++) {
    const base = block * BLOCK_BYTES
    let at = base + BLOCK_HEADER_BYTES
    let count = 0
    for (;;) {
      const size = slotBytes(frame.bytes.length)
      if (at + size > base + BLOCK_BYTES) break
      const w = at >> 2
      words[w + TPACKET3.nextOffset] = size
      words[w + TPACKET3.seconds] = 1_700_000_000
      words[w + TPACKET3.nanoseconds] = packets % 1_000_000_000
      words[w + TPACKET3.captured] = frame.bytes.length
      words[w + TPACKET3.wire] = frame.wire
      words[w + TPACKET3.offsets] = FRAME_OFFSET | ((FRAME_OFFSET + ETHERNET_BYTES) << 16)
      bytes.set(frame.bytes, at + FRAME_OFFSET)
      at += size
      count++
      packets++
      frame = frameAt(packets)
    }
    words[(base >> 2) + BLOCK.status] = 1
    words[(base >> 2) + BLOCK.packets] = count
    words[(base >> 2) + BLOCK.first] = BLOCK_HEADER_BYTES
  }
  return { buffer, blocks, packets }
}
