// What was measured in an hour for one scope, as sketches of its minutes, and as bytes that can be kept.
//
// Bytes: version, minutes, minutes left out, number of sketches, and for each its place, its buckets, and for each bucket
// the distance to the one before and its count. All but the version are numbers of seven bits a byte, lowest first.

import { ROW } from '#3-traffic/metric.ts'
import { BUCKETS, QuantileSketch } from './baseline-sketch.ts'

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
    const reader = new HourReader()
    if (!reader.read(bytes)) return undefined
    const hour = new HourSamples()
    hour.minutes = reader.minutes
    hour.excluded = reader.excluded
    reader.each((word, bucket, count) => hour.#sketchAt(word).put(bucket, count))
    return hour
  }
}

function write(bytes: number[], value: number): void {
  let rest = value
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128)
  bytes.push(rest)
}

/** Reads hours from their bytes one after another, into memory that is used again: a week has 168 of each scope. */
export class HourReader {
  minutes = 0
  excluded = 0
  /** What was read: words, buckets and counts. */
  #words = new Uint8Array(ENTRIES)
  #buckets = new Uint16Array(ENTRIES)
  #counts = new Uint32Array(ENTRIES)
  #length = 0
  readonly #isSeen = new Uint8Array(MINUTE_WORDS)
  #bytes: Uint8Array = new Uint8Array(0)
  #at = 0
  #isWrong = false

  /** False when the bytes are no hour of ours; nothing of them counts then. */
  read(bytes: Uint8Array): boolean {
    this.#bytes = bytes
    this.#at = 1
    this.#length = 0
    this.#isWrong = bytes[0] !== VERSION
    this.#isSeen.fill(0)
    this.minutes = this.#next()
    this.excluded = this.#next()
    for (let sketches = this.#next(); sketches > 0 && !this.#isWrong; sketches--) this.#readSketch()
    return !this.#isWrong && this.#at === bytes.length
  }

  /** What the hour counted, each bucket of each word once. */
  each(take: (word: number, bucket: number, count: number) => void): void {
    for (let at = 0; at < this.#length; at++) take(this.#words[at]!, this.#buckets[at]!, this.#counts[at]!)
  }

  #readSketch(): void {
    const word = this.#next()
    if (word >= MINUTE_WORDS || this.#isSeen[word] === 1) this.#isWrong = true
    this.#isSeen[word] = 1
    let bucket = 0
    let total = 0
    const left = this.#next()
    for (let number = 0; number < left && !this.#isWrong; number++) {
      const step = this.#next()
      const count = this.#next()
      bucket += step
      total += count
      if ((step === 0 && number > 0) || bucket >= BUCKETS || count === 0 || total > this.minutes)
        this.#isWrong = true
      else this.#put(word, bucket, count)
    }
  }

  #put(word: number, bucket: number, count: number): void {
    const at = this.#length++
    if (at === this.#words.length) this.#grow()
    this.#words[at] = word
    this.#buckets[at] = bucket
    this.#counts[at] = count
  }

  /** Ends: no hour has more than all buckets of all words. */
  #grow(): void {
    const size = this.#words.length * 2
    const [words, buckets, counts] = [this.#words, this.#buckets, this.#counts]
    this.#words = new Uint8Array(size)
    this.#buckets = new Uint16Array(size)
    this.#counts = new Uint32Array(size)
    this.#words.set(words)
    this.#buckets.set(buckets)
    this.#counts.set(counts)
  }

  /** The next number; 0, and wrong from there on, when the bytes end or make no sense. */
  #next(): number {
    let value = 0
    for (let factor = 1; factor <= FACTOR_MAX; factor *= 128) {
      const byte = this.#bytes[this.#at++]
      if (byte === undefined) break
      if (byte < 128) return value + byte * factor
      value += (byte - 128) * factor
    }
    this.#isWrong = true
    return 0
  }
}

/** Five bytes: no number of an hour is larger. */
const FACTOR_MAX = 128 ** 4
/** Sixty minutes, each different in every word. */
const ENTRIES = MINUTE_WORDS * 60
