// How long a mitigation lives: until its attack ends, and never beyond its expiry unless the open attack renews it.

import { isActive, type Mitigation } from './mitigation.ts'

export const expiryOf = (now: number, maximumSeconds: number): number => now + maximumSeconds * 1000

/** What has to happen because time has passed. */
export type Due =
  /** The attack is still open: put the renewed mitigation in place of the old one. */
  | { readonly kind: 'renew'; readonly mitigation: Mitigation }
  /** Nothing keeps it alive: withdraw it, and let it end as expired. */
  | { readonly kind: 'expire'; readonly mitigation: Mitigation }

/**
 * What becomes of those mitigations whose time is up, earliest expiry first. One that is being withdrawn is not named again.
 * `isOpen` tells whether the attack of that id is open.
 */
export function due(
  mitigations: Iterable<Mitigation>,
  isOpen: (attackId: string) => boolean,
  now: number,
  maximumSeconds: number,
): Due[] {
  return [...mitigations]
    .filter(mitigation => isActive(mitigation) && mitigation.state !== 'withdrawing')
    .filter(mitigation => mitigation.expiresAt <= now)
    .sort((a, b) => a.expiresAt - b.expiresAt)
    .map(mitigation =>
      isOpen(mitigation.attackId)
        ? { kind: 'renew', mitigation: { ...mitigation, expiresAt: expiryOf(now, maximumSeconds) } }
        : { kind: 'expire', mitigation },
    )
}
