// What FastNetMon's gRPC interface needs of the daemon; app implements it.

import type { FastnetmonNumbers } from '../metrics.ts'

/** Refused: in words. Outside: the address is none of ours. */
export type Ordered =
  | { readonly kind: 'done' }
  | { readonly kind: 'already' | 'not-banned' | 'outside' }
  | { readonly kind: 'refused'; readonly detail: string }

export interface FastnetmonDesk {
  /** Prefixes under a ban, canonical text. */
  banned(): readonly string[]
  /** The host is a canonical address. */
  ban(host: string): Promise<Ordered>
  /** A canonical address, or one of the prefixes of an attack. */
  unban(target: string): Promise<Ordered>
  totals(): Promise<FastnetmonNumbers['totals']>
}
