// The least that can be done with a ring: to go from slot to slot.

import { BLOCK, BLOCK_WORDS, TPACKET3 } from '#1-capture/af-packet/layout.ts'

const NEXT = TPACKET3.nextOffset

/** Walks all blocks; what it returns depends on every slot, so nothing can be left out. */
export function walkRing(words: Int32Array, blocks: number): number {
  let sum = 0
  for (let block = 0; block < blocks; block++) {
    const base = block * BLOCK_WORDS
    sum ^= walkBlock(words, base + (words[base + BLOCK.first]! >> 2), words[base + BLOCK.packets]!)
  }
  return sum
}

function walkBlock(words: Int32Array, first: number, packets: number): number {
  let w = first
  for (let i = 0; i < packets; i = (i + 1) | 0) {
    w = (w + (words[w + NEXT]! >> 2)) | 0
  }
  return w
}
