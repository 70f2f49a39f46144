// Traffic of the whole network by direction and IP version: speeds averaged like those of hosts, and counts since the start.

import { OUTCOME } from '#2-decode/sample.ts'
import { TOTAL, TOTAL_WORDS } from './host-tables.ts'
import { LARGE_BYTES } from './record-tables.ts'
import type { CountedSource } from './speed.ts'

/** Directions by two IP versions: their pairs of packets and bytes stand at the beginning. */
const LARGE_WORDS = TOTAL.outcome / 2

export const DIRECTIONS = ['incoming', 'outgoing', 'internal', 'other'] as const
export type TotalDirection = (typeof DIRECTIONS)[number]

export interface TotalSpeed {
  readonly packets: number
  readonly bits: number
}

/** The numbers behind the totals at one moment: by word of TOTAL what was counted since the start, and averages per second. */
export interface TotalNumbers {
  readonly counts: Float64Array
  readonly averages: Float64Array
}

/** Totals as they are read, whether they are kept up to date or were sent from another thread. */
export class TotalReadings {
  readonly numbers: TotalNumbers

  constructor(numbers: TotalNumbers) {
    this.numbers = numbers
  }

  /** Average speed of one direction, of one IP version or (undefined) of both. */
  speed(direction: TotalDirection, family?: 4 | 6): TotalSpeed {
    const read = (word: number) => this.numbers.averages[word]!
    return { packets: this.#sum(direction, family, 0, read), bits: this.#sum(direction, family, 1, read) * 8 }
  }

  /** Packets and bytes since the start. */
  counted(direction: TotalDirection, family?: 4 | 6): { readonly packets: number; readonly bytes: number } {
    const read = (word: number) => this.numbers.counts[word]!
    return { packets: this.#sum(direction, family, 0, read), bytes: this.#sum(direction, family, 1, read) }
  }

  /** Packets by decode outcome (OUTCOME in 2-decode/sample.ts). */
  outcome(outcome: number): number {
    return this.numbers.counts[TOTAL.outcome + outcome]!
  }

  /** Packets per second whose addresses could not be read: cut too short, or malformed. */
  get unparsedPerSecond(): number {
    return (
      this.numbers.averages[TOTAL.outcome + OUTCOME.cut]! +
      this.numbers.averages[TOTAL.outcome + OUTCOME.malformed]!
    )
  }

  /** Packets left out because their direction is switched off. */
  get ignored(): number {
    return this.numbers.counts[TOTAL.ignored]!
  }

  /** Packets and bytes left out by the rules of the whitelist. */
  get exempt(): { readonly packets: number; readonly bytes: number } {
    const { counts } = this.numbers
    return { packets: counts[TOTAL.exempt]!, bytes: counts[TOTAL.exempt + 1]! }
  }

  #sum(
    direction: TotalDirection,
    family: 4 | 6 | undefined,
    word: 0 | 1,
    read: (word: number) => number,
  ): number {
    const v4 = family === 6 ? 0 : read(TOTAL[direction] + word)
    const v6 = family === 4 ? 0 : read(TOTAL[direction] + TOTAL.ipv6 + word)
    return v4 + v6
  }
}

export class Totals extends TotalReadings {
  readonly #sources: readonly CountedSource[]
  readonly #before: readonly Int32Array[]
  readonly #passed = new Float64Array(TOTAL_WORDS)
  readonly #averageSeconds: number

  constructor(sources: readonly CountedSource[], averageSeconds: number) {
    super({ counts: new Float64Array(TOTAL_WORDS), averages: new Float64Array(TOTAL_WORDS) })
    this.#sources = sources
    this.#before = sources.map(() => new Int32Array(TOTAL_WORDS))
    this.#averageSeconds = averageSeconds
  }

  /** Takes in what the workers counted in the last `seconds`. */
  update(seconds: number): void {
    const step = Math.exp(-seconds / this.#averageSeconds)
    const { counts, averages } = this.numbers
    const passed = this.#passed.fill(0)
    for (const [worker, { tables, samplingRate }] of this.#sources.entries()) {
      for (let word = 0; word < TOTAL_WORDS; word++) {
        const now = tables.totals[word]!
        passed[word]! += ((now - this.#before[worker]![word]!) >>> 0) * samplingRate
        this.#before[worker]![word] = now
      }
    }
    for (let direction = 0; direction < LARGE_WORDS; direction++)
      passed[2 * direction + 1]! += passed[TOTAL.large + direction]! * LARGE_BYTES
    for (let word = 0; word < TOTAL_WORDS; word++) {
      const speed = passed[word]! / seconds
      counts[word]! += passed[word]!
      averages[word] = speed + step * (averages[word]! - speed)
    }
  }
}
