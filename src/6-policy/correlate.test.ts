import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Correlation, correlate, type Report } from './correlate.ts'

const CORRELATION: Correlation = { windowMs: 10_000, weights: new Map([['radar', 0.5]]), usualWeight: 1 }
const report = (source: string, confidence: number, atMs = 0, target = '192.0.2.1'): Report => ({
  ...{ target, source, confidence, atMs },
})

test('several detectors make one attack that is surer than each, and the words show the sum', () => {
  const { attacks } = correlate([report('radar', 0.5, 5000), report('fastnetmon', 0.8)], CORRELATION)

  assert.equal(attacks.length, 1)
  assert.ok(Math.abs(attacks[0]!.confidence - 0.85) < 1e-12)
  assert.deepEqual([attacks[0]?.firstMs, attacks[0]?.lastMs], [0, 5000])
  assert.equal(
    attacks[0]?.explanation,
    '192.0.2.1/32: 2 detectors agree: fastnetmon is 80 % sure; radar is 50 % sure and is trusted by 50 %; ' +
      'that all of them are wrong is 20 % x 75 %, so the confidence is 85 %',
  )
})

test('other targets and later reports are other attacks, and a target is the same however it is written', () => {
  const { attacks, unreadable } = correlate(
    [
      report('a', 0.5),
      report('b', 0.5, 10_000, '192.0.2.1/32'),
      report('a', 0.5, 20_001),
      report('a', 0.5, 0, '2001:DB8::1'),
      report('a', 1, 0, 'nobody'),
    ],
    CORRELATION,
  )

  assert.deepEqual(
    attacks.map(({ target, voices, firstMs }) => [target, voices.length, firstMs]),
    [
      ['192.0.2.1/32', 2, 0],
      ['192.0.2.1/32', 1, 20_001],
      ['2001:db8::1/128', 1, 0],
    ],
  )
  assert.equal(unreadable, 1)
})

test('one alone says so', () => {
  const { attacks } = correlate([report('a', 0.25), report('a', 0.5)], CORRELATION)

  assert.equal(attacks[0]?.explanation, '192.0.2.1/32: a is 50 % sure, so the confidence is 50 %')
})

const any = fc.record({
  target: fc.constantFrom('192.0.2.1', '192.0.2.2'),
  source: fc.constantFrom('radar', 'a', 'b', 'c'),
  confidence: fc.double({ min: -1, max: 2 }),
  atMs: fc.nat(40_000),
})
const some = fc.array(any, { maxLength: 12 })
const at = (reports: readonly Report[], target: string, atMs: number): number =>
  correlate(reports, CORRELATION).attacks.find(
    one => one.target === target && one.firstMs <= atMs && atMs <= one.lastMs,
  )?.confidence ?? 0

test('the order of reports does not matter', () => {
  fc.assert(
    fc.property(
      some.chain(reports =>
        fc.tuple(fc.constant(reports), fc.shuffledSubarray(reports, { minLength: reports.length })),
      ),
      ([reports, shuffled]) => {
        assert.deepEqual(correlate(shuffled, CORRELATION), correlate(reports, CORRELATION))
      },
    ),
  )
})

test('another report, or a surer one, never makes an attack less sure, and it stays from 0 to 1', () => {
  fc.assert(
    fc.property(some, any, (reports, more) => {
      const before = correlate(reports, CORRELATION).attacks
      for (const { target, firstMs, confidence } of before) {
        assert.ok(confidence >= 0 && confidence <= 1)
        assert.ok(at([...reports, more], target, firstMs) >= confidence - 1e-12)
        const surer = reports.map(one => ({ ...one, confidence: one.confidence + 0.1 }))
        assert.ok(at(surer, target, firstMs) >= confidence - 1e-12)
      }
    }),
  )
})

test('a source counts once, however often it says the same', () => {
  fc.assert(
    fc.property(some, reports => {
      const once = correlate(reports, CORRELATION).attacks
      const thrice = correlate([...reports, ...reports, ...reports], CORRELATION).attacks
      assert.deepEqual(thrice, once)
    }),
  )
})
