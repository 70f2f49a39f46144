// Whose targets somebody reaches: without customers everything, with them what is theirs alone.

import type { Identity } from '../contract/access.ts'

/**
 * Id of the customer to whom all of an address or prefix belongs, as the inventory has it; `undefined`: to none, or only a
 * part of it. The inventory's `find` is such: it gives what holds all that was asked for.
 */
export type CustomerOf = (target: string) => string | undefined

/** Whether all of an address or prefix may be seen and touched. */
export function reaches(
  { customers }: Pick<Identity, 'customers'>,
  target: string,
  customerOf: CustomerOf,
): boolean {
  if (customers === undefined) return true
  const customer = customerOf(target)
  return customer !== undefined && customers.includes(customer)
}

/** Whether all of several may; of none nothing is reached by whoever is confined. */
export const reachesAll = (
  identity: Pick<Identity, 'customers'>,
  targets: readonly string[],
  customerOf: CustomerOf,
): boolean =>
  identity.customers === undefined ||
  (targets.length > 0 && targets.every(target => reaches(identity, target, customerOf)))
