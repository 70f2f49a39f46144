// The safelist: prefixes that are never touched, each with a reason and, when it is meant for a while, an end.
//
// It fails closed: with an entry that cannot be read nobody knows what was meant, so nothing is done at all; an end that
// cannot be read never comes.

import { formatPrefix, type Prefix, parsePrefix } from '#lib/ip/prefix.ts'
import { PrefixSet } from '#lib/ip/prefix-set.ts'

export interface SafelistEntry {
  readonly prefix: string
  readonly reason?: string | undefined
  /** A moment as `Date.parse` reads it; missing: for ever. */
  readonly until?: string | undefined
}

/** What stands in the way; `undefined`: nothing does. */
export type SafelistHit = string | undefined

export class Safelist {
  readonly #forEver = new PrefixSet()
  readonly #forAWhile: { readonly prefix: Prefix; readonly endsAt: number }[] = []
  /** What holds from one moment until before another; at first for no moment. */
  #live = { set: new PrefixSet(), from: Number.POSITIVE_INFINITY, until: Number.NEGATIVE_INFINITY }
  readonly #reasons = new Map<string, string>()
  readonly #unreadable: string | undefined
  readonly size: number

  constructor(entries: readonly SafelistEntry[]) {
    this.size = entries.length
    for (const { prefix: text, reason, until } of entries) {
      const prefix = parsePrefix(text)
      if (prefix === undefined) {
        this.#unreadable ??= text
        continue
      }
      if (reason !== undefined) this.#reasons.set(formatPrefix(prefix), reason)
      const endsAt = until === undefined ? Number.NaN : Date.parse(until)
      if (Number.isNaN(endsAt)) this.#forEver.add(prefix)
      else this.#forAWhile.push({ prefix, endsAt })
    }
  }

  /** Why the prefix must not be touched at this moment. Without a moment nothing has ended. */
  hit(prefix: Prefix, nowMs: number | undefined): SafelistHit {
    if (this.#unreadable !== undefined)
      return `the safelist cannot be read (${JSON.stringify(this.#unreadable)} is no prefix), so nothing may be touched`
    const found = this.#forEver.overlapping(prefix) ?? this.#liveAt(nowMs).overlapping(prefix)
    if (found === undefined) return undefined
    const reason = this.#reasons.get(formatPrefix(found))
    const why = reason === undefined ? '' : ` (${reason})`
    return `${formatPrefix(prefix)} touches the safelisted prefix ${formatPrefix(found)}${why}`
  }
  /** Those for a while that have not ended; made anew only when one ends, because all may be asked for each attack. */
  #liveAt(nowMs = Number.NEGATIVE_INFINITY): PrefixSet {
    const { from, until, set } = this.#live
    if (nowMs >= from && nowMs < until) return set
    const left = this.#forAWhile.filter(({ endsAt }) => nowMs < endsAt)
    const gone = this.#forAWhile.filter(({ endsAt }) => endsAt <= nowMs)
    this.#live = {
      set: new PrefixSet(left.map(({ prefix }) => prefix)),
      from: gone.reduce((latest, { endsAt }) => Math.max(latest, endsAt), Number.NEGATIVE_INFINITY),
      until: left.reduce((next, { endsAt }) => Math.min(next, endsAt), Number.POSITIVE_INFINITY),
    }
    return this.#live.set
  }
}
