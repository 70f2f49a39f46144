// What is known of a host of ours: what honestly comes to it, and which ports belong to it.

import type { Draw } from '../vectors/draw.ts'
import type { Part } from './traffic.ts'

export interface Server {
  readonly title: string
  /** Its honest traffic; who its peers are is drawn anew by each call. */
  readonly parts: (draw: Draw) => readonly Part[]
  /** Ports that belong to it, as its owner would say. */
  readonly tcp?: readonly number[]
  readonly udp?: readonly number[]
}
