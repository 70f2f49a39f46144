import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parsePrefix } from '#lib/ip/prefix.ts'
import { anyRule, packetOf, ruleOf } from '../arbitrary-for-tests.ts'
import { only, ruleFor } from '../build.ts'
import { actionsKey, ruleKey } from '../canonical.ts'
import { matches, type Packet } from '../matches.ts'
import { compareFlows } from '../order.ts'
import type { Action, Rule } from '../rule.ts'
import { fitBudget, type Ranked } from './budget.ts'
import { fit } from './fit.ts'
import { ROUTER_PROFILES, type RouterProfile } from './profile.ts'

const PROFILES: readonly RouterProfile[] = Object.values(ROUTER_PROFILES)
const target = parsePrefix('192.0.2.1/32')!
const DISCARD: Action = { kind: 'discard' }

test('a degraded rule never matches less, and matches more only when that is allowed', () => {
  fc.assert(
    fc.property(
      ruleOf(4),
      fc.constantFrom(...PROFILES),
      fc.boolean(),
      packetOf(4),
      (rule, profile, allowWider, packet) => {
        const fitted = fit(rule, profile, { allowWider })

        if (fitted.kind !== 'degraded') return
        if (matches(rule, packet)) assert.ok(matches(fitted.rule, packet))
        if (!allowWider) assert.deepEqual(fitted.rule.components, rule.components)
      },
    ),
    { numRuns: 2000 },
  )
})

test('no action becomes stricter', () => {
  fc.assert(
    fc.property(anyRule, fc.constantFrom(...PROFILES), (rule, profile) => {
      const fitted = fit(rule, profile, { allowWider: true })

      if (fitted.kind !== 'degraded') return
      for (const action of fitted.rule.actions) {
        const asked = rule.actions.filter(({ kind }) => kind === action.kind)
        const isSofter = asked.some(
          one =>
            action.kind === 'rate-bytes' &&
            one.kind === 'rate-bytes' &&
            action.bytesPerSecond >= one.bytesPerSecond,
        )
        assert.ok(isSofter || asked.includes(action))
      }
    }),
    { numRuns: 2000 },
  )
})

test('what fits a router fits it again as it is', () => {
  fc.assert(
    fc.property(anyRule, fc.constantFrom(...PROFILES), (rule, profile) => {
      const fitted = fit(rule, profile, { allowWider: true })
      if (fitted.kind === 'degraded')
        assert.equal(fit(fitted.rule, profile, { allowWider: false }).kind, 'as-is')
    }),
    { numRuns: 1000 },
  )
})

test('SLX rounds a rate up, has no IPv6 and no CWR', () => {
  const rate = (bytesPerSecond: number): Action => ({ kind: 'rate-bytes', bytesPerSecond, asn: 0 })
  const { slx } = ROUTER_PROFILES

  const slow = fit(ruleFor({ target }, [rate(1)]), slx, { allowWider: false })
  const wide = fit(ruleFor({ target: parsePrefix('2001:db8::/64')! }, [DISCARD]), slx, { allowWider: true })
  const flags = fit(ruleFor({ target, tcpFlags: { set: ['cwr'] } }, [DISCARD]), slx, { allowWider: false })

  assert.ok(slow.kind === 'degraded')
  assert.deepEqual(slow.rule.actions, [rate(2750)])
  assert.equal(wide.kind, 'refused')
  assert.equal(flags.kind, 'refused')
})

test('a router without the only action that stops something refuses', () => {
  const fitted = fit(
    ruleFor({ target }, [{ kind: 'rate-packets', packetsPerSecond: 1, asn: 0 }]),
    ROUTER_PROFILES.junos,
    { allowWider: true },
  )

  assert.equal(fitted.kind, 'refused')
})

/** What a router does with a packet: the actions of the first rule that matches. */
function verdict(rules: readonly Rule[], packet: Packet): string {
  const sorted = rules.filter(rule => matches(rule, packet)).sort(compareFlows)
  return sorted[0] ? actionsKey(sorted[0].actions) : 'none'
}

/** Rules that are close to one another, so that they cover and join. */
const closeRule: fc.Arbitrary<Ranked> = fc
  .record({
    last: fc.integer({ min: 0, max: 3 }),
    length: fc.constantFrom(32, 31, 30),
    ports: fc.option(fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 2 }), {
      nil: undefined,
    }),
    protocol: fc.option(fc.constantFrom(6, 17), { nil: undefined }),
    action: fc.constantFrom<Action>(
      DISCARD,
      { kind: 'rate-bytes', bytesPerSecond: 1000, asn: 0 },
      { kind: 'mark', dscp: 1 },
    ),
    priority: fc.integer({ min: 0, max: 9 }),
  })
  .map(({ last, length, ports, protocol, action, priority }) => ({
    rule: ruleFor(
      {
        target: parsePrefix(`0.0.0.${last}/${length}`)!,
        ...(protocol === undefined ? {} : { protocol }),
        ...(ports === undefined ? {} : { targetPorts: ports.map(only) }),
      },
      [action],
    ),
    priority,
  }))

const closePacket: fc.Arbitrary<Packet> = fc
  .tuple(fc.bigInt({ min: 0n, max: 4n }), fc.constantFrom(6, 17, 1), fc.integer({ min: 0, max: 6 }))
  .map(([value, protocol, targetPort]) => ({
    source: { family: 4, value: 9n },
    target: { family: 4, value },
    protocol,
    targetPort,
    length: 100,
    dscp: 0,
    fragment: 0,
  }))

test('merging changes nothing for any packet', () => {
  const packets = fc.array(closePacket, { minLength: 20, maxLength: 20 })
  let merged = 0
  fc.assert(
    fc.property(
      fc.uniqueArray(closeRule, { maxLength: 12, selector: ({ rule }) => ruleKey(rule) }),
      packets,
      (rules, sample) => {
        const { kept, left, mergedCount } = fitBudget(rules, { rules: 1, largestNlri: 239 })

        merged += mergedCount
        const after = [...kept, ...left].map(({ rule }) => rule)
        // As in BGP, the last rule of a match is the one that counts.
        const before = fitBudget(rules, { rules: 1000, largestNlri: 239 }).kept.map(({ rule }) => rule)
        for (const packet of sample) assert.equal(verdict(after, packet), verdict(before, packet))
      },
    ),
    { numRuns: 1000 },
  )
  assert.ok(merged > 100, `only ${merged} rules were joined`)
})

test('neighbouring ports and halves of a prefix become one rule', () => {
  const rules = ['192.0.2.0/32', '192.0.2.1/32'].flatMap(text =>
    [80, 81].map(port => ({
      rule: ruleFor({ target: parsePrefix(text)!, targetPorts: [only(port)] }, [DISCARD]),
      priority: port,
    })),
  )

  const { kept, mergedCount } = fitBudget(rules, { rules: 1, largestNlri: 239 })

  assert.equal(mergedCount, 3)
  assert.deepEqual(kept, [
    {
      rule: ruleFor({ target: parsePrefix('192.0.2.0/31')!, targetPorts: [{ from: 80, to: 81 }] }, [DISCARD]),
      priority: 81,
    },
  ])
})

test('what has no room leaves by priority, and rates are not joined', () => {
  const rules = [1, 3, 2].map(priority => ({
    rule: ruleFor({ target, targetPorts: [only(priority)] }, [
      { kind: 'rate-bytes', bytesPerSecond: 1000, asn: 0 },
    ]),
    priority,
  }))

  const { kept, left } = fitBudget(rules, { rules: 2, largestNlri: 239 })

  assert.deepEqual(
    kept.map(({ priority }) => priority),
    [3, 2],
  )
  assert.deepEqual(
    left.map(({ priority }) => priority),
    [1],
  )
})
