// Calm packets that wait for a tick: the first packets of a flood come before anybody knows that it is one.

import { CalmRecord } from './calm-packet.ts'

/** Words of a packet that waits: those of whose it is, and those that are kept. */
const WORDS = 9

export class CalmWaiting {
  readonly #keys: Float64Array
  readonly #words: Int32Array
  readonly #most: number
  readonly #record = new CalmRecord()
  #used = 0

  /** More than `most` at once are left out. */
  constructor(most: number) {
    this.#most = most
    this.#keys = new Float64Array(most)
    this.#words = new Int32Array(most * WORDS)
  }

  add({ key, family, a, b, c, d, head, ports, peer, rest }: CalmRecord): void {
    if (this.#used === this.#most) return
    this.#keys[this.#used] = key
    const words = this.#words
    let at = this.#used * WORDS
    words[at++] = family
    words[at++] = a
    words[at++] = b
    words[at++] = c
    words[at++] = d
    words[at++] = head
    words[at++] = ports
    words[at++] = peer
    words[at++] = rest
    this.#used++
  }

  /** Hands all over that wait, in the order in which they came; one object serves for all. */
  release(take: (record: CalmRecord) => void): void {
    const record = this.#record
    const words = this.#words
    for (let place = 0, at = 0; place < this.#used; place++) {
      record.key = this.#keys[place]!
      record.family = words[at++]!
      record.a = words[at++]!
      record.b = words[at++]!
      record.c = words[at++]!
      record.d = words[at++]!
      record.head = words[at++]! >>> 0
      record.ports = words[at++]! >>> 0
      record.peer = words[at++]! >>> 0
      record.rest = words[at++]!
      take(record)
    }
    this.#used = 0
  }
}
