import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Route } from '#6-policy/action.ts'
import { pathOf, routeOf } from './encode.ts'

const TYPE = 'type.googleapis.com/apipb.'
const V4: Route = { prefix: '10.99.1.1/32', nextHop: '192.0.2.66', communities: ['65001:666', '65535:666'] }
const V6: Route = { prefix: '2001:db8:99::/48', nextHop: '100::1', communities: [] }

test('an IPv4 route carries its next hop, an IPv6 route the multiprotocol attribute', () => {
  assert.deepEqual(pathOf(V4), {
    family: { afi: 1, safi: 1 },
    nlri: { '@type': `${TYPE}IPAddressPrefix`, prefix: '10.99.1.1', prefix_len: 32 },
    pattrs: [
      { '@type': `${TYPE}OriginAttribute`, origin: 0 },
      { '@type': `${TYPE}NextHopAttribute`, next_hop: '192.0.2.66' },
      { '@type': `${TYPE}CommunitiesAttribute`, communities: [65_001 * 65_536 + 666, 0xffff029a] },
    ],
  })
  const nlri = { '@type': `${TYPE}IPAddressPrefix`, prefix: '2001:db8:99::', prefix_len: 48 }
  assert.deepEqual(pathOf(V6), {
    family: { afi: 2, safi: 1 },
    nlri,
    pattrs: [
      { '@type': `${TYPE}OriginAttribute`, origin: 0 },
      {
        '@type': `${TYPE}MpReachNLRIAttribute`,
        family: { afi: 2, safi: 1 },
        next_hops: ['100::1'],
        nlris: [nlri],
      },
    ],
  })
})

test('nothing that gobgpd would turn into another route leaves here', () => {
  const wrong = [
    { prefix: 'nonsense' },
    { prefix: '0.0.0.0/0' },
    { prefix: '::/0' },
    { nextHop: '100::1' },
    { nextHop: '' },
  ]
  for (const changes of wrong) assert.throws(() => pathOf({ ...V4, ...changes }), JSON.stringify(changes))
})

test('a listed path reads back as the route it was, and those of neighbours do not', () => {
  for (const route of [V4, V6]) {
    const listed = { ...pathOf(route), neighbor_ip: '<nil>' }
    assert.deepEqual(routeOf({ destination: { prefix: route.prefix, paths: [listed] } }), route)
    const learned = { ...pathOf(route), neighbor_ip: '10.0.3.1' }
    assert.equal(routeOf({ destination: { prefix: route.prefix, paths: [learned] } }), undefined)
  }
  assert.equal(routeOf({}), undefined)
})
