// The table of vectors, in the order in which they are asked: what a flood can be, and how that is known.

import { AMPLIFICATION } from './vectors-amplification.ts'
import type { Vector } from './vectors-match.ts'
import {
  DNS_VECTORS,
  EXTENSION_VECTORS,
  FRAGMENT_VECTORS,
  ICMP_VECTORS,
  PROTOCOL_VECTORS,
  UDP_VECTORS,
} from './vectors-other.ts'
import { TCP_VECTORS } from './vectors-tcp.ts'

/** A row takes the kinds of packets it explains from those below it. What no row explains is `unknown`. */
export const VECTORS: readonly Vector[] = [
  ...AMPLIFICATION,
  ...DNS_VECTORS,
  ...EXTENSION_VECTORS,
  ...FRAGMENT_VECTORS,
  ...TCP_VECTORS,
  ...UDP_VECTORS,
  ...ICMP_VECTORS,
  ...PROTOCOL_VECTORS,
]

export const UNKNOWN = 'unknown'
