import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { exampleAttack } from '#5-evidence/example.ts'
import { formatAddress } from '#lib/ip/address.ts'
import { contains, formatPrefix, parsePrefix, prefixOf } from '#lib/ip/prefix.ts'
import { PrefixSet } from '#lib/ip/prefix-set.ts'
import { type AnnouncementPlan, routesFor } from './announcement-plan.ts'

const networksOf = (...texts: string[]) => new PrefixSet(texts.map(text => parsePrefix(text)!))
const NETWORKS = networksOf('192.0.2.0/24', '192.0.2.0/28', '198.51.100.0/24', '2001:db8::/32')
const plan = (changes: Partial<AnnouncementPlan> = {}): AnnouncementPlan => ({
  enforcer: 'exabgp',
  family: 4,
  scope: 'host',
  nextHop: '192.0.2.66',
  communities: ['65001:666'],
  ...changes,
})
const prefixes = (changes: Partial<AnnouncementPlan>, attack = exampleAttack(), networks = NETWORKS) =>
  routesFor(plan(changes), attack, networks).map(({ prefix }) => prefix)

test('a host is announced as itself, with the attributes of the plan', () => {
  assert.deepEqual(routesFor(plan(), exampleAttack(), NETWORKS), [
    {
      kind: 'blackhole',
      prefix: '192.0.2.1/32',
      nextHop: '192.0.2.66',
      communities: ['65001:666'],
      enforcer: 'exabgp',
    },
  ])
})

test('a network is the longest of ours around the host, for a ban by hand too', () => {
  assert.deepEqual(prefixes({ scope: 'network' }), ['192.0.2.0/28'])
  const byHand = exampleAttack({ origin: 'manual', crossing: undefined, host: '192.0.2.99' })
  assert.deepEqual(prefixes({ scope: 'network' }, byHand), ['192.0.2.0/24'])
})

test('a plan is for its own family', () => {
  assert.deepEqual(prefixes({ family: 6 }), [])
  const six = exampleAttack({ host: '2001:db8::1', prefixes: ['2001:db8::1/128'], family: 6 })
  assert.deepEqual(prefixes({ family: 6 }, six), ['2001:db8::1/128'])
  assert.deepEqual(prefixes({ family: 6, scope: 'network' }, six), ['2001:db8::/32'])
})

test('an attack on prefixes announces the networks around them, each once, and no host', () => {
  const carpet = exampleAttack({
    scope: 'prefix',
    host: '192.0.2.0',
    prefixes: ['192.0.2.0/28', '192.0.2.64/26', '192.0.2.128/26', '198.51.100.0/26'],
  })

  assert.deepEqual(prefixes({ scope: 'host' }, carpet), [])
  assert.deepEqual(prefixes({ scope: 'network' }, carpet), [
    '192.0.2.0/28',
    '192.0.2.0/24',
    '198.51.100.0/24',
  ])
})

test('what lies in none of our networks has no network, and never the default route', () => {
  assert.deepEqual(prefixes({ scope: 'network' }, exampleAttack({ host: '203.0.113.1' })), [])
  assert.deepEqual(prefixes({ scope: 'network' }, exampleAttack(), networksOf()), [])
})

test('whatever is attacked, a network that is announced is one of ours and holds the host', () => {
  const host = fc.bigInt({ min: 0n, max: (1n << 32n) - 1n }).map(value => ({ family: 4 as const, value }))
  fc.assert(
    fc.property(
      host,
      fc.integer({ min: 1, max: 32 }),
      fc.array(host, { maxLength: 5 }),
      (at, length, others) => {
        const ours = [at, ...others].map(address => prefixOf(address, length))
        const [announced] = prefixes(
          { scope: 'network' },
          exampleAttack({ host: formatAddress(at) }),
          new PrefixSet(ours),
        )

        assert.ok(ours.some(network => formatPrefix(network) === announced))
        assert.ok(contains(parsePrefix(announced ?? '')!, at))
      },
    ),
  )
})
