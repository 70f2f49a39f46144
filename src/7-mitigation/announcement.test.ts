import assert from 'node:assert/strict'
import { test } from 'node:test'
import { announcementOf, routeAnnouncement } from './announcement.ts'

const filter = (rule: string) => announcementOf({ kind: 'filter', enforcer: 'gobgp', rule })

test('a route is found by its prefix, and says its next hop and communities whatever their order', () => {
  const route = { prefix: '192.0.2.1/32', nextHop: '192.0.2.66', communities: ['65001:777', '65001:666:1'] }
  const announced = announcementOf({ kind: 'divert', enforcer: 'gobgp', ...route })

  assert.ok(announced.kind === 'route')
  assert.deepEqual(
    [announced.key, announced.says],
    ['192.0.2.1/32', 'next-hop 192.0.2.66 communities 65001:666:1 65001:777'],
  )
  assert.deepEqual(announced.route, route)
  const turned = routeAnnouncement({ ...route, communities: route.communities.toReversed() })
  assert.equal(turned.says, announced.says)
  assert.equal(routeAnnouncement({ ...route, communities: [] }).says, 'next-hop 192.0.2.66')
})

test('a rule is found by what it matches, and says its actions with the rate that can be sent', () => {
  const announced = filter('destination 192.0.2.1/32 protocol =udp then rate 16777217 bytes/s, mark 10')

  assert.ok(announced.kind === 'flow')
  assert.equal(announced.key, 'destination 192.0.2.1/32 protocol =udp')
  assert.equal(announced.says, 'rate 16777216 bytes/s, mark 10')
  const other = filter('destination 192.0.2.1/32 protocol =udp then discard')
  assert.ok(other.kind === 'flow')
  assert.deepEqual([other.key, other.says], [announced.key, 'discard'])
})

test('a rule that cannot be read and a script are nothing to announce, in words', () => {
  const wrong = filter('destination nonsense then discard')
  const script = announcementOf({ kind: 'script', path: '/usr/local/bin/notify' })

  assert.match(wrong.kind === 'impossible' ? wrong.error : '', /nonsense.* at column 13/)
  assert.equal(script.kind, 'impossible')
})
