// What FastNetMon's gRPC interface needs of the daemon; app implements it.

import type { TotalSpeed } from '../metrics.ts'

/** Refused: in words. Outside: the address is none of ours. */
export type Ordered =
  | { readonly kind: 'done' }
  | { readonly kind: 'already' | 'not-banned' | 'outside' }
  | { readonly kind: 'refused'; readonly detail: string }

/** In the order in which FastNetMon tells them. */
export const CLASSES = ['tcp', 'udp', 'icmp', 'fragmented', 'tcp_syn', 'dropped'] as const

export interface ClassSpeed {
  readonly name: (typeof CLASSES)[number]
  readonly packetsPerSecond: number
  readonly bitsPerSecond: number
}

/** `classes` is empty when nobody asked for them, and for directions of which they are not counted. */
export type ToldTotal = TotalSpeed & { readonly classes: readonly ClassSpeed[] }

export interface FastnetmonDesk {
  /** Prefixes under a ban, canonical text. */
  banned(): readonly string[]
  /** The host is a canonical address. */
  ban(host: string): Promise<Ordered>
  /** A canonical address, or one of the prefixes of an attack. */
  unban(target: string): Promise<Ordered>
  totals(withClasses: boolean): Promise<readonly ToldTotal[]>
}
