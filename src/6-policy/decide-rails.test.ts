import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseRule } from '#lib/flowspec/parse.ts'
import { isPrefixComponent } from '#lib/flowspec/rule.ts'
import { formatAddress } from '#lib/ip/address.ts'
import { contains, overlaps, type Prefix, parsePrefix, prefixOf } from '#lib/ip/prefix.ts'
import type { Action } from './action.ts'
import { type DecisionContext, decide } from './decide.ts'
import { type Rails, railPrefixesOf } from './guardrail.ts'
import { CONTEXT, inventoryFrom, namedAttack, playbooksFrom, RAILS } from './playbooks-for-tests.ts'

const INVENTORY = inventoryFrom({
  customers: [
    { id: 'a', prefixes: ['192.0.2.0/29'] },
    { id: 'b', prefixes: ['192.0.2.8/29'] },
  ],
})

// Few addresses, so that everything meets everything.
const near = fc
  .tuple(fc.nat(15), fc.integer({ min: 24, max: 32 }))
  .map(([low, length]) => prefixOf({ family: 4, value: 0xc000_0200n + BigInt(low) }, length))
const list = fc.array(near, { maxLength: 2 })
const wanted = fc.oneof(
  fc.record({ kind: fc.constantFrom('discard', 'script', 'observe', 'countermeasure') }),
  fc.record({ kind: fc.constant('rate-limit'), packetsPerSecond: fc.integer({ min: 1, max: 1e6 }) }),
  fc.record({ kind: fc.constant('blackhole'), scope: fc.constantFrom('host', 'network') }),
  fc.record({
    kind: fc.constant('divert'),
    nextHopIpv4: fc.constant('192.0.2.67'),
    scope: fc.constantFrom('host', 'network'),
  }),
)
const step = fc.record({
  actions: fc.array(wanted, { minLength: 1, maxLength: 4 }),
  ttlSeconds: fc.constantFrom(1, 300, 200_000),
})
const world = fc.record({
  networks: fc.array(near, { minLength: 1, maxLength: 3 }),
  managementPrefixes: list,
  whitelist: list,
  safelist: list,
  host: fc.nat(15),
  isPrefix: fc.boolean(),
  isOutgoing: fc.boolean(),
  vectors: fc.subarray(['udp-flood', 'syn-flood', 'dns-amplification', 'fragment-flood', 'unknown'], {
    minLength: 1,
  }),
  steps: fc.array(step, { minLength: 1, maxLength: 3 }),
  at: fc.nat(2),
  addressesMax: fc.constantFrom(1, 4, 300),
  activeMax: fc.nat(6).map(most => most + 1),
  active: fc.nat(4),
  armed: fc.boolean(),
  dryRun: fc.boolean(),
})

/** The prefixes an action names. */
function namedBy(action: Action): Prefix[] {
  if (action.kind === 'script') return []
  if (action.kind !== 'filter') return [parsePrefix(action.prefix)!]
  const rule = parseRule(action.rule)
  assert.equal(rule.kind, 'parsed')
  return rule.kind === 'parsed'
    ? rule.value.components.filter(isPrefixComponent).map(({ prefix }) => prefix)
    : []
}

const textOf = ({ value, length }: Prefix) => `${formatAddress({ family: 4, value })}/${length}`

type World = typeof world extends fc.Arbitrary<infer Value> ? Value : never

function attackOf({ host, vectors, isPrefix, isOutgoing }: World) {
  const target = `192.0.2.${host}`
  return namedAttack(vectors, {
    host: target,
    prefixes: [`${target}/32`, '192.0.2.3/32'],
    scope: isPrefix ? 'prefix' : 'host',
    direction: isOutgoing ? 'outgoing' : 'incoming',
  })
}

function railsOf(given: World): Rails {
  const { networks, managementPrefixes, whitelist, safelist, activeMax, active, addressesMax } = given
  const usage = { active, newWithinMinute: 0 }
  const narrow = { ipv4: 32, ipv6: 128 }
  const network = { ipv4: 27, ipv6: 48 }
  return {
    ...RAILS,
    ...railPrefixesOf({
      ...{ networks, managementPrefixes, whitelist },
      safelist: safelist.map(prefix => ({ prefix: textOf(prefix) })),
    }),
    bounds: {
      prefixLengths: { host: narrow, rule: narrow, order: narrow, network, divert: { ipv4: 26, ipv6: 48 } },
      ttlSeconds: { minimum: 10, maximum: 86_400 },
      ...{ portsMax: 8, addressesMax },
    },
    quotas: { global: { activeMax }, customer: { activeMax }, pop: {}, rulesMax: activeMax },
    counts: { all: usage, ofCustomer: () => usage, ofPop: () => usage, rulesOf: () => active },
  }
}

function contextOf(given: World): DecisionContext {
  const steps = given.steps.map((one, at) => ({
    ...one,
    name: `s${at}`,
    ...(at > 0 && { escalateAfter: {} }),
  }))
  return {
    ...CONTEXT,
    playbooks: playbooksFrom([{ name: 'p', dryRun: given.dryRun, steps }]),
    ...{ inventory: INVENTORY, armed: given.armed },
    remoteTargets: ['198.51.100.7'],
    scriptTakesPrefixes: true,
    announcements: (['host', 'network'] as const).map(scope => ({
      ...{ enforcer: 'gobgp', family: 4, scope, nextHop: '192.0.2.66', communities: [] },
    })),
    ladder: { playbook: 'p', step: given.at, sinceMs: 1_000_000, calmSinceMs: undefined },
    rails: railsOf(given),
  }
}

/** What is announced keeps to every list and limit of its world. */
function assertWithin(given: World, announced: readonly Action[]): void {
  const { networks, managementPrefixes, whitelist, safelist, activeMax, active, addressesMax } = given
  assert.ok(announced.length === 0 || active + announced.length <= activeMax)
  const isOurs = (one: Prefix) => networks.some(network => contains(network, one))
  const touched = announced.map(action => namedBy(action).find(isOurs)!)
  const addresses = touched.flatMap(one =>
    Array.from({ length: 2 ** (32 - one.length) }, (_, at) => one.value + BigInt(at)),
  )
  assert.ok(new Set(addresses).size <= addressesMax)
  for (const prefix of announced.flatMap(namedBy)) {
    assert.ok(prefix.length >= 26)
    for (const listed of [...managementPrefixes, ...whitelist, ...safelist])
      assert.ok(!overlaps(listed, prefix))
  }
}

test('whatever the playbook, the attack and the lists, nothing that is done crosses a rail', () => {
  let done = 0

  fc.assert(
    fc.property(world, given => {
      const decision = decide(attackOf(given), contextOf(given))
      if (decision.kind !== 'act' && decision.kind !== 'dry-run') return
      assert.equal(decision.kind === 'act', given.armed && !given.dryRun)
      const actions = decision.kind === 'act' ? decision.actions : decision.would
      done += actions.length
      assert.ok((decision.ttlSeconds ?? 0) >= 10 && (decision.ttlSeconds ?? 0) <= 86_400)
      assert.equal(decision.reasons.length, actions.length)
      assert.equal(decision.owners?.length, actions.length)
      assertWithin(
        given,
        actions.filter(({ kind }) => kind !== 'script'),
      )
    }),
    { numRuns: 6000 },
  )
  assert.ok(done > 50, `${done} actions were taken`)
})
