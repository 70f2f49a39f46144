// What a program says on a pipe: the first bytes are kept, the rest is read and let go, and not too fast.

import { Socket } from 'node:net'

const KEPT_MAX = 4096
// A program that floods its stderr is made to wait, so that the event loop never spends more than a little on it.
const BURST_BYTES = 1 << 20
const PAUSE_MS = 50

export class Drain {
  readonly #socket: Socket
  readonly #kept: Buffer[] = []
  #keptBytes = 0
  #isCut = false
  #burst = 0
  /** Resolves when nobody holds the other end any more. */
  readonly ended: Promise<void>

  /** Reads the descriptor from now on and closes it in the end. */
  constructor(fd: number) {
    this.#socket = new Socket({ fd, readable: true, writable: false })
    this.#socket.on('data', (chunk: Buffer | string) =>
      this.#take(typeof chunk === 'string' ? Buffer.from(chunk) : chunk),
    )
    this.#socket.on('error', () => this.#socket.destroy())
    this.ended = new Promise(resolve => this.#socket.on('close', () => resolve()))
  }

  /** What was kept, and a mark where it was cut. */
  get text(): string {
    return Buffer.concat(this.#kept).toString() + (this.#isCut ? '… (cut)' : '')
  }

  /** Goes on reading, for the sake of who still writes, without keeping this process alive. */
  linger(): void {
    this.#socket.unref()
  }

  close(): void {
    this.#socket.destroy()
  }

  #take(chunk: Buffer): void {
    const room = KEPT_MAX - this.#keptBytes
    // A copy: a slice would hold on to the whole chunk.
    if (room > 0) this.#kept.push(Buffer.from(chunk.subarray(0, room)))
    if (chunk.length > room) this.#isCut = true
    this.#keptBytes += Math.min(room, chunk.length)
    this.#burst += chunk.length
    if (this.#burst < BURST_BYTES) return
    this.#burst = 0
    this.#socket.pause()
    setTimeout(() => this.#socket.resume(), PAUSE_MS).unref()
  }
}
