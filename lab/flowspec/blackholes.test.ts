import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parsePrefix } from '#lib/ip/prefix.ts'
import { PrefixSet } from '#lib/ip/prefix-set.ts'
import { blackholesListed } from './blackholes.ts'

const NETWORKS = new PrefixSet([parsePrefix('203.0.113.0/24')!, parsePrefix('2001:db8:113::/48')!])
const BLACKHOLE = 0xffff029a

const path = (communities: readonly number[], best = true) => ({
  best,
  attrs: [
    { type: 1, value: 2 },
    { type: 8, communities },
    { type: 3, nexthop: '10.0.3.114' },
  ],
})

test('host routes of ours with the community are dropped, of both families', () => {
  const rib = {
    '203.0.113.10/32': [path([65_001, BLACKHOLE])],
    '2001:db8:113::10/128': [path([BLACKHOLE])],
  }

  assert.deepEqual(blackholesListed(JSON.stringify(rib), NETWORKS), [
    '203.0.113.10/32',
    '2001:db8:113::10/128',
  ])
})

test('networks, hosts of others, other communities and paths that are not the best are not', () => {
  const rib = {
    '203.0.113.0/24': [path([BLACKHOLE])],
    '198.51.100.1/32': [path([BLACKHOLE])],
    '203.0.113.11/32': [path([65_001])],
    '203.0.113.12/32': [{ best: true, attrs: [] }],
    '203.0.113.13/32': [path([BLACKHOLE], false), path([])],
  }

  assert.deepEqual(blackholesListed(JSON.stringify(rib), NETWORKS), [])
})

test('an empty table has none, and what is no table is refused', () => {
  assert.deepEqual(blackholesListed('null', NETWORKS), [])
  assert.throws(() => blackholesListed('["203.0.113.10/32"]', NETWORKS))
})
