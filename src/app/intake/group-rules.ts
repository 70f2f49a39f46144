// What detectors have to agree on before something is done: as somebody set it over the API, else as the configuration says.

import type { PolicyConfig } from '#6-policy/config.ts'
import type { Inventory } from '#6-policy/inventory.ts'
import type { GroupRules, Surroundings } from '#6-policy/signal-groups.ts'
import { readCorrelation, rulesOf, shapeOf } from '#compat/prefixd/api/correlation-body.ts'
import type { Documents } from '#lib/documents.ts'
import { parseAddress } from '#lib/ip/address.ts'
import { configuredRules } from './configured-rules.ts'

export interface GroupRulesOptions {
  readonly documents: Documents
  /** As it is in force. */
  readonly configured: () => PolicyConfig['correlation']
  readonly now: () => number
}

const KIND = 'correlation'
const ID = 'rules'

export class GroupRulesDesk {
  readonly #options: GroupRulesOptions
  #changedAt: number
  /** What was made of the document, and of which. */
  #made: { readonly of: unknown; readonly rules: GroupRules | undefined } | undefined
  /** What was made of the configuration, and of which. */
  #read: { readonly of: unknown; readonly rules: GroupRules } | undefined

  constructor(options: GroupRulesOptions) {
    this.#options = options
    this.#changedAt = options.now()
  }

  /** Asked for each report, so made once of what they are made of. */
  get rules(): GroupRules {
    return this.#set ?? this.#configured
  }

  /** `undefined`: nobody set them, or so that it cannot be read. */
  get #set(): GroupRules | undefined {
    const kept = this.#options.documents.all(KIND).get(ID)
    if (kept === undefined) return undefined
    if (this.#made?.of !== kept) {
      const read = readCorrelation(kept)
      this.#made = { of: kept, rules: read.kind === 'ok' ? rulesOf(read.config) : undefined }
    }
    return this.#made.rules
  }

  get #configured(): GroupRules {
    const configured = this.#options.configured()
    if (this.#read?.of !== configured) this.#read = { of: configured, rules: configuredRules(configured) }
    return this.#read.rules
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

  /** Whether they were set over the API, so that what the configuration says of them waits. */
  get isSet(): boolean {
    return this.#set !== undefined
  }

  /** From now on as the configuration says; true when that is on disk. */
  async forget(): Promise<boolean> {
    const { documents, now } = this.#options
    this.#changedAt = now()
    return await documents.drop(KIND, ID)
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
    ...(entry.asset?.interface === undefined ? {} : { interface: entry.asset.interface }),
  }
}
