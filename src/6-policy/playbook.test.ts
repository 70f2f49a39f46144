import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { exampleAttack } from '#5-evidence/example.ts'
import { playbookOf, type Situation } from './playbook.ts'
import { inventoryFrom, namedAttack, playbooksFrom, prefixes } from './playbooks-for-tests.ts'
import { severityOf } from './severity.ts'

const STEPS = [{ name: 'one', actions: [{ kind: 'script' }] }]
const INVENTORY = inventoryFrom({
  pops: [{ id: 'vie' }],
  customers: [
    {
      id: 'acme',
      pop: 'vie',
      prefixes: ['192.0.2.0/24'],
      services: [{ id: 'web' }],
      assets: [{ prefix: '192.0.2.1', service: 'web' }],
    },
  ],
})

function fits(match: object, changes: Partial<Situation> = {}): boolean {
  const entries = prefixes('192.0.2.1').flatMap(prefix => INVENTORY.find(prefix) ?? [])
  const situation = { attack: exampleAttack(), source: undefined, confidence: 0.8, entries, ...changes }
  return playbookOf(playbooksFrom([{ name: 'p', match, steps: STEPS }]), situation, 0) !== undefined
}

test('each key of a match is held against the attack, and an empty one says nothing', () => {
  const holds = {
    vectors: ['udp_flood'],
    origins: ['detected'],
    customers: ['other', 'acme'],
    services: ['web'],
    pops: ['vie'],
    hostgroups: ['global'],
    directions: ['incoming'],
    scopes: ['host'],
    severities: ['medium'],
    minimumConfidence: 0.8,
  }
  const fails = {
    vectors: ['syn-flood'],
    origins: ['manual', 'event'],
    sources: ['radar'],
    customers: ['other'],
    services: ['dns'],
    pops: ['fra'],
    hostgroups: ['web'],
    directions: ['outgoing'],
    scopes: ['prefix'],
    severities: ['high', 'critical'],
    minimumConfidence: 0.81,
  }

  assert.equal(fits(holds), true)
  assert.equal(fits({}), true)
  for (const [key, value] of Object.entries(fails)) assert.equal(fits({ ...holds, [key]: value }), false, key)
})

test('one that asks for ports answers only while it is known where the flood goes', () => {
  assert.equal(fits({ requirePorts: true }), false)
  assert.equal(fits({ requirePorts: true }, { floodPorts: [] }), false)
  assert.equal(fits({ requirePorts: true }, { floodPorts: [53] }), true)
  assert.equal(fits({ requirePorts: true }, { attack: namedAttack(['dns-water-torture']) }), true)
  assert.equal(fits({}, { floodPorts: [53] }), true)
})

test('any vector of a mixed attack will do, and a foreign detector makes it an event', () => {
  const attack = namedAttack(['dns-amplification', 'syn-flood'])

  assert.equal(fits({ vectors: ['syn-flood'] }, { attack }), true)
  assert.equal(fits({ origins: ['event'], sources: ['radar'] }, { source: 'radar' }), true)
  assert.equal(fits({ origins: ['detected'] }, { source: 'radar' }), false)
})

test('the first that fits answers', () => {
  const playbooks = playbooksFrom([
    { name: 'syn', match: { vectors: ['syn_flood'] }, steps: STEPS },
    { name: 'any', steps: STEPS },
    { name: 'udp', match: { vectors: ['udp_flood'] }, steps: STEPS },
  ])
  const situation = { attack: exampleAttack(), source: undefined, confidence: 0, entries: [] }

  assert.equal(playbookOf(playbooks, situation, 0)?.name, 'any')
})

test('severity goes by how far over the limit it was: 2, 5 and 20 times part the four', () => {
  const at = (times: number) => {
    const { crossing } = exampleAttack()
    return severityOf({ crossing: { ...crossing!, value: 1000 * times, threshold: 1000 } })
  }

  assert.deepEqual([1, 1.99, 2, 4.99, 5, 19.99, 20, 1e9].map(at), [
    ...['low', 'low', 'medium', 'medium', 'high', 'high', 'critical', 'critical'],
  ])
  assert.equal(severityOf({ crossing: undefined }), 'medium')
})

test('severity never falls when the flood is larger', () => {
  const rank = (value: number) => {
    const { crossing } = exampleAttack()
    return ['low', 'medium', 'high', 'critical'].indexOf(
      severityOf({ crossing: { ...crossing!, value, threshold: 100 } }),
    )
  }

  fc.assert(
    fc.property(fc.nat(1e6), fc.nat(1e6), (a, b) => {
      assert.ok(rank(Math.min(a, b)) <= rank(Math.max(a, b)))
    }),
  )
})
