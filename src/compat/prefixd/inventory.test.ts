import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseAddress } from '#lib/ip/address.ts'
import { readInventory } from './inventory.ts'

const WHOLE = `customers:
  - customer_id: cust_bakery
    name: Bakery
    prefixes:
      - 203.0.113.0/24
      - 2001:db8:77::/48
    policy_profile: normal
    services:
      - service_id: svc_shop
        name: Shop
        allowed_ports:
          tcp: [80, 443]
          udp: []
        assets:
          - ip: 203.0.113.10
            role: web
            interface: xe-0/0/1
          - ip: 2001:db8:77::10
      - service_id: svc_dns
        assets:
          - ip: 203.0.113.53
            range_end: 203.0.113.54
  - customer_id: cust_mill
    name: Mill
    prefixes: [198.51.100.0/25]
`

function find(text: string, address: string) {
  const read = readInventory(text, 'inventory.yaml')
  assert.ok(read.kind === 'ok', JSON.stringify(read.problems))
  return read.inventory.find(parseAddress(address)!)
}

test('customers, services, assets and ports are read as prefixd writes them', () => {
  assert.deepEqual(find(WHOLE, '203.0.113.10'), {
    customer: { id: 'cust_bakery', name: 'Bakery' },
    service: { id: 'svc_shop', name: 'Shop' },
    asset: { text: '203.0.113.10/32', role: 'web', interface: 'xe-0/0/1' },
    allowedPorts: {
      tcp: [
        { from: 80, to: 80 },
        { from: 443, to: 443 },
      ],
      udp: undefined,
    },
    pop: undefined,
    escalation: 'normal',
  })
  assert.equal(find(WHOLE, '198.51.100.1')?.escalation, undefined)
  assert.equal(find(WHOLE, '2001:db8:77::10')?.service?.id, 'svc_shop')
  assert.equal(find(WHOLE, '2001:db8:77::11')?.service, undefined)
  assert.equal(find(WHOLE, '2001:db8:77::11')?.customer.id, 'cust_bakery')
  assert.equal(find(WHOLE, '198.51.100.127')?.customer.id, 'cust_mill')
  assert.equal(find(WHOLE, '198.51.100.128'), undefined)
})

test('a service without a name has its id for one, and an asset may be a range', () => {
  assert.deepEqual(find(WHOLE, '203.0.113.54')?.service, { id: 'svc_dns', name: 'svc_dns' })
  assert.equal(find(WHOLE, '203.0.113.54')?.asset?.text, '203.0.113.53-203.0.113.54')
  assert.equal(find(WHOLE, '203.0.113.55')?.service, undefined)
})

test('the longest prefix of a customer does not depend on the order of the file', () => {
  const text = `customers:
  - {customer_id: a, name: A, prefixes: [10.0.0.0/8, 10.1.0.0/16], services: []}
  - {customer_id: b, name: B, prefixes: [192.0.2.0/24]}
`

  assert.equal(find(text, '10.1.2.3')?.customer.id, 'a')
  assert.equal(find(text, '192.0.2.3')?.customer.id, 'b')
})

test('no customers is an inventory that knows nobody', () => {
  assert.equal(find('customers: []\n', '192.0.2.1'), undefined)
})
