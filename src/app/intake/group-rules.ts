// What detectors have to agree on before something is done: as somebody set it, else nothing, by the weights of the configuration.

import type { PolicyConfig } from '#6-policy/config.ts'
import type { Inventory } from '#6-policy/inventory.ts'
import type { GroupRules, Surroundings } from '#6-policy/signal-groups.ts'
import { readCorrelation, rulesOf, shapeOf } from '#compat/prefixd/api/correlation-body.ts'
import type { Documents } from '#lib/documents.ts'
import { parseAddress } from '#lib/ip/address.ts'

export interface GroupRulesOptions {
  readonly documents: Documents
  /** As it is in force. */
  readonly configured: () => PolicyConfig['correlation']
  readonly now: () => number
}

const KIND = 'correlation'
const ID = 'rules'
const USUAL = { minSources: 1, threshold: 0.5, halfLifeSeconds: 0 } as const

export class GroupRulesDesk {
  readonly #options: GroupRulesOptions
  #changedAt: number
  /** What was made of the document, and of which. */
  #made: { readonly of: unknown; readonly rules: GroupRules } | undefined

  constructor(options: GroupRulesOptions) {
    this.#options = options
    this.#changedAt = options.now()
  }

  get rules(): GroupRules {
    const kept = this.#options.documents.all(KIND).get(ID)
    if (this.#made !== undefined && kept !== undefined && this.#made.of === kept) return this.#made.rules
    const read = kept === undefined ? undefined : readCorrelation(kept)
    if (read?.kind !== 'ok') return this.#configured()
    this.#made = { of: kept, rules: rulesOf(read.config) }
    return this.#made.rules
  }

  get loadedAt(): number {
    return this.#changedAt
  }

  /** In force at once; true when it is on disk. */
  async change(rules: GroupRules): Promise<boolean> {
    const { documents, now } = this.#options
    this.#changedAt = now()
    return await documents.put(KIND, ID, shapeOf(rules))
  }

  #configured(): GroupRules {
    const { windowSeconds, usualWeight, weights } = this.#options.configured()
    const sources = Object.entries(weights).map(
      ([name, weight]) => [name, { weight, mode: 'primary', dimensions: [], confidences: {} }] as const,
    )
    return { isEnabled: false, windowSeconds, usualWeight, ...USUAL, sources: new Map(sources) }
  }
}

/** Whose a host is, in prefixd's words. */
export function surroundingsOf(host: string, inventory: Inventory | undefined): Surroundings {
  const address = parseAddress(host)
  const entry = address && inventory?.find(address)
  if (entry === undefined) return {}
  return {
    customer_id: entry.customer.id,
    ...(entry.service === undefined ? {} : { service_id: entry.service.id }),
    ...(entry.pop === undefined ? {} : { pop: entry.pop.id }),
  }
}
