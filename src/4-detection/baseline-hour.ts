// What was measured in an hour for one scope, as sketches of its minutes, and as bytes that can be kept.
//
// Bytes: version, minutes, minutes left out, number of sketches, and for each its place, its buckets, and for each bucket
// the distance to the one before and its count. All but the version are numbers of seven bits a byte, lowest first.

import { ROW } from '#3-traffic/metric.ts'
import { QuantileSketch } from './baseline-sketch.ts'

/** The busiest host of a scope, and all its hosts together. */
export const SUBJECTS = ['host', 'total'] as const
export type Subject = (typeof SUBJECTS)[number]

/** Numbers of a minute: for each subject a pair of rows (incoming, outgoing). */
export const MINUTE_WORDS = SUBJECTS.length * 2 * ROW

/** Place of a number in a minute. */
export const wordOf = (subject: Subject, side: 0 | 1, metric: number): number =>
  (SUBJECTS.indexOf(subject) * 2 + side) * ROW + metric

const VERSION = 1

export class HourSamples {
  /** Minutes that were measured, and those left out because of an attack. */
  minutes = 0
  excluded = 0
  readonly #sketches = new Map<number, QuantileSketch>()

  /** Takes in a minute of MINUTE_WORDS numbers from `from`: the highest speeds per second in it. */
  add(values: Float64Array, from: number): void {
    this.minutes++
    for (let word = 0; word < MINUTE_WORDS; word++) {
      const value = values[from + word] ?? 0
      if (value >= 1) this.#sketchAt(word).add(value)
    }
  }

  addAll(other: HourSamples): void {
    this.minutes += other.minutes
    this.excluded += other.excluded
    for (const [word, sketch] of other.#sketches) this.#sketchAt(word).addAll(sketch)
  }

  sketch(word: number): QuantileSketch | undefined {
    return this.#sketches.get(word)
  }

  #sketchAt(word: number): QuantileSketch {
    const known = this.#sketches.get(word)
    if (known !== undefined) return known
    const sketch = new QuantileSketch()
    this.#sketches.set(word, sketch)
    return sketch
  }

  encode(): Uint8Array {
    const bytes: number[] = [VERSION]
    write(bytes, this.minutes)
    write(bytes, this.excluded)
    write(bytes, this.#sketches.size)
    for (const [word, sketch] of this.#sketches) {
      const { entries } = sketch
      write(bytes, word)
      write(bytes, entries.length)
      let last = 0
      for (const [bucket, count] of entries) {
        write(bytes, bucket - last)
        write(bytes, count)
        last = bucket
      }
    }
    return Uint8Array.from(bytes)
  }

  /** `undefined` when the bytes are no hour of ours. */
  static decode(bytes: Uint8Array): HourSamples | undefined {
    if (bytes[0] !== VERSION) return undefined
    const reader = new Reader(bytes, 1)
    const hour = new HourSamples()
    hour.minutes = reader.next()
    hour.excluded = reader.next()
    let sketches = reader.next()
    for (; sketches > 0 && !reader.isWrong; sketches--) {
      const word = reader.next()
      const sketch = readSketch(reader)
      if (sketch === undefined || word >= MINUTE_WORDS || sketch.count > hour.minutes) return undefined
      hour.#sketches.set(word, sketch)
    }
    return reader.isWrong || !reader.isAtEnd ? undefined : hour
  }
}

function readSketch(reader: Reader): QuantileSketch | undefined {
  const entries: [number, number][] = []
  let bucket = 0
  for (let left = reader.next(); left > 0 && !reader.isWrong; left--) {
    bucket += reader.next()
    entries.push([bucket, reader.next()])
  }
  return reader.isWrong ? undefined : QuantileSketch.of(entries)
}

function write(bytes: number[], value: number): void {
  let rest = value
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128)
  bytes.push(rest)
}

/** Reads numbers until the bytes end or make no sense. */
class Reader {
  readonly #bytes: Uint8Array
  #at: number
  isWrong = false

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes
    this.#at = at
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length
  }

  next(): number {
    let value = 0
    for (let factor = 1; factor <= FACTOR_MAX; factor *= 128) {
      const byte = this.#bytes[this.#at++]
      if (byte === undefined) break
      value += (byte % 128) * factor
      if (byte < 128) return value
    }
    this.isWrong = true
    return 0
  }
}

/** Five bytes: no number of an hour is larger. */
const FACTOR_MAX = 128 ** 4
