// Parts a stream of IPFIX over TCP into messages, whatever pieces it arrives in. Memory: one message of the largest size.

import { messageLength, NO_MESSAGE } from './message-length.ts'

const MESSAGE_BYTES_MAX = 0xffff

/** Called with one whole message; the bytes are only valid during the call. */
export type TakeMessage = (view: DataView, at: number, end: number) => void

export class MessageStream {
  private readonly bytes = new Uint8Array(new ArrayBuffer(2 * MESSAGE_BYTES_MAX))
  private readonly view = new DataView(this.bytes.buffer)
  private filled = 0
  private isBroken = false

  /** Takes the next piece. False when the stream is not IPFIX, now or before: the connection should be closed. */
  push(piece: Uint8Array, take: TakeMessage): boolean {
    let taken = 0
    while (taken < piece.length && !this.isBroken) {
      const room = Math.min(this.bytes.length - this.filled, piece.length - taken)
      this.bytes.set(piece.subarray(taken, taken + room), this.filled)
      this.filled += room
      taken += room
      this.drain(take)
    }
    return !this.isBroken
  }

  /** Gives out all whole messages and moves the rest to the front. */
  private drain(take: TakeMessage): void {
    let at = 0
    for (;;) {
      const length = messageLength(this.view, at, this.filled)
      if (length === NO_MESSAGE) this.isBroken = true
      if (length <= 0) break
      take(this.view, at, at + length)
      at += length
    }
    this.bytes.copyWithin(0, at, this.filled)
    this.filled -= at
  }
}
