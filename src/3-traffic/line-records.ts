// What the reader keeps of each line (slot and direction) of one worker: its counters at the last visit, and averages.
//
// One cache line of 64 bytes per line, as on the worker's side: a visit touches two lines of memory in all. Averages are
// exponential and brought up to date on a visit; reading them takes the silence since into account, so a host without
// traffic costs nothing. Averages add up: those of a host are the sums over its workers.

import { COUNTED_WORDS, FRAGMENT, lineOf } from './host-tables.ts'

/** Words of a record: one cache line. */
export const RECORD_LINE = 16

const PACKETS = COUNTED_WORDS
const BYTES = COUNTED_WORDS + 1
const UPDATED = COUNTED_WORDS + 2

/** Which of the two averages. */
export type Averaged = 'packets' | 'bytes'

export class LineRecords {
  readonly #words: Int32Array
  readonly #floats: Float32Array
  readonly #constant: number
  // Most lines of a tick were visited in the same tick before: one exponential serves them all, and one their silence.
  readonly #step = new Decay()
  readonly #silence = new Decay()

  /** `averageSeconds`: time constant, after which a step shows 63 % of itself. */
  constructor(lines: number, averageSeconds: number) {
    this.#words = new Int32Array(lines * RECORD_LINE)
    this.#floats = new Float32Array(this.#words.buffer)
    this.#constant = averageSeconds
  }

  /** The record's memory: words 0 to 11 of a line hold its counters at the last visit. */
  get words(): Int32Array {
    return this.#words
  }

  /** Whether a line has counted packets since its last visit; its counters begin at `at`. */
  isBehind(line: number, counters: Int32Array, at: number): boolean {
    const kept = line * RECORD_LINE
    for (let word = 0; word < FRAGMENT; word += 2) {
      if (this.#words[kept + word] !== counters[at + word]) return true
    }
    return false
  }

  /** A slot begins to count another host, from zero. */
  clear(slot: number): void {
    for (const side of [0, 1] as const) {
      const at = lineOf(slot, side) * RECORD_LINE
      this.#words.fill(0, at, at + RECORD_LINE)
    }
  }

  /**
   * Takes in what was counted since the last visit, now (ms). It is spread over the time since then, but not over more
   * than `mostSeconds`: a line with traffic is visited that often, so before that it was silent.
   */
  average(line: number, packets: number, bytes: number, now: number, mostSeconds: number): void {
    const at = line * RECORD_LINE
    const updated = this.#words[at + UPDATED]!
    // 0: never before. Times wrap at 32 bits, so how long ago that was cannot be told.
    const elapsed = updated === 0 ? mostSeconds : ((now - updated) | 0) / 1000
    if (elapsed <= 0) return
    const seconds = Math.min(elapsed, mostSeconds)
    const step = this.#step.after(seconds, this.#constant)
    const kept = elapsed > seconds ? this.#silence.after(elapsed, this.#constant) : step
    const floats = this.#floats
    floats[at + PACKETS] = floats[at + PACKETS]! * kept + (packets / seconds) * (1 - step)
    floats[at + BYTES] = floats[at + BYTES]! * kept + (bytes / seconds) * (1 - step)
    this.#words[at + UPDATED] = now
  }

  /** Packets or bytes per second of a line at `now` (ms). */
  read(line: number, which: Averaged, now: number): number {
    const at = line * RECORD_LINE
    const value = this.#floats[at + (which === 'packets' ? PACKETS : BYTES)]!
    if (value === 0) return 0
    const silent = Math.max(0, (now - this.#words[at + UPDATED]!) | 0) / 1000
    return value * this.#silence.after(silent, this.#constant)
  }
}

/** What is left of an average after so long without traffic; the last answer is remembered. */
class Decay {
  #seconds = 0
  #left = 1

  after(seconds: number, constant: number): number {
    if (seconds !== this.#seconds) {
      this.#seconds = seconds
      this.#left = Math.exp(-seconds / constant)
    }
    return this.#left
  }
}
