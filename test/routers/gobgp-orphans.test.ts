// What an earlier run left in a real gobgpd: what is taken up, put right, withdrawn, and when.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { routeMitigation } from '#8-enforcement/bgp/mitigation-for-tests.ts'
import { until } from '../until.ts'
import {
  announceAll,
  byKey,
  driverFor,
  heldBy,
  itemOf,
  ROUTES,
  rule,
  someRules,
  start,
} from './gobgp-for-tests.ts'

test('what is missing is announced, what was changed is put right, orphans of ours go, and those of others stay', async t => {
  const gobgpd = await start(t)
  if (gobgpd === undefined) return
  const earlier = driverFor(t, gobgpd)
  const other = driverFor(t, gobgpd, { mark: '65001:99:2' })
  const kept = [...ROUTES, ...someRules(20)]
  const left = [
    routeMitigation('o4', '203.0.113.66/32', 'gobgp'),
    routeMitigation('o6', '2001:db8:113::66/128', 'gobgp'),
    rule('destination 203.0.113.66/32 then discard'),
    rule('destination 2001:db8:113::66/128 protocol =udp then discard'),
  ]
  const foreign = [
    routeMitigation('x', '198.51.100.1/32', 'gobgp'),
    rule('destination 198.51.100.1/32 then discard'),
  ]
  await announceAll(earlier, [...kept, ...left])
  await announceAll(other, foreign)
  await gobgpd.gobgp('global', 'rib', 'add', '198.51.100.2/32', '-a', 'ipv4')
  await earlier.stop(100)
  await gobgpd.gobgp('global', 'rib', 'del', '203.0.113.0/24', '-a', 'ipv4')
  await gobgpd.gobgp('global', 'rib', 'add', '203.0.113.10/32', 'nexthop', '192.0.2.99', '-a', 'ipv4')

  const driver = driverFor(t, gobgpd)
  assert.deepEqual(await driver.reconcile(kept), { kind: 'done' })

  const held = await heldBy(driver)
  assert.deepEqual(
    held.filter(({ isOurs }) => isOurs),
    byKey(kept.map(one => itemOf(one))),
  )
  assert.deepEqual(
    held.filter(({ isOurs }) => !isOurs).map(({ key }) => key),
    ['198.51.100.1/32', '198.51.100.2/32', 'destination 198.51.100.1/32'],
  )
  const counted = new Map([...driver.metrics()].map(({ name, value }) => [name, value]))
  assert.equal(counted.get('floodwarden_bgp_repairs_total'), 2)
  assert.equal(counted.get('floodwarden_bgp_orphans_total'), left.length)
})

test('without a mark what an earlier run left and this one does not know stays where it is', async t => {
  const gobgpd = await start(t)
  if (gobgpd === undefined) return
  const driver = driverFor(t, gobgpd, { mark: 'off' })
  await announceAll(driverFor(t, gobgpd, { mark: 'off' }), ROUTES)

  assert.deepEqual(await driver.reconcile(ROUTES.slice(0, 1)), { kind: 'done' })
  assert.deepEqual(await heldBy(driver), byKey(ROUTES.map(one => itemOf(one, false))))
})

test('before it is told what an earlier run left, nothing is taken for an orphan', async t => {
  const gobgpd = await start(t)
  if (gobgpd === undefined) return
  await announceAll(driverFor(t, gobgpd), ROUTES)
  const driver = driverFor(t, gobgpd, { reconcileSeconds: 0.1 })

  await sleep(600)
  assert.equal((await heldBy(driver)).length, ROUTES.length)
  assert.deepEqual(await driver.reconcile([]), { kind: 'done' })
  assert.deepEqual(await heldBy(driver), [])
})

test('what is left of an earlier run that was killed has some seconds to be wanted again, then it is an orphan', async t => {
  const gobgpd = await start(t)
  if (gobgpd === undefined) return
  await announceAll(driverFor(t, gobgpd), ROUTES)
  const [wantedAgain, ...others] = ROUTES
  const driver = driverFor(t, gobgpd, { orphansAfterSeconds: 4 })

  assert.deepEqual(await driver.reconcile([]), { kind: 'done' })
  assert.equal((await heldBy(driver)).length, ROUTES.length)
  await announceAll(driver, [wantedAgain!])
  const orphans = () =>
    [...driver.metrics()].find(({ name }) => name === 'floodwarden_bgp_orphans_total')?.value ?? 0
  await until(() => orphans() === others.length)

  await until(async () => (await heldBy(driver)).length === 1)
  assert.deepEqual(await heldBy(driver), [itemOf(wantedAgain!)])
})
