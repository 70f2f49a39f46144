// The catalogue of what can be wrong with an inventory.

import type { CatalogueEntry } from '#lib/schema/problem.ts'

const REFUSED = 'The inventory is refused as a whole, and the one before it stays.'

export const ERRORS = [
  {
    code: 'inventory-prefix',
    what: 'A text is no prefix, address or range of addresses.',
    means: REFUSED,
    do: 'Write 192.0.2.0/24, 2001:db8::/32 or, for assets, also 192.0.2.10 or 192.0.2.10-192.0.2.20.',
  },
  {
    code: 'inventory-host-bits',
    what: 'A prefix has bits set beyond its length.',
    means: 'The prefix that holds the address is used, as the message names it.',
    do: 'Write the first address of the prefix, or make it longer when one address was meant.',
  },
  {
    code: 'inventory-default-route',
    what: 'A prefix holds every address there is.',
    means: 'Whatever is in no longer prefix belongs to this customer.',
    do: 'Write the prefixes of the customer one by one.',
  },
  {
    code: 'inventory-overlap',
    what: 'Two customers have the same addresses, or two assets share some and neither lies within the other.',
    means: REFUSED,
    do: 'Give each address to one customer, and write assets so that they lie apart or one within the other.',
  },
  {
    code: 'inventory-outside',
    what: 'An asset does not lie within one prefix of its customer.',
    means: REFUSED,
    do: 'Correct the asset, or add its prefix to the customer; a range over two prefixes is written as two.',
  },
  {
    code: 'inventory-duplicate',
    what: 'An id, a prefix or an asset stands in the inventory twice.',
    means: REFUSED,
    do: 'Keep one of the two, or give the other an id of its own.',
  },
  {
    code: 'inventory-reference',
    what: 'A service or POP is referred to that the inventory does not have.',
    means: REFUSED,
    do: 'Correct the id or add what it names. A service belongs to the same customer as the asset.',
  },
] as const satisfies readonly CatalogueEntry[]

export type InventoryErrorCode = (typeof ERRORS)[number]['code']
