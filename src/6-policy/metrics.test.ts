import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DecisionCounts, METRICS } from './metrics.ts'

test('decisions are counted by kind and refusals by rail', () => {
  const counts = new DecisionCounts()
  counts.count({ kind: 'nothing', reason: '' })
  counts.count({
    kind: 'refused',
    refusals: [
      { rail: 'management', allowed: false, reason: '' },
      { rail: 'bans-max', allowed: false, reason: '' },
    ],
  })

  const counted = [...counts.metrics()].filter(({ value }) => value > 0).map(({ labels }) => labels)

  assert.deepEqual(counted, [
    { decision: 'refused' },
    { decision: 'nothing' },
    { rail: 'management' },
    { rail: 'bans-max' },
  ])
})

test('every value belongs to a declared metric with its labels', () => {
  for (const { name, labels } of new DecisionCounts().metrics()) {
    const declared = METRICS.find(metric => metric.name === name)
    assert.deepEqual(declared?.labels ?? [], Object.keys(labels ?? {}))
  }
})
