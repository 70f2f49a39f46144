// The inventory: whose an address is, what runs there, which ports are meant to be reached, and at which POP.

import { type Address, bitsOf } from '#lib/ip/address.ts'
import type { Prefix } from '#lib/ip/prefix.ts'
import { formatSpan, type Span } from '#lib/ip/span.ts'
import { SpanTable } from '#lib/ip/span-table.ts'
import { type Claim, checkInventory, type InventoryProblem } from './check-inventory.ts'
import type { Escalation } from './escalation.ts'
import type { AllowedPortsConfig, AssetConfig, CustomerConfig, InventoryConfig } from './inventory-config.ts'

/** A customer, service or POP: known by its id, with a name for people. */
export interface Named {
  readonly id: string
  readonly name: string
}

export interface Asset {
  /** A prefix where it is one, else a range. */
  readonly text: string
  readonly role: string | undefined
  /** The interface of a router behind which it is. */
  readonly interface: string | undefined
}

/** Ports from `from` to `to`, both included. */
export interface PortRange {
  readonly from: number
  readonly to: number
}

/** Of a protocol that is `undefined` nothing is known: any port may be meant. */
export interface AllowedPorts {
  readonly tcp: readonly PortRange[] | undefined
  readonly udp: readonly PortRange[] | undefined
}

/** What the inventory knows of an address. */
export interface InventoryEntry {
  readonly customer: Named
  /** `undefined` where the address lies in a prefix of the customer and in no asset, or in one without a service. */
  readonly service: Named | undefined
  readonly asset: Asset | undefined
  readonly allowedPorts: AllowedPorts
  readonly pop: Named | undefined
  /** That of the customer; missing: normal. */
  readonly escalation?: Escalation
}

export type BuiltInventory =
  | {
      readonly kind: 'ok'
      readonly inventory: Inventory
      /** Warnings only. */
      readonly problems: readonly InventoryProblem[]
    }
  | { readonly kind: 'refused'; readonly problems: readonly InventoryProblem[] }

export class Inventory {
  readonly #spans: SpanTable<InventoryEntry>

  /** Spans lie apart or one within the other; of equal ones the first counts. */
  constructor(entries: Iterable<readonly [Span, InventoryEntry]>) {
    this.#spans = new SpanTable(entries)
  }

  /** Of the smallest asset or else the longest prefix that holds all of `asked`; `undefined` when none does. */
  find(asked: Address | Prefix): InventoryEntry | undefined {
    return this.#spans.find(asked, 'length' in asked ? bitsOf(asked.family) - asked.length : 0)
  }
}

/** Checks the inventory as a whole; one error anywhere refuses it, and all that is wrong is told at once. */
export function buildInventory(config: InventoryConfig): BuiltInventory {
  const { problems, prefixes, assets } = checkInventory(config)
  if (problems.some(({ severity }) => severity === 'error')) return { kind: 'refused', problems }
  const pops = byId(config.pops)
  const customers = new Map(config.customers.map(customer => [customer, ownerOf(customer, pops)] as const))
  const entries: [Span, InventoryEntry][] = []
  // An asset may be a whole prefix of its customer: then it counts.
  for (const claim of assets) {
    const owner = customers.get(claim.customer)
    if (owner !== undefined) entries.push([spanAlone(claim), assetEntry(claim, owner, pops)])
  }
  for (const claim of prefixes) {
    const owner = customers.get(claim.customer)
    if (owner !== undefined) entries.push([spanAlone(claim), owner.entry])
  }
  return { kind: 'ok', inventory: new Inventory(entries), problems }
}

/** A customer, read once for all of its addresses. */
interface Owner {
  /** Of its addresses that are no asset. */
  readonly entry: InventoryEntry
  readonly services: ReadonlyMap<string, Named>
  readonly allowedPorts: ReadonlyMap<string, AllowedPorts>
}

const NOTHING_KNOWN: AllowedPorts = { tcp: undefined, udp: undefined }

function ownerOf(config: CustomerConfig, pops: ReadonlyMap<string, Named>): Owner {
  return {
    entry: {
      customer: named(config),
      service: undefined,
      asset: undefined,
      allowedPorts: NOTHING_KNOWN,
      pop: at(pops, config.pop),
      ...(config.escalation === undefined ? {} : { escalation: config.escalation }),
    },
    services: byId(config.services),
    allowedPorts: new Map(config.services.map(({ id, allowedPorts }) => [id, portsOf(allowedPorts)])),
  }
}

function assetEntry(
  claim: Claim<AssetConfig>,
  { entry, services, allowedPorts }: Owner,
  pops: ReadonlyMap<string, Named>,
): InventoryEntry {
  const { config } = claim
  const ofService = at(allowedPorts, config.service) ?? NOTHING_KNOWN
  return {
    customer: entry.customer,
    service: at(services, config.service),
    asset: { text: formatSpan(claim), role: config.role, interface: config.interface },
    allowedPorts: config.allowedPorts === undefined ? ofService : portsOf(config.allowedPorts),
    pop: at(pops, config.pop) ?? entry.pop,
    ...(entry.escalation === undefined ? {} : { escalation: entry.escalation }),
  }
}

const spanAlone = ({ family, first, last }: Span): Span => ({ family, first, last })

const at = <Value>(map: ReadonlyMap<string, Value>, id: string | undefined): Value | undefined =>
  id === undefined ? undefined : map.get(id)

const named = ({ id, name = id }: { readonly id: string; readonly name?: string | undefined }): Named => ({
  id,
  name,
})

const byId = (
  entries: readonly { readonly id: string; readonly name?: string | undefined }[],
): ReadonlyMap<string, Named> => new Map(entries.map(entry => [entry.id, named(entry)]))

const portsOf = (config: AllowedPortsConfig | undefined): AllowedPorts => ({
  tcp: config?.tcp?.map(rangeOf),
  udp: config?.udp?.map(rangeOf),
})

function rangeOf(ports: number | string): PortRange {
  const [from = 0, to = from] = String(ports).split('-').map(Number)
  return { from, to }
}
