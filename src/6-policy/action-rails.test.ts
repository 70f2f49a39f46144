import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { componentsOf } from '#lib/flowspec/arbitrary-for-tests.ts'
import { canonical } from '#lib/flowspec/canonical.ts'
import { matches } from '#lib/flowspec/matches.ts'
import { printRule } from '#lib/flowspec/print.ts'
import { rangesOf } from '#lib/flowspec/ranges.ts'
import { type Component, isNumericComponent, isPrefixComponent, type Rule } from '#lib/flowspec/rule.ts'
import { contains, overlaps, type Prefix, prefixOf } from '#lib/ip/prefix.ts'
import { PrefixSet } from '#lib/ip/prefix-set.ts'
import { refusalsOf, touchedBy } from './action-rails.ts'
import { USUAL_BOUNDS } from './bounds.ts'
import { type Rails, railPrefixesOf } from './guardrail.ts'
import { prefixes, RAILS } from './playbooks-for-tests.ts'

const GUARDED: Rails = {
  ...RAILS,
  ...railPrefixesOf({
    networks: prefixes('192.0.2.0/24'),
    managementPrefixes: prefixes('192.0.2.254'),
    whitelist: prefixes('192.0.2.53'),
    safelist: [{ prefix: '192.0.2.80', reason: 'status page' }],
    routers: prefixes('192.0.2.2'),
  }),
}
const ruleSaid = (rule: string, rails: Rails = GUARDED) =>
  refusalsOf({ action: { kind: 'filter', enforcer: 'gobgp', rule }, bound: 'rule' }, rails).map(
    ({ rail, reason }) => `${rail}: ${reason}`,
  )
const route = (kind: 'blackhole' | 'divert', prefix: string) =>
  ({ kind, prefix, nextHop: '192.0.2.66', communities: [], enforcer: 'gobgp' }) as const

test('a rule to a host of ours passes, and one from a host of ours to whom it attacks', () => {
  assert.deepEqual(ruleSaid('destination 192.0.2.1/32 protocol =udp then discard'), [])
  assert.deepEqual(ruleSaid('destination 198.51.100.7/32 source 192.0.2.1/32 then discard'), [])
})

test('a rule with neither end of ours is refused, and one without a destination', () => {
  assert.deepEqual(ruleSaid('destination 198.51.100.7/32 source 203.0.113.1/32 then discard'), [
    'outside-networks: neither 198.51.100.7/32 nor a source of the rule is in one of our 1 networks',
  ])
  assert.deepEqual(ruleSaid('source 192.0.2.1/32 protocol =udp then discard'), [
    'outside-networks: the rule has no destination, so it would touch everybody',
  ])
  assert.match(ruleSaid('protocol =udp then discard')[0] ?? '', /^outside-networks: /)
  assert.match(ruleSaid('destination 0.0.0.0/0 source 192.0.2.1/32 then discard').join(), /default-route: /)
})

test('management, whitelist and safelist hold for both ends of a rule', () => {
  for (const [host, rail] of [
    ['192.0.2.254', 'management'],
    ['192.0.2.53', 'whitelist'],
    ['192.0.2.80', 'safelist'],
  ]) {
    assert.match(
      ruleSaid(`destination ${host}/32 protocol =udp then discard`).join(),
      new RegExp(`^${rail}: `),
    )
    assert.match(
      ruleSaid(`destination 192.0.2.1/32 source ${host}/32 then discard`).join(),
      new RegExp(`^${rail}: `),
    )
  }
})

test('BGP of our routers is never matched in either direction, and everything else of them may be', () => {
  const bgp = /^bgp: the rule would match TCP port 179, BGP, of the router 192\.0\.2\.2\/32$/

  assert.match(ruleSaid('destination 192.0.2.2/32 then discard').join(), bgp)
  assert.match(
    ruleSaid('destination 192.0.2.2/32 protocol =tcp destination-port =179 then discard').join(),
    bgp,
  )
  assert.match(
    ruleSaid('destination 192.0.2.1/32 source 192.0.2.2/32 source-port =179 then discard').join(),
    bgp,
  )
  assert.match(ruleSaid('destination 192.0.2.2/32 protocol =tcp tcp-flags =syn then discard').join(), bgp)
  assert.deepEqual(ruleSaid('destination 192.0.2.2/32 protocol =udp then discard'), [])
  assert.deepEqual(
    ruleSaid('destination 192.0.2.2/32 protocol =tcp destination-port =22 source-port >=1024 then discard'),
    [],
  )
})

test('a rule that no packet or no router could meet is refused, with the numbers', () => {
  const many = Array.from({ length: 17 }, (_, at) => `=${at * 2}`).join()

  assert.deepEqual(ruleSaid(`destination 192.0.2.1/32 destination-port ${many} then discard`), [
    'rule: the rule names 17 ranges of ports and 16 are the most',
  ])
  assert.deepEqual(ruleSaid('destination 192.0.2.1/32 packet-length <=19 then discard'), [
    'rule: no packet is as short as 19 bytes, and 20 is the shortest',
  ])
  assert.deepEqual(ruleSaid('destination 192.0.2.1/32 packet-length >=100&<=50 then discard'), [
    'rule: no packet has a packet-length that the rule matches',
  ])
  assert.match(ruleSaid('destination 192.0.2.1/32 protocol =udp').join(), /rule: a rule without actions/)
  assert.match(ruleSaid('nonsense').join(), /^rule: the rule cannot be read: /)
})

test('what is wider than its bound is refused, by what is done, and a wider bound lets it through', () => {
  const said = (planned: Parameters<typeof refusalsOf>[0]) =>
    refusalsOf(planned, { ...RAILS, managementPrefixes: new PrefixSet() }).map(
      ({ rail, reason }) => `${rail}: ${reason}`,
    )

  assert.deepEqual(said({ action: route('blackhole', '192.0.2.0/31'), bound: 'host' }), [
    'prefix-length: 192.0.2.0/31 is a /31 and /32 is the widest for a route of a host',
  ])
  assert.deepEqual(said({ action: route('blackhole', '192.0.2.0/31'), bound: 'network' }), [])
  assert.deepEqual(said({ action: route('divert', '192.0.2.0/24'), bound: 'divert' }), [])
  assert.deepEqual(ruleSaid('destination 192.0.2.16/28 protocol =udp then discard'), [
    'prefix-length: 192.0.2.16/28 is a /28 and /32 is the widest for a rule',
  ])
  // From wherever: the target says how wide the rule is. From a network of ours it is the source that says it.
  assert.deepEqual(ruleSaid('destination 192.0.2.16/32 source 198.18.0.0/24 protocol =udp then discard'), [])
  assert.deepEqual(ruleSaid('destination 198.51.100.7/32 source 192.0.2.16/28 protocol =udp then discard'), [
    'prefix-length: 192.0.2.16/28 is a /28 and /32 is the widest for a rule',
  ])
  const wider = { ...USUAL_BOUNDS.prefixLengths, rule: { ipv4: 28, ipv6: 64 } }
  const bounds = { ...USUAL_BOUNDS, prefixLengths: wider }
  assert.deepEqual(
    ruleSaid('destination 192.0.2.16/28 protocol =udp then discard', { ...GUARDED, bounds }),
    [],
  )
})

// Few addresses, so that rules, networks and routers meet.
const near = fc
  .tuple(
    fc.constantFrom(0xc000_0200n, 0xc633_6400n),
    fc.nat(15),
    fc.oneof({ weight: 3, arbitrary: fc.integer({ min: 22, max: 32 }) }, fc.integer({ min: 0, max: 32 })),
  )
  .map(([base, low, length]) => prefixOf({ family: 4, value: base + BigInt(low) }, length))
const prefixPart = (type: 'destination' | 'source') =>
  fc.option(
    near.map((prefix): Component => ({ type, prefix, offset: 0 })),
    { nil: undefined },
  )
const rules = fc
  .tuple(componentsOf(4), prefixPart('destination'), prefixPart('source'))
  .map(([components, destination, source]): Rule => {
    const others = components.filter(component => !isPrefixComponent(component)).slice(0, 1)
    const parts = [destination, source, ...others].filter(part => part !== undefined)
    return canonical({ family: 4, components: parts, actions: [{ kind: 'discard' }] })
  })
  .filter(({ components }) => components.length > 0)
const lists = fc.record({
  networks: fc.array(near, { maxLength: 4 }),
  managementPrefixes: fc.array(near, { maxLength: 2 }),
  whitelist: fc.array(near, { maxLength: 2 }),
  routers: fc.array(near, { maxLength: 2 }),
})

test('whatever the rule and the lists, what passes has both of its feet on the ground', () => {
  const bounds = {
    ...USUAL_BOUNDS,
    prefixLengths: { ...USUAL_BOUNDS.prefixLengths, rule: { ipv4: 24, ipv6: 64 } },
  }
  let passed = 0

  fc.assert(
    fc.property(rules, lists, (rule, given) => {
      const text = printRule(rule)
      const rails = { ...RAILS, ...railPrefixesOf(given), bounds }
      if (ruleSaid(text, rails).length > 0) return
      passed++
      const [target, source] = (['destination', 'source'] as const).map(
        type => rule.components.filter(isPrefixComponent).find(part => part.type === type)?.prefix,
      )
      const isOurs = (prefix: Prefix | undefined) =>
        prefix !== undefined && given.networks.some(network => contains(network, prefix))
      assert.ok(target !== undefined && (isOurs(target) || isOurs(source)))
      for (const end of [target, source].filter(prefix => prefix !== undefined)) {
        assert.ok(end.length >= 24 || (end === source && isOurs(target)))
        assert.ok(![...given.managementPrefixes, ...given.whitelist].some(listed => overlaps(listed, end)))
      }
      const ports = rule.components.filter(isNumericComponent).filter(({ type }) => type.includes('port'))
      assert.ok(ports.flatMap(({ anyOf }) => anyOf).length <= bounds.portsMax)
      for (const part of rule.components.filter(isNumericComponent)) {
        const ranges = rangesOf(part)
        assert.ok(ranges.length > 0)
        if (part.type === 'packet-length') assert.ok(ranges.every(({ to }) => to >= 20))
      }
    }),
    { numRuns: 3000 },
  )
  assert.ok(passed > 50, `${passed} rules passed`)
})

test('whatever rule passes, no packet of BGP with a router of ours meets it', () => {
  const router = prefixes('192.0.2.2')[0]!
  const rails = {
    ...RAILS,
    ...railPrefixesOf({
      networks: prefixes('192.0.2.0/24'),
      managementPrefixes: [],
      whitelist: [],
      routers: [router],
    }),
  }
  const peer = prefixes('198.51.100.9')[0]!
  const session = fc.tuple(fc.boolean(), fc.boolean(), fc.nat(65_535)).map(([isTo, isServer, port]) => ({
    source: isTo ? peer : router,
    target: isTo ? router : peer,
    sourcePort: isServer ? 179 : port,
    targetPort: isServer ? port : 179,
    ...{ protocol: 6, tcpFlags: 16, length: 60, dscp: 48, fragment: 0 },
  }))
  const toRouter = rules.map(rule => ({
    ...rule,
    components: rule.components.map(part =>
      isPrefixComponent(part) ? { ...part, prefix: part.type === 'destination' ? router : peer } : part,
    ),
  }))

  fc.assert(
    fc.property(toRouter, fc.array(session, { minLength: 10, maxLength: 30 }), (rule, packets) => {
      if (ruleSaid(printRule(rule), rails).length > 0) return
      for (const packet of packets) assert.equal(matches(rule, packet), false)
    }),
    { numRuns: 1000 },
  )
})

test('what an action touches is the prefix of ours', () => {
  const filter = (rule: string) =>
    touchedBy({ action: { kind: 'filter', enforcer: 'gobgp', rule } }, GUARDED.networks)

  assert.equal(touchedBy({ action: { kind: 'script', path: '/bin/true' } }, GUARDED.networks), undefined)
  assert.deepEqual(
    touchedBy({ action: route('divert', '192.0.2.0/24') }, GUARDED.networks),
    prefixes('192.0.2.0/24')[0],
  )
  assert.deepEqual(filter('destination 192.0.2.1/32 then discard'), prefixes('192.0.2.1')[0])
  assert.deepEqual(
    filter('destination 198.51.100.7/32 source 192.0.2.1/32 then discard'),
    prefixes('192.0.2.1')[0],
  )
})
