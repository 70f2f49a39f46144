// How long a source is blocked that comes again: each time longer by the same ratio, as long as it comes back soon.

export interface BlockTimes {
  readonly ratio: number
  /** Who stays away for so long after his block is over begins anew. */
  readonly trackingSeconds: number
  readonly maximumSeconds: number
}

/** As MITIGATOR has them; a day at most. */
export const USUAL_BLOCK_TIMES: BlockTimes = { ratio: 2, trackingSeconds: 60, maximumSeconds: 86_400 }
export const OFFENDERS_MAX = 65_536

interface Offender {
  /** Wall clock ms. */
  readonly untilMs: number
  /** Blocks so far, this one among them. */
  readonly times: number
}

/** Sources that are, or were, blocked in one profile. When there are too many, who has been known longest is forgotten. */
export class Offenders {
  readonly #known = new Map<string, Offender>()
  /** Sources that were forgotten before their time. */
  forgotten = 0

  get size(): number {
    return this.#known.size
  }

  /** How long it is to be blocked, in seconds. `isNew`: it was not blocked already. */
  blocked(
    source: string,
    baseSeconds: number,
    nowMs: number,
    times: BlockTimes,
  ): { seconds: number; isNew: boolean } {
    const before = this.#known.get(source)
    if (before !== undefined && before.untilMs > nowMs) {
      return { seconds: Math.ceil((before.untilMs - nowMs) / 1000), isNew: false }
    }
    const isBack = before !== undefined && nowMs < before.untilMs + times.trackingSeconds * 1000
    const count = isBack ? before.times + 1 : 1
    const seconds = Math.min(times.maximumSeconds, Math.round(baseSeconds * times.ratio ** (count - 1)))
    this.#keep(source, { untilMs: nowMs + seconds * 1000, times: count })
    return { seconds, isNew: true }
  }

  /** It is still on a list, for so much longer. */
  seen(source: string, remainingSeconds: number, nowMs: number): void {
    const before = this.#known.get(source)
    const untilMs = nowMs + remainingSeconds * 1000
    if (before !== undefined && untilMs > before.untilMs) this.#keep(source, { ...before, untilMs })
  }

  /** Somebody let it go: it begins anew. */
  forget(source: string): void {
    this.#known.delete(source)
  }

  /** Forgets who stayed away for long enough. */
  expire(nowMs: number, { trackingSeconds }: BlockTimes): void {
    for (const [source, { untilMs }] of this.#known)
      if (untilMs + trackingSeconds * 1000 <= nowMs) this.#known.delete(source)
  }

  #keep(source: string, offender: Offender): void {
    this.#known.delete(source)
    this.#known.set(source, offender)
    if (this.#known.size <= OFFENDERS_MAX) return
    const [oldest] = this.#known.keys()
    if (oldest !== undefined) this.#known.delete(oldest)
    this.forgotten++
  }
}
