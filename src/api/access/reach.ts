// Whose targets somebody reaches: without customers everything, with them what is theirs alone.

import { type Confinement, isConfined, isWithin } from '../contract/access.ts'

/**
 * Id of the customer to whom all of an address or prefix belongs, as the inventory has it; `undefined`: to none, or only a
 * part of it. The inventory's `find` is such: it gives what holds all that was asked for.
 */
export type CustomerOf = (target: string) => string | undefined

/** Whether all of a target lies within one of the networks, given as text. */
export type Within = (networks: readonly string[], target: string) => boolean

/** Whether all of an address or prefix may be seen and touched. */
export function reaches(
  { customers, networks }: Confinement,
  target: string,
  customerOf: CustomerOf,
  within: Within = isWithin,
): boolean {
  if (networks !== undefined && !within(networks, target)) return false
  if (customers === undefined) return true
  const customer = customerOf(target)
  return customer !== undefined && customers.includes(customer)
}

/** Whether all of several may; of none nothing is reached by whoever is confined. */
export const reachesAll = (
  identity: Confinement,
  targets: readonly string[],
  customerOf: CustomerOf,
  within: Within = isWithin,
): boolean =>
  !isConfined(identity) ||
  (targets.length > 0 && targets.every(target => reaches(identity, target, customerOf, within)))
