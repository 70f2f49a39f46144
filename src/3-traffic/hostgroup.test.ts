import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseAddress } from '#lib/ip/address.ts'
import { HostgroupTable } from './hostgroup.ts'

const address = (text: string) => parseAddress(text)!

test('a host belongs to the group with the longest prefix that holds it', () => {
  const table = new HostgroupTable({
    wide: { networks: ['10.0.0.0/8', '2001:db8::/32'] },
    narrow: { networks: ['10.1.0.0/16', '2001:db8:1::/48'] },
    one: { networks: ['10.1.2.3'] },
  })

  const groups = ['10.0.0.1', '10.1.0.1', '10.1.2.3', '192.0.2.1', '2001:db8::1', '2001:db8:1::1'].map(text =>
    table.groupOf(address(text)),
  )

  assert.deepEqual(groups, ['wide', 'narrow', 'one', undefined, 'wide', 'narrow'])
})

test('a prefix that two groups name belongs to the first', () => {
  const table = new HostgroupTable({
    first: { networks: ['10.0.0.0/24'] },
    second: { networks: ['10.0.0.0/24', '10.0.0.7/32'] },
  })

  assert.equal(table.groupOf(address('10.0.0.1')), 'first')
  assert.equal(table.groupOf(address('10.0.0.7')), 'second')
})
