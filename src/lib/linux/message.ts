// Many packets in one system call: sendmmsg(2) over a buffer cut into equal slots.

import { assert } from '#lib/assert.ts'
import { addressOf, sendmmsg } from './libc.ts'

// struct mmsghdr and struct iovec on 64-bit Linux; the layout is the same on x64 and arm64.
export const MESSAGE = { bytes: 64, vectorPointer: 16, vectorCount: 24 } as const
export const VECTOR = { bytes: 16, base: 0, length: 8 } as const

/** What `MessageSlots` lays over a buffer: slot `n` begins at byte `n * slotBytes`. */
export interface SlotLayout {
  readonly slots: number
  readonly slotBytes: number
}

/**
 * The message headers for a buffer of packets. It owns the headers and keeps the packets' buffer alive, because the
 * headers hold raw addresses the garbage collector does not see.
 */
export class MessageSlots {
  readonly packets: ArrayBuffer
  readonly slots: number
  readonly #headers: ArrayBuffer
  readonly #vectors: DataView<ArrayBuffer>
  readonly #headersAddress: bigint

  constructor(packets: ArrayBuffer, layout: SlotLayout) {
    assert(layout.slots * layout.slotBytes <= packets.byteLength, 'the slots fit the buffer')
    this.packets = packets
    this.slots = layout.slots
    this.#headers = new ArrayBuffer(layout.slots * MESSAGE.bytes)
    this.#vectors = new DataView(new ArrayBuffer(layout.slots * VECTOR.bytes))
    this.#headersAddress = addressOf(this.#headers)
    const headers = new DataView(this.#headers)
    const packetsAddress = addressOf(packets)
    const vectorsAddress = addressOf(this.#vectors.buffer)
    for (let slot = 0; slot < layout.slots; slot++) {
      const vector = slot * VECTOR.bytes
      this.#vectors.setBigUint64(vector + VECTOR.base, packetsAddress + BigInt(slot * layout.slotBytes), true)
      headers.setBigUint64(
        slot * MESSAGE.bytes + MESSAGE.vectorPointer,
        vectorsAddress + BigInt(vector),
        true,
      )
      headers.setBigUint64(slot * MESSAGE.bytes + MESSAGE.vectorCount, 1n, true)
    }
  }

  /** How many bytes of a slot are sent. */
  setLength(slot: number, bytes: number): void {
    this.#vectors.setBigUint64(slot * VECTOR.bytes + VECTOR.length, BigInt(bytes), true)
  }

  /** Sends the packets of `count` slots from `first` on; returns how many went out, negative when none did (see errno). */
  send(fd: number, first: number, count: number): number {
    assert(first >= 0 && first + count <= this.slots, 'the slots exist')
    return sendmmsg(fd, this.#headersAddress + BigInt(first * MESSAGE.bytes), count, 0)
  }
}
