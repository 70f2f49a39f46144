// Which announcements are desired, and by whom: one that several mitigations want stays until the last of them has ended.
//
// Two mitigations may want the same key with other attributes (a host that is a network of its own, a rule with another
// rate). A router can hold only one of them: the one that was asked for last counts, and when nobody wants it any more
// the one before it.

import type { Announcement, Change } from './announcement.ts'

/** One way of announcing a key, and the mitigations that want it. Never empty. */
interface Variant {
  readonly announcement: Announcement
  readonly holders: Set<string>
}

export class DesiredAnnouncements {
  /** By key, then by attributes, in the order in which they were last asked for. Hardly ever more than two. */
  readonly #byKey = new Map<string, Map<string, Variant>>()

  /** Keys that are desired. */
  get size(): number {
    return this.#byKey.size
  }

  keys(): IterableIterator<string> {
    return this.#byKey.keys()
  }

  /** How many mitigations want the key. */
  holdersOf(key: string): number {
    let count = 0
    for (const { holders } of this.#byKey.get(key)?.values() ?? []) count += holders.size
    return count
  }

  /** The mitigation wants the announcement, and no other one of the same key. */
  hold(mitigationId: string, announcement: Announcement): void {
    const { key, says } = announcement
    this.release(mitigationId, key)
    const variants = this.#byKey.get(key) ?? new Map<string, Variant>()
    const holders = variants.get(says)?.holders ?? new Set<string>()
    // Asked for last: to the end of the order.
    variants.delete(says)
    variants.set(says, { announcement, holders: holders.add(mitigationId) })
    this.#byKey.set(key, variants)
  }

  /** The mitigation wants the key no longer. Letting go of what is not held changes nothing. */
  release(mitigationId: string, key: string): void {
    const variants = this.#byKey.get(key)
    if (variants === undefined) return
    for (const [says, { holders }] of variants) {
      holders.delete(mitigationId)
      if (holders.size === 0) variants.delete(says)
    }
    if (variants.size === 0) this.#byKey.delete(key)
  }

  /** The announcement that counts for the key; `undefined` when nobody wants it. */
  get(key: string): Announcement | undefined {
    let last: Announcement | undefined
    for (const { announcement } of this.#byKey.get(key)?.values() ?? []) last = announcement
    return last
  }

  /** What makes a router hold for the key of `last` what is desired; `last` is what it was told of before. */
  changeFor(last: Announcement): Change {
    const announcement = this.get(last.key)
    return announcement === undefined
      ? { kind: 'withdraw', announcement: last }
      : { kind: 'announce', announcement }
  }
}
