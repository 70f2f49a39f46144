// How often which speed was measured: a histogram with buckets that each are 2 % wider than the one before, so that any
// quantile is right to 1 %, whatever the range. Sketches of parts add up to that of the whole.

/** Each bucket ends at so many times the end of the one before. */
const GROWTH = 1.02
const LOG_GROWTH = Math.log(GROWTH)
/** Speeds above 10^13 per second count as that. */
const BUCKETS = Math.ceil(Math.log(1e13) / LOG_GROWTH) + 1
/** The middle of a bucket by its end, in the sense that both ends are wrong by the same share. */
const MIDDLE = 2 / (1 + GROWTH)

/** Values below 1 are not counted: whoever asks for a quantile says of how many values, and the rest are zeros. */
export class QuantileSketch {
  /** By bucket. */
  readonly #counts = new Map<number, number>()
  #count = 0

  /** Values of 1 and more. */
  get count(): number {
    return this.#count
  }

  add(value: number): void {
    if (value >= 1) this.#put(bucketOf(value), 1)
  }

  addAll(other: QuantileSketch): void {
    for (const [bucket, count] of other.#counts) this.#put(bucket, count)
  }

  #put(bucket: number, count: number): void {
    this.#counts.set(bucket, (this.#counts.get(bucket) ?? 0) + count)
    this.#count += count
  }

  /** The value that the share `quantile` (0 to 1) of `total` values does not exceed; 0 when that is one below 1. */
  quantile(quantile: number, total: number): number {
    let above = total - Math.max(1, Math.ceil(quantile * total))
    for (const [bucket, count] of this.#descending()) {
      if (above < count) return speedOf(bucket)
      above -= count
    }
    return 0
  }

  get highest(): number {
    const [top] = this.#descending()
    return top === undefined ? 0 : speedOf(top[0])
  }

  /** How many values were above this one, those of its own bucket not counted. */
  above(value: number): number {
    const limit = value < 1 ? -1 : bucketOf(value)
    let above = 0
    for (const [bucket, count] of this.#counts) if (bucket > limit) above += count
    return above
  }

  #descending(): [number, number][] {
    return [...this.#counts].sort(([a], [b]) => b - a)
  }

  /** Buckets in ascending order, each with its count. */
  get entries(): readonly (readonly [bucket: number, count: number])[] {
    return this.#descending().reverse()
  }

  /** A sketch of such entries; `undefined` when they are none of ours. */
  static of(entries: Iterable<readonly [bucket: number, count: number]>): QuantileSketch | undefined {
    const sketch = new QuantileSketch()
    for (const [bucket, count] of entries) {
      if (bucket >= BUCKETS || sketch.#counts.has(bucket) || count === 0) return undefined
      sketch.#put(bucket, count)
    }
    return sketch
  }
}

const bucketOf = (value: number): number =>
  Math.min(BUCKETS - 1, Math.max(0, Math.ceil(Math.log(value) / LOG_GROWTH)))

const speedOf = (bucket: number): number => (bucket === 0 ? 1 : GROWTH ** bucket * MIDDLE)
