// How long a mitigation lives: its TTL, again as long as its attack is seen, and never beyond the maximum lifetime. Only a
// standing order goes on beyond it: an attack that lasts until somebody ends it.

import { isHeld, type Mitigation, type MitigationFacts } from './mitigation.ts'

type Life = Pick<MitigationFacts, 'createdAt' | 'ttlSeconds' | 'isStanding'>

/** When a mitigation ends that is extended now. */
export function expiryOf({ createdAt, ttlSeconds, isStanding }: Life, now: number, maximumSeconds: number) {
  const byTtl = now + Math.min(ttlSeconds, maximumSeconds) * 1000
  return isStanding ? byTtl : Math.min(byTtl, createdAt + maximumSeconds * 1000)
}

/** What has to happen because time has passed. */
export type Due =
  /** The attack is still seen: put the extended mitigation in place of the old one. */
  | { readonly kind: 'renew'; readonly mitigation: Mitigation }
  /** Nothing keeps it alive: withdraw it, and let it end as expired. */
  | { readonly kind: 'expire'; readonly mitigation: Mitigation }
  /** It was held down long enough after its attack: withdraw it. */
  | { readonly kind: 'release'; readonly mitigation: Mitigation }

/**
 * What becomes of those mitigations whose time is up, earliest first. One that is being withdrawn is not named again.
 * `isSeen` tells whether the attack is open and was seen within the seconds before now.
 */
export function due(
  mitigations: Iterable<Mitigation>,
  isSeen: (attackId: string, withinSeconds: number) => boolean,
  now: number,
  maximumSeconds: number,
): Due[] {
  return [...mitigations]
    .filter(isHeld)
    .filter(mitigation => endsAt(mitigation) <= now)
    .sort((a, b) => endsAt(a) - endsAt(b))
    .map(mitigation => {
      if (mitigation.state === 'ending') return { kind: 'release', mitigation }
      const expiresAt = expiryOf(mitigation, now, maximumSeconds)
      return expiresAt > now && isSeen(mitigation.attackId, mitigation.ttlSeconds)
        ? { kind: 'renew', mitigation: { ...mitigation, expiresAt } }
        : { kind: 'expire', mitigation }
    })
}

/** When something has to happen with it: the end of its hold-down, else its expiry. */
export const endsAt = (mitigation: Mitigation): number =>
  mitigation.state === 'ending' ? mitigation.heldUntil : mitigation.expiresAt
