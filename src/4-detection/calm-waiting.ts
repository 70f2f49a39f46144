// Calm samples that wait for a tick: the first packets of a flood come before anybody knows that it is one.

import type { MixKeys } from './calm-mix.ts'

export class CalmWaiting {
  readonly #hosts: Float64Array
  readonly #own: Uint32Array
  readonly #peer: Uint32Array
  #used = 0

  /** More than `most` at once are left out. */
  constructor(most: number) {
    this.#hosts = new Float64Array(most)
    this.#own = new Uint32Array(most)
    this.#peer = new Uint32Array(most)
  }

  add(host: number, { own, peer }: MixKeys): void {
    if (this.#used === this.#hosts.length) return
    this.#hosts[this.#used] = host
    this.#own[this.#used] = own
    this.#peer[this.#used] = peer
    this.#used++
  }

  /** Hands all over that wait, in the order in which they came. */
  release(take: (host: number, own: number, peer: number) => void): void {
    for (let at = 0; at < this.#used; at++) take(this.#hosts[at]!, this.#own[at]!, this.#peer[at]!)
    this.#used = 0
  }
}
