// What no countermeasure ever sees: neighbour discovery, management, and BGP.

import type { Prefix } from '#lib/ip/prefix.ts'
import { type Draft, WORDS } from './draft.ts'

/** Neighbours alone can send it: a router would have lowered the 255 (RFC 4861, section 7.1). */
const NEIGHBOURS =
  'ip6 hoplimit 255 icmpv6 type { nd-router-solicit, nd-router-advert, nd-neighbor-solicit, nd-neighbor-advert, nd-redirect } accept'

/** Sessions of others that pass through here. Above it they are judged like all else, or port 179 would be a way in for floods. */
const BGP_PACKETS_PER_SECOND = 1000
const PASSING_BGP = ['tcp dport 179', 'tcp sport 179'].map(
  match =>
    `${match} limit rate ${BGP_PACKETS_PER_SECOND}/second burst ${BGP_PACKETS_PER_SECOND} packets accept`,
)
/** Where the kernel can tell that a packet is for this machine. */
const OWN_BGP = ['tcp dport 179', 'tcp sport 179'].map(match => `${match} fib daddr type local accept`)

export interface Spared {
  /** For chains at the hooks prerouting, forward and input. */
  readonly rules: readonly string[]
  /** For the hook ingress, which knows no routes. */
  readonly ingress: readonly string[]
}

export function addSpared(draft: Draft, management: readonly Prefix[]): Spared {
  const sets = draft.addPrefixes('m/management', management)
  const managed = sets.flatMap(({ family, set }) => [
    `${WORDS[family].address} @${set} accept`,
    `${WORDS[family].target} @${set} accept`,
  ])
  const ingress = [NEIGHBOURS, ...managed, ...PASSING_BGP]
  return { rules: [NEIGHBOURS, ...managed, ...OWN_BGP, ...PASSING_BGP], ingress }
}
