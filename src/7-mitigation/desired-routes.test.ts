import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Route } from '#6-policy/action.ts'
import { DesiredRoutes, saysTheSame } from './desired-routes.ts'

const NETWORK = '192.0.2.0/24'
const route = (prefix = NETWORK, community = '65001:666'): Route => ({
  prefix,
  nextHop: '192.0.2.66',
  communities: [community],
})

test('a network that two bans announce is withdrawn when the last of them ends, and not before', () => {
  const desired = new DesiredRoutes()
  desired.hold('a.0', route())
  desired.hold('b.0', route())

  desired.release('a.0', NETWORK)
  assert.deepEqual(desired.changeFor(route()), { kind: 'announce', route: route() })
  assert.equal(desired.holdersOf(NETWORK), 1)

  desired.release('b.0', NETWORK)
  assert.deepEqual(desired.changeFor(route()), { kind: 'withdraw', route: route() })
  assert.equal(desired.size, 0)
})

test('of two ways to announce a prefix the last one counts, then the one before it', () => {
  const desired = new DesiredRoutes()
  desired.hold('network', route(NETWORK, '65001:777'))
  desired.hold('host', route(NETWORK, '65001:666'))

  assert.deepEqual(desired.get(NETWORK)?.communities, ['65001:666'])
  desired.release('host', NETWORK)
  assert.deepEqual(desired.get(NETWORK)?.communities, ['65001:777'])
})

test('holding twice is holding once, and letting go of what is not held changes nothing', () => {
  const desired = new DesiredRoutes()
  desired.hold('a', route())
  desired.hold('a', route())
  desired.release('b', NETWORK)
  desired.release('a', '198.51.100.0/24')

  assert.equal(desired.holdersOf(NETWORK), 1)
  desired.release('a', NETWORK)
  assert.equal(desired.get(NETWORK), undefined)
})

test('whatever is held and let go, a router that is told every change holds what somebody wants, as asked last', () => {
  const prefix = fc.constantFrom('192.0.2.0/24', '192.0.2.1/32', '2001:db8::/48')
  const id = fc.constantFrom('a', 'b', 'c', 'd')
  const step = fc.record({ holds: fc.boolean(), id, prefix, community: fc.constantFrom('1:1', '2:2') })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), steps => {
      const desired = new DesiredRoutes()
      const router = new Map<string, Route>()
      const wanted = new Map<string, Route>()
      for (const { holds, id, prefix, community } of steps) {
        const last = router.get(prefix) ?? route(prefix)
        if (holds) {
          desired.hold(id, route(prefix, community))
          wanted.set(`${id} ${prefix}`, route(prefix, community))
        } else {
          desired.release(id, prefix)
          wanted.delete(`${id} ${prefix}`)
        }
        const change = desired.changeFor(last)
        if (change.kind === 'announce') router.set(prefix, change.route)
        else router.delete(prefix)
        if (holds) assert.ok(saysTheSame(router.get(prefix)!, route(prefix, community)))
      }
      const prefixes = [...wanted.values()].map(want => want.prefix)
      assert.deepEqual([...router.keys()].sort(), [...new Set(prefixes)].sort())
      for (const held of router.values()) {
        const wants = [...wanted.values()].filter(want => want.prefix === held.prefix)
        assert.ok(wants.some(want => saysTheSame(want, held)))
      }
      assert.equal(desired.size, router.size)
    }),
    { numRuns: 500 },
  )
})

test('65,536 bans of one network are held and let go without looking at each other', () => {
  const desired = new DesiredRoutes()
  const began = performance.now()
  for (let id = 0; id < 65_536; id++) desired.hold(`${id}`, route())
  for (let id = 65_535; id >= 0; id--) {
    desired.release(`${id}`, NETWORK)
    desired.get(NETWORK)
  }

  assert.ok(performance.now() - began < 500)
  assert.equal(desired.size, 0)
})
