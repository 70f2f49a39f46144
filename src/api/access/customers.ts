// Customers to which somebody is to be confined: a name that was mistyped would confine him to nothing.

/** The refusal of the first customer that the inventory does not know. */
export function unknownCustomer(customers: readonly string[] | undefined, knows: (id: string) => boolean) {
  const unknown = customers?.find(id => !knows(id))
  if (unknown === undefined) return undefined
  return { kind: 'refused', code: 'unknown-customer', detail: `no customer has the id ${unknown}` } as const
}
