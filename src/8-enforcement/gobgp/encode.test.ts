import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Route } from '#6-policy/action.ts'
import { type Announcement, flowAnnouncement, routeAnnouncement } from '#7-mitigation/announcement.ts'
import { anyRule } from '#lib/flowspec/arbitrary-for-tests.ts'
import { parseRule } from '#lib/flowspec/parse.ts'
import { DEFAULT_MARK } from './config.ts'
import { type EncodeOptions, pathOf, problemsOf, withdrawalOf } from './encode.ts'
import { heldOf } from './listed.ts'
import type { Family } from './wire.ts'

const TYPE = 'type.googleapis.com/apipb.'
const UNMARKED = { mark: undefined, allowOffsets: false }
const MARKED = { mark: DEFAULT_MARK, allowOffsets: true }
const V4: Route = {
  prefix: '10.99.1.1/32',
  nextHop: '192.0.2.66',
  communities: ['65001:666', '65535:666', '65001:1:2'],
}
const V6: Route = { prefix: '2001:db8:99::/48', nextHop: '100::1', communities: [] }

const rule = (text: string) => {
  const parsed = parseRule(text)
  assert.ok(parsed.kind === 'parsed', text)
  return flowAnnouncement(parsed.value)
}

/** As gobgpd lists what it was told. */
function listed(announcement: Announcement, options: EncodeOptions = MARKED, neighbor = '<nil>') {
  const path = pathOf(announcement, options)
  const family: Family = Reflect.get(path, 'family')
  const prefix = announcement.kind === 'route' ? announcement.key : 'words of gobgpd'
  const answer = { destination: { prefix, paths: [{ ...path, neighbor_ip: neighbor }] } }
  return heldOf(answer, family, MARKED.mark)
}

test('a route carries its next hop, its communities and large communities, and our mark last', () => {
  assert.deepEqual(pathOf(routeAnnouncement(V4), UNMARKED), {
    family: { afi: 1, safi: 1 },
    nlri: { '@type': `${TYPE}IPAddressPrefix`, prefix: '10.99.1.1', prefix_len: 32 },
    pattrs: [
      { '@type': `${TYPE}OriginAttribute`, origin: 0 },
      { '@type': `${TYPE}NextHopAttribute`, next_hop: '192.0.2.66' },
      { '@type': `${TYPE}CommunitiesAttribute`, communities: [65_001 * 65_536 + 666, 0xffff029a] },
      {
        '@type': `${TYPE}LargeCommunitiesAttribute`,
        communities: [{ global_admin: 65_001, local_data1: 1, local_data2: 2 }],
      },
    ],
  })
  assert.deepEqual(pathOf(routeAnnouncement(V6), { ...MARKED, mark: '65001:9' }), {
    family: { afi: 2, safi: 1 },
    nlri: { '@type': `${TYPE}IPAddressPrefix`, prefix: '2001:db8:99::', prefix_len: 48 },
    pattrs: [
      { '@type': `${TYPE}OriginAttribute`, origin: 0 },
      { '@type': `${TYPE}NextHopAttribute`, next_hop: '100::1' },
      { '@type': `${TYPE}CommunitiesAttribute`, communities: [65_001 * 65_536 + 9] },
    ],
  })
})

test('a rule carries its components in order with the operators of the wire, and its actions', () => {
  const path = pathOf(
    rule(
      'destination 192.0.2.1/32 port >=80&<=443 tcp-flags =syn&!ack then discard, rate 1000 packets/s as 7',
    ),
    UNMARKED,
  )

  assert.deepEqual(path, {
    family: { afi: 1, safi: 133 },
    nlri: {
      '@type': `${TYPE}FlowSpecNLRI`,
      rules: [
        { '@type': `${TYPE}FlowSpecIPPrefix`, type: 1, prefix: '192.0.2.1', prefix_len: 32, offset: 0 },
        {
          '@type': `${TYPE}FlowSpecComponent`,
          type: 4,
          items: [
            { op: 3, value: 80 },
            { op: 0x45, value: 443 },
          ],
        },
        {
          '@type': `${TYPE}FlowSpecComponent`,
          type: 9,
          items: [
            { op: 3, value: 16 },
            { op: 0x41, value: 2 },
          ],
        },
      ],
    },
    pattrs: [
      { '@type': `${TYPE}OriginAttribute`, origin: 0 },
      { '@type': `${TYPE}NextHopAttribute`, next_hop: '0.0.0.0' },
      {
        '@type': `${TYPE}ExtendedCommunitiesAttribute`,
        communities: [
          {
            '@type': `${TYPE}UnknownExtended`,
            type: 0x80,
            value: Buffer.from([0x0c, 0, 7, 0x44, 0x7a, 0, 0]),
          },
          { '@type': `${TYPE}TrafficRateExtended`, asn: 0, rate: 0 },
        ],
      },
    ],
  })
})

test('a withdrawal names what is matched and nothing else', () => {
  assert.deepEqual(Object.keys(withdrawalOf(routeAnnouncement(V4))), ['family', 'nlri', 'is_withdraw'])
  assert.deepEqual(Object.keys(withdrawalOf(rule('destination 192.0.2.1/32'))), [
    'family',
    'nlri',
    'is_withdraw',
  ])
})

test('nothing that gobgpd would turn into another route leaves here, and the reason is said', () => {
  const wrong: readonly (readonly [changes: Partial<Route>, reason: RegExp])[] = [
    [{ prefix: 'nonsense' }, /"nonsense" is no prefix/],
    [{ prefix: '10.99.1.1/64' }, /is no prefix/],
    [{ prefix: '10.99.1.1/24' }, /bits set beyond its length/],
    [{ prefix: '0.0.0.0/0' }, /default route/],
    [{ prefix: '::/0', nextHop: '::1' }, /default route/],
    [{ nextHop: '100::1' }, /is an IPv4 address, not "100::1"/],
    [{ nextHop: '' }, /is an IPv4 address/],
    [{ communities: ['blackhole'] }, /no community such as/],
  ]
  for (const [changes, reason] of wrong) {
    const announcement = routeAnnouncement({ ...V4, ...changes })
    assert.match(problemsOf(announcement, UNMARKED).join('; '), reason)
    assert.throws(() => pathOf(announcement, UNMARKED))
  }
})

test('a listed path reads back as what it was and as ours; those of neighbours do not', () => {
  for (const route of [V4, V6]) {
    const announcement = routeAnnouncement(route)
    const { key, says } = announcement
    assert.deepEqual(listed(announcement)?.item, { key, says, isOurs: true })
    assert.deepEqual(listed(announcement, UNMARKED)?.item, { key, says, isOurs: false })
    assert.equal(listed(announcement, MARKED, '10.0.3.1'), undefined)
  }
  assert.equal(heldOf({}, { afi: 1, safi: 1 }, undefined), undefined)
})

test('any rule that may be sent reads back as itself', () => {
  fc.assert(
    fc.property(anyRule, made => {
      const announcement = flowAnnouncement(made)
      fc.pre(problemsOf(announcement, MARKED).length === 0)
      const { key, says } = announcement
      assert.deepEqual(listed(announcement)?.item, { key, says, isOurs: true })
    }),
    { numRuns: 500 },
  )
})

test('a rule that says more or cannot be read is not taken for ours as it should be', () => {
  const announcement = rule('destination 192.0.2.1/32 then discard')
  const path = pathOf(announcement, { ...MARKED, mark: '65001:9' })
  const answer = { destination: { prefix: 'x', paths: [{ ...path, neighbor_ip: '<nil>' }] } }
  const unreadable = { destination: { prefix: 'x', paths: [{ nlri: { '@type': 'x' }, pattrs: [] }] } }
  const family: Family = { afi: 1, safi: 133 }

  assert.equal(heldOf(answer, family, undefined)?.item.says, 'discard, community 65001:9')
  assert.deepEqual(heldOf(unreadable, family, undefined)?.item, { key: 'x', says: '', isOurs: false })
})

test('whatever a daemon lists is read or left out, and never thrown at', () => {
  const TYPES = [
    'FlowSpecNLRI',
    'FlowSpecComponent',
    'FlowSpecIPPrefix',
    'ExtendedCommunitiesAttribute',
    'UnknownAttribute',
  ]
  const value = fc.oneof(
    fc.nat(70_000),
    fc.double(),
    fc.string(),
    fc.uint8Array({ maxLength: 24 }),
    fc.constant(null),
  )
  const { any } = fc.letrec<{ any: unknown }>(tie => ({
    any: fc.oneof(
      { maxDepth: 5 },
      value,
      fc.array(tie('any'), { maxLength: 3 }),
      fc.record(
        {
          '@type': fc.constantFrom(...TYPES.map(name => `${TYPE}${name}`), 'x'),
          type: fc.nat(30),
          op: fc.nat(255),
          value,
          prefix: fc.constantFrom('192.0.2.1', '2001:db8::', 'x'),
          prefix_len: fc.nat(200),
          rules: tie('any'),
          items: tie('any'),
          communities: tie('any'),
        },
        { requiredKeys: ['@type'] },
      ),
    ),
  }))
  const path = fc.record({ nlri: any, pattrs: any, neighbor_ip: fc.constantFrom('<nil>', '10.0.3.1') })
  const answer = fc.record({
    destination: fc.record({ prefix: fc.string(), paths: fc.array(path, { maxLength: 2 }) }),
  })
  const family = fc.constantFrom<Family>({ afi: 1, safi: 1 }, { afi: 2, safi: 133 }, { afi: 1, safi: 133 })

  fc.assert(
    fc.property(answer, family, (listed, asked) => {
      const held = heldOf(listed, asked, DEFAULT_MARK)
      assert.ok(held === undefined || typeof held.item.key === 'string')
    }),
    { numRuns: 2000 },
  )
})
