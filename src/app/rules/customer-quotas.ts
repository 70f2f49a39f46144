// How many rules people may make for addresses of a customer, as the inventory in force says.

import { type InventoryConfig, inventorySchema } from '#6-policy/inventory-config.ts'
import type { CustomerQuota } from './rule-room.ts'

/** Of a customer that the inventory does not know any more. */
const [USUAL] = inventorySchema.parse({ customers: [{ id: 'any', prefixes: [] }] }).customers

export class CustomerQuotas {
  readonly #inventory: () => InventoryConfig
  #of: InventoryConfig | undefined
  #quotas: ReadonlyMap<string, CustomerQuota> = new Map()

  constructor(inventory: () => InventoryConfig) {
    this.#inventory = inventory
  }

  of(customer: string): CustomerQuota {
    const inventory = this.#inventory()
    if (inventory !== this.#of) {
      this.#of = inventory
      this.#quotas = new Map(inventory.customers.map(({ id, rules }) => [id, rules]))
    }
    return this.#quotas.get(customer) ?? USUAL?.rules ?? { activeMax: 0, newPerMinute: 0 }
  }
}
