// What an admin who is confined may hand out: never more than he has himself.

import { type Confinement, type Identity, isConfined, isWithin } from '../contract/access.ts'

/**
 * Whether somebody of this confinement is under the admin who asks: he may add, change and remove him. Over the control socket
 * nobody is named, and everybody is.
 */
export function isUnder(by: Identity | undefined, other: Confinement): boolean {
  if (by === undefined || !isConfined(by)) return true
  const { customers, networks } = by
  return (
    (customers === undefined || (other.customers?.every(id => customers.includes(id)) ?? false)) &&
    (networks === undefined || (other.networks?.every(text => isWithin(networks, text)) ?? false))
  )
}

export const notUnder = {
  kind: 'refused',
  code: 'forbidden',
  detail: 'whoever is confined hands out only what lies within his own customers and networks',
} as const
