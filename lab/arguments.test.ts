// Command lines become scenarios, or words that say what is wrong.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readScenario, UsageError } from './arguments.ts'

test('options become changes of the scenario', () => {
  const read = readScenario({
    scenario: 'web',
    rate: '1500.5',
    seconds: '2',
    target: '10.10.1.0/24',
    bytes: 'imix',
    seed: '9',
  })

  assert.equal(read.name, 'web')
  assert.equal(read.seed, 9)
  assert.deepEqual(read.changes, {
    rate: 1500.5,
    seconds: 2,
    packets: undefined,
    target: '10.10.1.0/24',
    sources: undefined,
    bytes: 'imix',
  })
})

test('max is a rate', () => {
  assert.equal(readScenario({ scenario: 'web', rate: 'max' }).changes.rate, 'max')
})

for (const [values, message] of [
  [{}, /no scenario ""/],
  [{ scenario: 'toString' }, /no scenario "toString"/],
  [{ scenario: 'web', rate: '0' }, /--rate: 0 is not a number above 0/],
  [{ scenario: 'web', seconds: 'soon' }, /--seconds: soon/],
  [{ scenario: 'web', packets: '1.5' }, /--packets: 1.5 is not a whole number/],
  [{ scenario: 'web', bytes: '20' }, /--bytes: 60 to 9014/],
  [{ scenario: 'web', target: '10.0.0.0/33' }, /--target: 10.0.0.0\/33 is not a prefix/],
] as const) {
  test(`${JSON.stringify(values)} is refused in words`, () => {
    assert.throws(() => readScenario(values), { constructor: UsageError, message })
  })
}
