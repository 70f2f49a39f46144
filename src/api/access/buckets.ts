// Token buckets by key: so many at once, so many per second for ever. The table is bounded.

export interface BucketRate {
  readonly perSecond: number
  /** Capacity: what may be taken at once. */
  readonly burst: number
}

interface Bucket {
  /** What is in it at `at`. */
  level: number
  /** Milliseconds. */
  at: number
}

const KEYS_MAX = 10_000

export class Buckets {
  readonly #rate: () => BucketRate
  readonly #keysMax: number
  /** Longest unused first. */
  readonly #buckets = new Map<string, Bucket>()
  /** The last of them: who asks a thousand times a second is moved behind nobody. */
  #newest: Bucket | undefined
  /** Keys that were forgotten, full again, because the table was full: the one that was unused the longest goes. */
  forgotten = 0

  constructor(rate: () => BucketRate, keysMax = KEYS_MAX) {
    this.#rate = rate
    this.#keysMax = keysMax
  }

  /** Takes one at `now` (ms); 0 when there was one, else the seconds until there is one, and nothing is taken. */
  take(key: string, now: number): number {
    const bucket = this.#fill(key, now)
    if (bucket.level < 1) return this.#secondsUntilOne(bucket)
    bucket.level--
    return 0
  }

  /** What `take` would say. */
  wait(key: string, now: number): number {
    const bucket = this.#buckets.get(key)
    if (bucket === undefined) return 0
    const filled = this.#levelAt(bucket, now)
    return filled >= 1 ? 0 : this.#secondsUntilOne({ level: filled, at: now })
  }

  /** Puts one back. */
  giveBack(key: string): void {
    const bucket = this.#buckets.get(key)
    if (bucket !== undefined) bucket.level = Math.min(bucket.level + 1, this.#rate().burst)
  }

  /** Full again. */
  reset(key: string): void {
    this.#buckets.delete(key)
  }

  #fill(key: string, now: number): Bucket {
    const present = this.#buckets.get(key)
    if (present !== undefined) {
      present.level = this.#levelAt(present, now)
      present.at = now
      if (present !== this.#newest) {
        this.#buckets.delete(key)
        this.#buckets.set(key, present)
      }
      this.#newest = present
      return present
    }
    if (this.#buckets.size >= this.#keysMax) this.#forgetOldest()
    const bucket = { level: this.#rate().burst, at: now }
    this.#buckets.set(key, bucket)
    this.#newest = bucket
    return bucket
  }

  /** A clock that was set back fills nothing. */
  #levelAt({ level, at }: Bucket, now: number): number {
    const { perSecond, burst } = this.#rate()
    return Math.min(level + (Math.max(now - at, 0) / 1000) * perSecond, burst)
  }

  #secondsUntilOne = ({ level }: Bucket): number =>
    Math.max(Math.ceil((1 - level) / this.#rate().perSecond), 1)

  #forgetOldest(): void {
    const [oldest] = this.#buckets.keys()
    if (oldest === undefined) return
    this.#buckets.delete(oldest)
    this.forgotten++
  }
}
