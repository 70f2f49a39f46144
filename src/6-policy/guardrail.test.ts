import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Prefix, parsePrefix } from '#lib/ip/prefix.ts'
import { PrefixSet } from '#lib/ip/prefix-set.ts'
import { hasRoom, inspect, isOnlyCapped, type Rails, railPrefixesOf } from './guardrail.ts'

const prefixes = (...texts: string[]): Prefix[] => texts.map(text => parsePrefix(text)!)

const RAILS: Rails = {
  ...railPrefixesOf({
    networks: prefixes('192.0.2.0/24', '2001:db8::/32'),
    managementPrefixes: prefixes('192.0.2.240/28'),
    whitelist: prefixes('192.0.2.53'),
  }),
  targets: new Set(['192.0.2.9']),
  bansMax: 2,
  bansWithinMinute: 1,
  bansPerMinute: 3,
}

const refusals = (target: string, rails: Partial<Rails> = {}): string[] =>
  inspect(target, { ...RAILS, ...rails })
    .filter(({ allowed }) => !allowed)
    .map(({ rail, reason }) => `${rail}: ${reason}`)

test('a host of ours is allowed by every rail, and each says why', () => {
  const verdicts = inspect('192.0.2.1', RAILS)

  assert.deepEqual(
    verdicts.map(({ allowed, reason }) => [allowed, reason]),
    [
      [true, '192.0.2.1/32 is not a default route'],
      [true, '192.0.2.1/32 is in our network 192.0.2.0/24'],
      [true, '192.0.2.1/32 touches none of 1 management prefixes'],
      [true, '192.0.2.1/32 touches none of 1 whitelisted prefixes'],
      [true, '1 of at most 2 hosts are under action'],
      [true, '1 of at most 3 hosts came under action within a minute'],
    ],
  )
})

test('a default route and the unspecified address are refused even when our networks hold everything', () => {
  const everything = { networks: new PrefixSet(prefixes('0.0.0.0/0', '::/0')) }

  assert.deepEqual(
    refusals('0.0.0.0/0', everything)[0],
    'default-route: 0.0.0.0/0 is the default route: it would hit everybody',
  )
  for (const target of ['::/0', '0.0.0.0', '::', '0.0.0.0/8', '255.255.255.255/0']) {
    assert.match(refusals(target, everything)[0] ?? '', /^default-route: /, target)
  }
})

test('a host outside our networks is refused, and so is every host when there are none', () => {
  assert.deepEqual(refusals('203.0.113.1'), ['outside-networks: 203.0.113.1/32 is in none of our 2 networks'])
  assert.deepEqual(refusals('192.0.2.1', { networks: new PrefixSet() }), [
    'outside-networks: 192.0.2.1/32 is in none of our 0 networks',
  ])
  assert.match(refusals('192.0.2.0/23')[0] ?? '', /^outside-networks: /)
})

test('a target that is no address is refused', () => {
  assert.deepEqual(refusals('example; rm -rf'), [
    'outside-networks: "example; rm -rf" is no address, so it is in none of our networks',
  ])
})

test('management and whitelisted prefixes are never touched, not even by a wider target', () => {
  assert.deepEqual(refusals('192.0.2.241'), [
    'management: 192.0.2.241/32 touches the management prefix 192.0.2.240/28',
  ])
  assert.deepEqual(refusals('192.0.2.53'), [
    'whitelist: 192.0.2.53/32 touches the whitelisted prefix 192.0.2.53/32',
  ])
  assert.equal(refusals('192.0.2.0/24').length, 2)
})

test('at the cap a new host is refused with both numbers, one that is under action is not', () => {
  const targets = new Set(['192.0.2.9', '192.0.2.10'])

  assert.deepEqual(refusals('192.0.2.1', { targets }), [
    'bans-max: 2 hosts are under action and 2 are the most',
  ])
  assert.deepEqual(refusals('192.0.2.10', { targets }), [])
  assert.deepEqual(refusals('192.0.2.10', { targets, bansWithinMinute: 9 }), [])
})

test('too many bans within a minute refuse the next, and only a cap is worth asking again', () => {
  const busy = { bansWithinMinute: 3 }

  assert.deepEqual(refusals('192.0.2.1', busy), [
    'bans-per-minute: 3 hosts came under action within a minute and 3 are the most',
  ])
  const refused = (target: string) => inspect(target, { ...RAILS, ...busy }).filter(({ allowed }) => !allowed)
  assert.equal(isOnlyCapped(refused('192.0.2.1')), true)
  assert.equal(isOnlyCapped(refused('192.0.2.241')), false)
  assert.equal(isOnlyCapped([]), false)
  assert.equal(hasRoom({ ...RAILS, ...busy }, RAILS), false)
  assert.equal(hasRoom(RAILS, RAILS), true)
})

test('of an attack on prefixes all must be allowed, and none may be a part of the Internet', () => {
  const networks = new PrefixSet(prefixes('0.0.0.0/0', '::/0'))
  const wide = (...touched: string[]) =>
    inspect(touched[0]!, { ...RAILS, networks }, touched)
      .filter(({ allowed }) => !allowed)
      .map(({ rail }) => rail)

  assert.deepEqual(wide('192.0.2.64/27', '192.0.2.128/26'), [])
  assert.deepEqual(wide('192.0.2.64/27', '192.0.2.224/27'), ['management'])
  assert.deepEqual(wide('192.0.2.64/27', '192.0.2.32/27'), ['whitelist'])
  assert.deepEqual(wide('198.51.100.0/24', '64.0.0.0/3'), ['default-route'])
  assert.deepEqual(wide('2000::/3'), ['default-route'])
})

test('asking before each ban, no more begin within any minute than the cap, whatever their moments', () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(40_000), { maxLength: 40 }),
      fc.integer({ min: 1, max: 5 }),
      (waits, bansPerMinute) => {
        const began: number[] = []
        const within = (now: number) => began.filter(at => now - at < 60_000).length
        let now = 0
        for (const [at, wait] of waits.entries()) {
          now += wait
          const rails = { ...RAILS, bansMax: 1000, bansPerMinute, bansWithinMinute: within(now) }
          if (inspect(`192.0.2.${at + 60}`, rails).every(({ allowed }) => allowed)) began.push(now)
          assert.ok(within(now) <= bansPerMinute)
        }
      },
    ),
  )
})
