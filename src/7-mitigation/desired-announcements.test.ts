import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { processorMs } from '../../test/processor-ms.ts'
import { type Announcement, flowAnnouncement, routeAnnouncement } from './announcement.ts'
import { DesiredAnnouncements } from './desired-announcements.ts'

const NETWORK = '192.0.2.0/24'
const route = (prefix = NETWORK, community = '65001:666'): Announcement =>
  routeAnnouncement({ prefix, nextHop: '192.0.2.66', communities: [community] })

/** A route or a rule, of one of two ways to announce it. */
function announcement(key: string, isFirst: boolean): Announcement {
  if (key.includes('/')) return route(key, isFirst ? '1:1' : '2:2')
  const prefix = { family: 4, value: BigInt(key.length), length: 32 } as const
  return flowAnnouncement({
    family: 4,
    components: [{ type: 'destination', prefix, offset: 0 }],
    actions: [isFirst ? { kind: 'discard' } : { kind: 'rate-bytes', bytesPerSecond: 1e6, asn: 0 }],
  })
}

test('a network that two bans announce is withdrawn when the last of them ends, and not before', () => {
  const desired = new DesiredAnnouncements()
  desired.hold('a.0', route())
  desired.hold('b.0', route())

  desired.release('a.0', NETWORK)
  assert.deepEqual(desired.changeFor(route()), { kind: 'announce', announcement: route() })
  assert.equal(desired.holdersOf(NETWORK), 1)

  desired.release('b.0', NETWORK)
  assert.deepEqual(desired.changeFor(route()), { kind: 'withdraw', announcement: route() })
  assert.equal(desired.size, 0)
})

test('of two ways to announce a prefix the last one counts, then the one before it', () => {
  const desired = new DesiredAnnouncements()
  desired.hold('network', route(NETWORK, '65001:777'))
  desired.hold('host', route(NETWORK, '65001:666'))

  assert.deepEqual(desired.get(NETWORK)?.says, route(NETWORK, '65001:666').says)
  desired.release('host', NETWORK)
  assert.deepEqual(desired.get(NETWORK)?.says, route(NETWORK, '65001:777').says)
})

test('holding twice is holding once, and letting go of what is not held changes nothing', () => {
  const desired = new DesiredAnnouncements()
  desired.hold('a', route())
  desired.hold('a', route())
  desired.release('b', NETWORK)
  desired.release('a', '198.51.100.0/24')

  assert.equal(desired.holdersOf(NETWORK), 1)
  desired.release('a', NETWORK)
  assert.equal(desired.get(NETWORK), undefined)
})

test('whatever is held and let go, a router that is told every change holds what somebody wants, as asked last', () => {
  const key = fc.constantFrom('192.0.2.0/24', '2001:db8::/48', 'rule', 'another rule')
  const id = fc.constantFrom('a', 'b', 'c', 'd')
  const step = fc.record({ holds: fc.boolean(), id, key, isFirst: fc.boolean() })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), steps => {
      const desired = new DesiredAnnouncements()
      const router = new Map<string, Announcement>()
      const wanted = new Map<string, Announcement>()
      for (const { holds, id, key: name, isFirst } of steps) {
        const one = announcement(name, isFirst)
        const last = router.get(one.key) ?? one
        if (holds) {
          desired.hold(id, one)
          wanted.set(`${id} ${one.key}`, one)
        } else {
          desired.release(id, one.key)
          wanted.delete(`${id} ${one.key}`)
        }
        const change = desired.changeFor(last)
        if (change.kind === 'announce') router.set(one.key, change.announcement)
        else router.delete(one.key)
        if (holds) assert.equal(router.get(one.key)!.says, one.says)
      }
      const keys = [...wanted.values()].map(want => want.key)
      assert.deepEqual([...router.keys()].sort(), [...new Set(keys)].sort())
      for (const held of router.values()) {
        const wants = [...wanted.values()].filter(want => want.key === held.key)
        assert.ok(wants.some(want => want.says === held.says))
      }
      assert.equal(desired.size, router.size)
    }),
    { numRuns: 500 },
  )
})

test('65,536 bans of one network are held and let go without looking at each other', () => {
  const desired = new DesiredAnnouncements()
  const began = processorMs()
  for (let id = 0; id < 65_536; id++) desired.hold(`${id}`, route())
  for (let id = 65_535; id >= 0; id--) {
    desired.release(`${id}`, NETWORK)
    desired.get(NETWORK)
  }

  assert.ok(processorMs() - began < 500)
  assert.equal(desired.size, 0)
})
