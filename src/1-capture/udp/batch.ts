// Hot path. Many datagrams in one system call: recvmmsg(2) into memory that is never given back.

import { assert } from '#lib/assert.ts'
import { addressOf, errno, recvmmsg } from '#lib/linux/libc.ts'
import { MESSAGE, VECTOR } from '#lib/linux/message.ts'
import { DATAGRAM_BYTES_MAX, type DatagramMemory, PLACE_BYTES } from './datagram-memory.ts'

/** Waits for the first datagram only; the others are taken when they are there. */
const MSG_WAITFORONE = 0x10000
/** struct mmsghdr: where the address of the sender is to be written, and the length of the datagram. */
const NAME = { pointer: 0, length: 8, bytes: 28 } as const
const RECEIVED_WORD = 14
const HEADER_WORDS = MESSAGE.bytes / 4
const EINTR = 4
const EAGAIN = 11

export class DatagramBatch {
  readonly memory: DatagramMemory
  // Held here because the headers hold raw addresses, which the garbage collector does not see.
  private readonly headers: Uint32Array<ArrayBuffer>
  private readonly names: DataView<ArrayBuffer>
  private readonly vectors: BigUint64Array<ArrayBuffer>
  private readonly headersAddress: bigint

  constructor(memory: DatagramMemory) {
    this.memory = memory
    const { places, bytes } = memory
    assert(VECTOR.bytes === 16, 'a vector is two words of 64 bits')
    this.headers = new Uint32Array(new ArrayBuffer(places * MESSAGE.bytes))
    this.names = new DataView(new ArrayBuffer(places * NAME.bytes))
    this.vectors = new BigUint64Array(new ArrayBuffer(places * VECTOR.bytes))
    this.headersAddress = addressOf(this.headers.buffer)
    const [data, names, vectors] = [bytes, this.names.buffer, this.vectors.buffer].map(addressOf)
    const view = new DataView(this.headers.buffer)
    for (let place = 0; place < places; place++) {
      const at = place * MESSAGE.bytes
      this.vectors[2 * place] = data! + BigInt(place * PLACE_BYTES)
      this.vectors[2 * place + 1] = BigInt(DATAGRAM_BYTES_MAX)
      view.setBigUint64(at + NAME.pointer, names! + BigInt(place * NAME.bytes), true)
      view.setUint32(at + NAME.length, NAME.bytes, true)
      view.setBigUint64(at + MESSAGE.vectorPointer, vectors! + BigInt(place * VECTOR.bytes), true)
      view.setBigUint64(at + MESSAGE.vectorCount, 1n, true)
    }
  }

  /** Receives what is there, or waits for it as long as the socket does. The number of datagrams; negative: an errno. */
  receive(fd: number): number {
    const received = recvmmsg(fd, this.headersAddress, this.memory.places, MSG_WAITFORONE, null)
    if (received >= 0) return received
    const error = errno()
    return error === EAGAIN || error === EINTR ? 0 : -error
  }

  /** Takes a datagram in hand: its sender is in `memory` then. Gives its length; it begins at `place` times PLACE_BYTES. */
  take(place: number): number {
    this.memory.readSender(this.names, place * NAME.bytes)
    return this.headers[place * HEADER_WORDS + RECEIVED_WORD]!
  }
}
