// Whose an address is, as the inventory in force has it, for callers that are confined to customers.

import type { Inventory } from '#6-policy/inventory.ts'
import { reaches, reachesAll } from '#api/access/reach.ts'
import { isConfined as confines } from '#api/contract/access.ts'
import type { Caller } from '#api/control.ts'
import { parsePrefix } from '#lib/ip/prefix.ts'
import { PrefixSet } from '#lib/ip/prefix-set.ts'

/** Targets whose customer is remembered, until the inventory changes. */
const KNOWN_MAX = 100_000

export class Reach {
  readonly #inventory: () => Inventory | undefined
  #known = new Map<string, string | undefined>()
  readonly #networks = new WeakMap<readonly string[], PrefixSet>()
  #knownOf: Inventory | undefined

  constructor(inventory: () => Inventory | undefined) {
    this.#inventory = inventory
  }

  /** Whether the caller may see and touch all of an address or prefix. */
  sees({ identity }: Caller, target: string): boolean {
    return identity === undefined || reaches(identity, target, this.#customerOf, this.#within)
  }

  seesAll({ identity }: Caller, targets: readonly string[]): boolean {
    return identity === undefined || reachesAll(identity, targets, this.#customerOf, this.#within)
  }

  /** Id of the customer to whom all of a target belongs; `undefined`: to none. */
  customerOf(target: string): string | undefined {
    return this.#customerOf(target)
  }

  /** Lists ask it for each of their rows. */
  readonly #within = (networks: readonly string[], target: string): boolean => {
    const known =
      this.#networks.get(networks) ?? new PrefixSet(networks.flatMap(text => parsePrefix(text) ?? []))
    this.#networks.set(networks, known)
    const prefix = parsePrefix(target)
    return prefix !== undefined && known.covering(prefix) !== undefined
  }

  readonly #customerOf = (target: string): string | undefined => {
    const inventory = this.#inventory()
    if (inventory !== this.#knownOf || this.#known.size >= KNOWN_MAX) {
      this.#known = new Map()
      this.#knownOf = inventory
    }
    if (this.#known.has(target)) return this.#known.get(target)
    const prefix = parsePrefix(target)
    const customer = prefix && inventory?.find(prefix)?.customer.id
    this.#known.set(target, customer)
    return customer
  }
}

export const isConfined = ({ identity }: Caller): boolean => identity !== undefined && confines(identity)
