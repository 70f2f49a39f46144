// A case of the labelled benchmark: a flood, the server it goes to, and whether FlowSpec can tell it from what is honest there.

import type { Flood } from './floods.ts'
import type { ServerName } from './servers.ts'

interface Told {
  readonly name: string
  readonly on: ServerName
  /** Vectors of the table (`4-detection/vectors.ts`) that a detector would call it, the largest part first. */
  readonly vectors: readonly string[]
  readonly flood: Flood
  /** Why it belongs to its class. */
  readonly why: string
}

/**
 * One vector that FlowSpec can tell, or two at once. `byHand` proves it: components of at most three rules that a person
 * who knows the flood would write, which a test holds against the labels.
 */
export interface TellableCase extends Told {
  readonly kind: 'separable' | 'two'
  readonly byHand: readonly [string, ...string[]]
}

/** Its packets are those that honest peers send to this server. */
export interface InseparableCase extends Told {
  readonly kind: 'inseparable'
}

/** What is measured without a gate. */
export interface LooseCase extends Told {
  readonly kind: 'loose'
}

export type Case = TellableCase | InseparableCase | LooseCase
