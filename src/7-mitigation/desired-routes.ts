// Which routes are desired, and by whom: a route that several mitigations want stays until the last of them has ended.
//
// Two mitigations may want the same prefix with other attributes (a host that is a network of its own). A router can hold
// only one of them: the one that was asked for last counts, and when nobody wants it any more the one before it.

import type { Route } from '#6-policy/action.ts'

/** What has to be told to a router. */
export interface RouteChange {
  readonly kind: 'announce' | 'withdraw'
  readonly route: Route
}

/** One way of announcing a prefix, and the mitigations that want it. Never empty. */
interface Variant {
  readonly route: Route
  readonly holders: Set<string>
}

export class DesiredRoutes {
  /** By prefix, then by attributes, in the order in which they were last asked for. Hardly ever more than two. */
  readonly #byPrefix = new Map<string, Map<string, Variant>>()

  /** Prefixes that are desired. */
  get size(): number {
    return this.#byPrefix.size
  }

  prefixes(): IterableIterator<string> {
    return this.#byPrefix.keys()
  }

  /** How many mitigations want the prefix. */
  holdersOf(prefix: string): number {
    let count = 0
    for (const { holders } of this.#byPrefix.get(prefix)?.values() ?? []) count += holders.size
    return count
  }

  /** The mitigation wants the route, and no other one of the same prefix. */
  hold(mitigationId: string, route: Route): void {
    this.release(mitigationId, route.prefix)
    const variants = this.#byPrefix.get(route.prefix) ?? new Map<string, Variant>()
    const key = attributesOf(route)
    const holders = variants.get(key)?.holders ?? new Set<string>()
    // Asked for last: to the end of the order.
    variants.delete(key)
    variants.set(key, { route, holders: holders.add(mitigationId) })
    this.#byPrefix.set(route.prefix, variants)
  }

  /** The mitigation wants the prefix no longer. Letting go of what is not held changes nothing. */
  release(mitigationId: string, prefix: string): void {
    const variants = this.#byPrefix.get(prefix)
    if (variants === undefined) return
    for (const [key, { holders }] of variants) {
      holders.delete(mitigationId)
      if (holders.size === 0) variants.delete(key)
    }
    if (variants.size === 0) this.#byPrefix.delete(prefix)
  }

  /** The route that counts for the prefix; `undefined` when nobody wants it. */
  get(prefix: string): Route | undefined {
    let last: Route | undefined
    for (const { route } of this.#byPrefix.get(prefix)?.values() ?? []) last = route
    return last
  }

  /** What makes a router hold for the prefix of `last` what is desired; `last` is what it was told of before. */
  changeFor(last: Route): RouteChange {
    const route = this.get(last.prefix)
    return route === undefined ? { kind: 'withdraw', route: last } : { kind: 'announce', route }
  }
}

const attributesOf = ({ nextHop, communities }: Route): string => [nextHop, ...communities].join(' ')

/** Whether two routes of the same prefix say the same; the order of communities says nothing. */
export const saysTheSame = (a: Route, b: Route): boolean =>
  a.nextHop === b.nextHop && a.communities.toSorted().join(' ') === b.communities.toSorted().join(' ')
