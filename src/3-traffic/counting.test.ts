import assert from 'node:assert/strict'
import { test } from 'node:test'
import { tablesFor } from './counting.ts'
import { PAGE_SLOTS } from './host-tables.ts'
import { prefixesFor } from './slots-for-tests.ts'

/** Slots for hosts, in pages; page 0 belongs to nobody. */
const pagesFor = (hostsMax: number, ...networks: string[]) =>
  tablesFor(prefixesFor(...networks), hostsMax, 128).slots / PAGE_SLOTS - 1

test('tables are reserved for as many hosts as there can be, within the bound of each family', () => {
  assert.equal(pagesFor(65_536, '10.0.0.0/24'), 1)
  assert.equal(pagesFor(65_536, '10.0.0.7/32'), 1)
  assert.equal(pagesFor(65_536, '10.0.0.0/16'), 256)
  assert.equal(pagesFor(65_536, '10.0.0.0/8'), 256)
  assert.equal(pagesFor(65_536, '2001:db8::1/128'), 1)
  assert.equal(pagesFor(65_536, '2001:db8::/120'), 1)
  assert.equal(pagesFor(65_536, '2001:db8::/32'), 256)
  assert.equal(pagesFor(65_536, '10.0.0.0/8', '2001:db8::/32'), 512)
  assert.equal(pagesFor(65_536, '10.0.0.7/32', '2001:db8::1/128'), 2)
})
