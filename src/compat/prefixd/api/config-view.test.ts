import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inventorySchema } from '#6-policy/inventory-config.ts'
import { inventoryView } from './config-view.ts'

test('a customer is shown with its profile, and one that has none as normal', () => {
  const { customers } = inventoryView(
    inventorySchema.parse({
      customers: [
        { id: 'acme', prefixes: ['192.0.2.0/24'], escalation: 'strict' },
        { id: 'mill', prefixes: ['198.51.100.0/24'] },
      ],
    }),
  )

  assert.deepEqual(
    customers.map(({ customer_id, policy_profile }) => [customer_id, policy_profile]),
    [
      ['acme', 'strict'],
      ['mill', 'normal'],
    ],
  )
})
