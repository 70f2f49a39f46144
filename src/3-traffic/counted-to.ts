// Up to when a worker has counted what came to it, as it tells by a word of its control block: microseconds of the wall clock
// modulo 2^32.

import { CONTROL } from './host-tables.ts'

/** A clock that is further back was set back. */
const SET_BACK_MICROS = -1_000_000

export class CountedTo {
  readonly #control: Int32Array

  constructor(control: Int32Array) {
    this.#control = control
  }

  /** A block is counted whose last packet came then. */
  block(seconds: number, nanoseconds: number): void {
    this.#advance((Math.imul(seconds, 1e6) + nanoseconds / 1000) | 0)
  }

  /** There is nothing more to count: whatever came before `wallMs` is counted. */
  silence(wallMs: number): void {
    this.#advance(((wallMs * 1000) % 2 ** 32) | 0)
  }

  #advance(micros: number): void {
    const held = this.#control[CONTROL.countedTo]!
    const since = (micros - held) | 0
    if (held === 0 || since > 0 || since < SET_BACK_MICROS) this.#control[CONTROL.countedTo] = micros
  }
}
