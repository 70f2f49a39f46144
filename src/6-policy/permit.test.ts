import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { formatPrefix, prefixOf } from '#lib/ip/prefix.ts'
import type { Action } from './action.ts'
import { BlastRadius, ttl, USUAL_BOUNDS } from './bounds.ts'
import type { HeldCounts } from './guardrail.ts'
import { type PermitContext, permit } from './permit.ts'
import { inventoryFrom, prefixes, RAILS } from './playbooks-for-tests.ts'

const rule = (host: number): Action => ({
  ...{ kind: 'filter', enforcer: 'gobgp', rule: `destination 192.0.2.${host}/32 then discard` },
})
const route = (prefix: string): Action => ({
  ...{ kind: 'blackhole', enforcer: 'gobgp', prefix, nextHop: '192.0.2.66', communities: [] },
})
const counts = (active: number): HeldCounts => ({
  all: { active, newWithinMinute: 0 },
  ofCustomer: () => ({ active, newWithinMinute: 0 }),
  ofPop: () => ({ active: 0, newWithinMinute: 0 }),
  rulesOf: () => 0,
})
const QUOTAS = { global: { activeMax: 3 }, customer: {}, pop: {} }
const CONTEXT: PermitContext = { rails: RAILS, inventory: undefined, held: [], addressesMax: undefined }
const granted = (actions: readonly Action[], changes: Partial<PermitContext>) =>
  permit(
    actions.map(action => ({
      action,
      bound: action.kind === 'filter' ? ('rule' as const) : ('network' as const),
    })),
    { ...CONTEXT, ...changes },
  ).map(({ refusals }) => refusals.map(({ rail }) => rail).join() || 'granted')

test('of several announcements those go ahead for which there is room', () => {
  const rails = { ...RAILS, quotas: QUOTAS, counts: counts(1) }

  assert.deepEqual(granted([rule(1), rule(2), { kind: 'script', path: '/bin/true' }, rule(3)], { rails }), [
    ...['granted', 'granted', 'granted', 'quota-global'],
  ])
})

test('what is held already needs no room, and what takes the place of something held neither', () => {
  const rails = { ...RAILS, quotas: QUOTAS, counts: counts(3) }

  assert.deepEqual(granted([rule(1), rule(2)], { rails, held: [rule(1)] }), ['granted', 'quota-global'])
  assert.deepEqual(granted([rule(2), rule(3)], { rails, held: [rule(1)] }), ['granted', 'quota-global'])
})

test('quotas go by whose address it is', () => {
  const inventory = inventoryFrom({
    customers: [
      { id: 'a', prefixes: ['192.0.2.0/28'] },
      { id: 'b', prefixes: ['192.0.2.16/28'] },
    ],
  })
  const ofA = {
    ...counts(0),
    ofCustomer: (id: string) => ({ active: id === 'a' ? 2 : 0, newWithinMinute: 0 }),
  }
  const rails = { ...RAILS, quotas: { global: {}, customer: { activeMax: 2 }, pop: {} }, counts: ofA }

  assert.deepEqual(granted([rule(1), rule(17), rule(99)], { rails, inventory }), [
    ...['quota-customer', 'granted', 'granted'],
  ])
})

test('all that one decision touches is added up, and each address counts once', () => {
  const blast = new BlastRadius(256)
  const said = ['192.0.2.0/25', '192.0.2.1/32', '192.0.2.128/25', '198.51.100.1/32'].map(
    text => blast.add(prefixes(text)[0]!).reason,
  )

  assert.deepEqual(said, [
    'with 192.0.2.0/25 128 addresses are touched',
    'with 192.0.2.1/32 128 addresses are touched',
    'with 192.0.2.128/25 256 addresses are touched',
    'with 198.51.100.1/32 257 addresses would be touched and 256 are the most',
  ])
  assert.deepEqual(
    granted([route('192.0.2.0/25'), route('2001:db8::/48')], { addressesMax: 65_536, rails: { ...RAILS } }),
    [...['granted', 'blast-radius']],
  )
})

test('whatever is added, the blast radius is never below what is touched, nor above its limit', () => {
  const prefix = fc
    .tuple(fc.nat(255), fc.integer({ min: 22, max: 32 }))
    .map(([low, length]) => prefixOf({ family: 4, value: 0xc000_0200n + BigInt(low * 4) }, length))

  fc.assert(
    fc.property(fc.array(prefix, { maxLength: 12 }), fc.integer({ min: 1, max: 2000 }), (list, most) => {
      const blast = new BlastRadius(most)
      const touched = new Set<bigint>()
      for (const one of list) {
        if (!blast.add(one).allowed) continue
        for (let at = 0n; at < 1n << BigInt(32 - one.length); at++) touched.add(one.value + at)
      }
      assert.ok(touched.size <= most, list.map(formatPrefix).join())
    }),
  )
})

test('a step lasts within its bounds or is refused with all three numbers', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 200_000 }), seconds => {
      const { allowed, reason } = ttl(seconds, USUAL_BOUNDS)
      assert.equal(allowed, seconds >= 10 && seconds <= 86_400)
      if (!allowed) assert.equal(reason, `a step lasts ${seconds} s and 10 to 86400 s are allowed`)
    }),
  )
})
