import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { corroborates, type GroupRules, judgeSignals, type Signal } from './signal-groups.ts'

const RULES: GroupRules = {
  ...{
    isEnabled: true,
    windowSeconds: 300,
    minSources: 2,
    threshold: 0.7,
    usualWeight: 1,
    halfLifeSeconds: 0,
  },
  sources: new Map([
    ['alertmanager', { weight: 0.8, mode: 'primary', dimensions: [], confidences: {} }],
    ['router', { weight: 1, mode: 'corroborating', dimensions: ['pop', 'customer_id'], confidences: {} }],
  ]),
}

const signal = (changes: Partial<Signal>): Signal => ({
  ...{ id: 'e', source: 'fastnetmon', confidence: 0.9, atMs: 0, isPrimary: true, ...changes },
})

test('two detectors make one confidence, and the weaker one does not lower it', () => {
  const strong = signal({})
  const weak = signal({ source: 'alertmanager', confidence: 0.6 })

  const alone = judgeSignals('192.0.2.1', [strong], RULES, 0)
  const both = judgeSignals('192.0.2.1', [strong, weak], RULES, 0)

  assert.equal(alone.isMet, false)
  assert.equal(Number(both.confidence.toFixed(4)), 1 - 0.1 * (1 - 0.48))
  assert.equal(both.isMet, true)
  assert.deepEqual(both.sources, ['alertmanager', 'fastnetmon'])
  assert.match(both.explanation, /2 detectors agree/)
})

test('a detector counts once, and those that only corroborate never suffice', () => {
  const repeated = [signal({}), signal({ confidence: 0.2 }), signal({})]
  const second = [signal({ isPrimary: false }), signal({ source: 'router', isPrimary: false })]

  assert.equal(judgeSignals('h', repeated, RULES, 0).sources.length, 1)
  assert.equal(judgeSignals('h', second, RULES, 0).isMet, false)
  assert.equal(judgeSignals('h', [...second, signal({})], RULES, 0).isMet, true)
  assert.equal(judgeSignals('h', [], { ...RULES, minSources: 0, threshold: 0 }, 0).isMet, false)
})

test('with a half-life a report counts half after it', () => {
  const rules = { ...RULES, halfLifeSeconds: 60 }

  assert.equal(
    judgeSignals('h', [signal({ confidence: 0.8 })], rules, 60_000).confidence.toFixed(6),
    '0.400000',
  )
  // The fresher one of two counts.
  const two = [signal({ confidence: 0.8 }), signal({ confidence: 0.8, atMs: 60_000 })]
  assert.equal(judgeSignals('h', two, rules, 60_000).confidence.toFixed(6), '0.800000')
})

test('another report never makes a group less sure', () => {
  const some = fc.record({
    ...{ id: fc.constant('e'), source: fc.constantFrom('a', 'b', 'alertmanager', 'router') },
    ...{
      confidence: fc.double({ min: 0, max: 1, noNaN: true }),
      atMs: fc.nat(300_000),
      isPrimary: fc.boolean(),
    },
  })
  fc.assert(
    fc.property(
      fc.array(some, { maxLength: 8 }),
      some,
      fc.constantFrom(0, 60),
      (before, one, halfLifeSeconds) => {
        const rules = { ...RULES, halfLifeSeconds }
        const [less, more] = [before, [...before, one]].map(signals =>
          judgeSignals('h', signals, rules, 300_000),
        )
        assert.ok((more?.confidence ?? 0) >= (less?.confidence ?? 0) - 1e-12)
        assert.ok(less?.isMet !== true || more?.isMet === true)
      },
    ),
  )
})

test('a corroborator belongs to a group by any dimension its source declares, and by its vector', () => {
  const group = { vector: 'udp_flood', surroundings: { pop: 'p1', customer_id: 'c1', service_id: 'dns' } }
  const belongs = (changes: object) =>
    corroborates({ source: 'router', about: { pop: 'p1' }, ...changes }, group, RULES)

  assert.equal(belongs({}), true)
  assert.equal(belongs({ about: { pop: 'p2', customer_id: 'c1' } }), true)
  assert.equal(belongs({ about: { service_id: 'dns' } }), false)
  assert.equal(belongs({ vector: 'udp_flood' }), true)
  assert.equal(belongs({ vector: 'syn_flood' }), false)
  assert.equal(belongs({ source: 'stranger' }), false)
  assert.equal(belongs({ about: {} }), false)
})
