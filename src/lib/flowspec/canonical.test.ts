import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parsePrefix } from '#lib/ip/prefix.ts'
import { anyRule, packetOf, ruleOf } from './arbitrary-for-tests.ts'
import { only, rangesComponent, ruleFor } from './build.ts'
import { canonical, ruleKey } from './canonical.ts'
import { matches } from './matches.ts'
import { compareFlows } from './order.ts'
import type { Rule } from './rule.ts'

const target = parsePrefix('192.0.2.1/32')!

test('a canonical rule matches the same packets', () => {
  for (const family of [4, 6] as const) {
    fc.assert(
      fc.property(ruleOf(family), packetOf(family), (rule, packet) => {
        assert.equal(matches(canonical(rule), packet), matches(rule, packet))
      }),
      { numRuns: 1000 },
    )
  }
})

test('the canonical form of a canonical rule is itself', () => {
  fc.assert(
    fc.property(anyRule, rule => {
      assert.deepEqual(canonical(canonical(rule)), canonical(rule))
    }),
  )
})

test('rules that say the same in other words have one key', () => {
  const one = ruleFor({ target, targetPorts: [only(81), { from: 79, to: 80 }] }, [{ kind: 'discard' }])
  const other: Rule = {
    ...one,
    components: [
      {
        type: 'destination-port',
        anyOf: [
          [
            { operator: '<', value: 82 },
            { operator: '>', value: 78 },
          ],
        ],
      },
      { type: 'destination', prefix: target, offset: 0 },
    ],
    actions: [{ kind: 'rate-bytes', bytesPerSecond: 0, asn: 65_000 }],
  }

  assert.equal(ruleKey(one), ruleKey(other))
  assert.notEqual(ruleKey(one), ruleKey({ ...one, actions: [] }))
})

test('the order of rules is total and has no cycles', () => {
  fc.assert(
    fc.property(ruleOf(6), ruleOf(6), ruleOf(6), (a, b, c) => {
      assert.equal(Math.sign(compareFlows(a, b)), -Math.sign(compareFlows(b, a)) + 0)
      assert.equal(compareFlows(a, a), 0)
      if (compareFlows(a, b) < 0 && compareFlows(b, c) < 0) assert.ok(compareFlows(a, c) < 0)
    }),
    { numRuns: 1000 },
  )
})

test('longer prefixes, lower offsets and more components come first', () => {
  const to = (text: string, offset = 0): Rule => {
    const prefix = parsePrefix(text)!
    return { family: prefix.family, components: [{ type: 'destination', prefix, offset }], actions: [] }
  }
  const dns = ruleFor({ target, sourcePorts: [only(53)] }, [])
  const protocolOnly: Rule = { family: 4, components: [rangesComponent('protocol', [only(6)])], actions: [] }

  assert.ok(compareFlows(to('192.0.2.1/32'), to('192.0.2.0/24')) < 0)
  assert.ok(compareFlows(to('192.0.2.0/24'), to('198.51.100.1/32')) < 0)
  assert.ok(compareFlows(to('2001:db8::/64'), to('::1/128', 64)) < 0)
  assert.ok(compareFlows(dns, to('192.0.2.1/32')) < 0)
  assert.ok(compareFlows(to('0.0.0.0/0'), protocolOnly) < 0)
})
