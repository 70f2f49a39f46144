// How often which speed was measured: a histogram with buckets that each are 2 % wider than the one before, so that any
// quantile is right to 1 %, whatever the range. Sketches of parts add up to that of the whole.

/** Each bucket ends at so many times the end of the one before. */
const GROWTH = 1.02
const LOG_GROWTH = Math.log(GROWTH)
/** Speeds above 10^13 per second count as that. */
export const BUCKETS = Math.ceil(Math.log(1e13) / LOG_GROWTH) + 1
/** The middle of a bucket by its end, in the sense that both ends are wrong by the same share. */
const MIDDLE = 2 / (1 + GROWTH)

/** The bucket of a speed of 1 or more. */
export const bucketOf = (value: number): number =>
  Math.min(BUCKETS - 1, Math.max(0, Math.ceil(Math.log(value) / LOG_GROWTH)))

export const speedOf = (bucket: number): number => (bucket === 0 ? 1 : GROWTH ** bucket * MIDDLE)

/** The sketch of one number in an hour: few speeds, so only their buckets take room. Values below 1 are not counted. */
export class QuantileSketch {
  /** By bucket. */
  readonly #counts = new Map<number, number>()

  add(value: number): void {
    if (value >= 1) this.put(bucketOf(value), 1)
  }

  put(bucket: number, count: number): void {
    this.#counts.set(bucket, (this.#counts.get(bucket) ?? 0) + count)
  }

  addAll(other: QuantileSketch): void {
    for (const [bucket, count] of other.#counts) this.put(bucket, count)
  }

  /** Buckets in ascending order, each with its count. */
  get entries(): readonly (readonly [bucket: number, count: number])[] {
    return [...this.#counts].sort(([a], [b]) => a - b)
  }
}

/** Sketches of many numbers side by side in plain memory, for sums of many hours. Nothing is allocated by adding. */
export class SketchRows {
  readonly #counts: Uint32Array
  /** By row: the lowest bucket with a count, and one more than the highest; nothing is counted while these are equal. */
  readonly #from: Uint16Array
  readonly #to: Uint16Array

  constructor(rows: number) {
    this.#counts = new Uint32Array(rows * BUCKETS)
    this.#from = new Uint16Array(rows)
    this.#to = new Uint16Array(rows)
  }

  put(row: number, bucket: number, count: number): void {
    this.#counts[row * BUCKETS + bucket]! += count
    if (this.#from[row] === this.#to[row]) {
      this.#from[row] = bucket
      this.#to[row] = bucket + 1
    } else if (bucket < this.#from[row]!) this.#from[row] = bucket
    else if (bucket >= this.#to[row]!) this.#to[row] = bucket + 1
  }

  addAll(other: SketchRows): void {
    for (let row = 0; row < this.#from.length; row++) {
      for (let bucket = other.#from[row]!; bucket < other.#to[row]!; bucket++) {
        const count = other.#counts[row * BUCKETS + bucket]!
        if (count > 0) this.put(row, bucket, count)
      }
    }
  }

  clear(): void {
    for (let row = 0; row < this.#from.length; row++) {
      this.#counts.fill(0, row * BUCKETS + this.#from[row]!, row * BUCKETS + this.#to[row]!)
    }
    this.#from.fill(0)
    this.#to.fill(0)
  }

  /** The value that the share `quantile` (0 to 1) of `total` values does not exceed; 0 when that is one below 1. */
  quantile(row: number, quantile: number, total: number): number {
    let above = total - Math.max(1, Math.ceil(quantile * total))
    for (let bucket = this.#to[row]! - 1; bucket >= this.#from[row]!; bucket--) {
      const count = this.#counts[row * BUCKETS + bucket]!
      if (above < count) return speedOf(bucket)
      above -= count
    }
    return 0
  }

  /** 0 when nothing is counted. */
  highest(row: number): number {
    return this.#from[row] === this.#to[row] ? 0 : speedOf(this.#to[row]! - 1)
  }

  /** How many values were above this one, those of its own bucket not counted. */
  above(row: number, value: number): number {
    const limit = value < 1 ? -1 : bucketOf(value)
    let above = 0
    for (let bucket = Math.max(limit + 1, this.#from[row]!); bucket < this.#to[row]!; bucket++) {
      above += this.#counts[row * BUCKETS + bucket]!
    }
    return above
  }
}
