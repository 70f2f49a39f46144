// Which of several rates holds.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DomainRates, ExporterRates, NO_SAMPLER, RATE_MAX } from './sampling-rates.ts'

test('the operator wins, then sampler, domain, exporter, and at last the fallback', () => {
  const shared = new ExporterRates({ override: 0, fallback: 7 })
  const [one, other] = [new DomainRates(shared), new DomainRates(shared)]
  assert.equal(one.rateOf(5), 7)

  one.learn(NO_SAMPLER, 100)
  one.learn(5, 200)
  assert.deepEqual([one.rateOf(5), one.rateOf(6), one.rateOf(NO_SAMPLER)], [200, 200, 200])
  assert.equal(other.rateOf(5), 200)
  other.learn(5, 300)
  assert.deepEqual([other.rateOf(5), one.rateOf(5)], [300, 200])

  shared.override = 1000
  assert.deepEqual([one.rateOf(5), other.rateOf(9), one.rateOfRecord(64)], [1000, 1000, 1000])
})

test('a rate is new once, and again when it changes', () => {
  const rates = new DomainRates(new ExporterRates({ override: 0, fallback: 1 }))

  const learnt = [100, 100, 200, 200, 100].map(rate => rates.learn(1, rate))

  assert.deepEqual(learnt, ['changed', 'known', 'changed', 'known', 'changed'])
})

test('rates that cannot be are refused, those of the operator too', () => {
  const shared = new ExporterRates({ override: -4, fallback: Number.NaN })
  const rates = new DomainRates(shared)

  for (const rate of [0, 0.5, -1, Number.NaN, Number.POSITIVE_INFINITY, RATE_MAX + 1])
    assert.equal(rates.learn(1, rate), 'refused')

  assert.equal(rates.rateOf(1), 1)
})

test('more samplers than are remembered leave the known ones alone', () => {
  const rates = new DomainRates(new ExporterRates({ override: 0, fallback: 1 }))

  for (let sampler = 0; sampler < 1000; sampler++) rates.learn(sampler, 10 + sampler)

  assert.equal(rates.bySampler.size, 256)
  assert.equal(rates.rateOf(0), 10)
  assert.equal(rates.learn(3, 13), 'known')
})
