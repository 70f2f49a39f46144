// The limits that hold for a host now, by the configuration with the accepted ones in it.

import type { Attack } from '#4-detection/attack.ts'
import { Membership } from '#4-detection/membership.ts'
import { parseAddress } from '#lib/ip/address.ts'
import type { ResolvedConfig } from '../config/config.ts'
import type { HeldLimit } from './course-book.ts'

/** Looked up anew after so long: in a storm thousands ask within a second. */
const FRESH_MS = 5000

export class LimitsInForce {
  readonly #config: () => ResolvedConfig
  readonly #now: () => number
  #known: { readonly at: number; readonly membership: Membership } | undefined

  constructor(config: () => ResolvedConfig, now: () => number) {
    this.#config = config
    this.#now = now
  }

  /** Those of the host of an attack in its direction; none for wholes, whose crossing says it. */
  of({ scope, host, direction }: Attack): HeldLimit[] {
    const address = scope === 'host' ? parseAddress(host) : undefined
    const limits = (address && this.#membership().limitsOf(address)?.limits) ?? []
    return limits
      .filter(limit => limit.direction === direction)
      .map(({ name, threshold }) => ({ limit: name, threshold }))
  }

  #membership(): Membership {
    const now = this.#now()
    if (this.#known === undefined || now - this.#known.at > FRESH_MS)
      this.#known = { at: now, membership: new Membership(this.#config()) }
    return this.#known.membership
  }
}
