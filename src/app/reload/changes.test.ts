import assert from 'node:assert/strict'
import { test } from 'node:test'
import { configWith } from '../engine-for-tests.ts'
import { planReload } from './changes.ts'

const BEFORE = { ...configWith({}), networks: ['10.0.0.0/24'] }

test('a file that says the same changes nothing', () => {
  const { config, changed, needsRestart } = planReload(BEFORE, structuredClone(BEFORE))

  assert.deepEqual([config, changed, needsRestart], [BEFORE, [], []])
})

test('what may change is in force and told; text is not shown, it may be a secret', () => {
  const after = {
    ...BEFORE,
    networks: ['10.0.1.0/24', '10.0.2.0/24'],
    policy: { ...BEFORE.policy, bansMax: 7 },
    log: { ...BEFORE.log, level: 'debug' as const },
  }

  const { config, changed, needsRestart } = planReload(BEFORE, after)

  assert.deepEqual(config, after)
  assert.deepEqual(changed, [
    'networks (2 added, 1 removed)',
    `policy.bansMax (${BEFORE.policy.bansMax} -> 7)`,
    'log.level',
  ])
  assert.deepEqual(needsRestart, [])
})

test('everything else stays as it was and is named, again at the next reload', () => {
  const after = {
    ...BEFORE,
    capture: { ...BEFORE.capture, workers: BEFORE.capture.workers + 1 },
    detection: { ...BEFORE.detection, mode: 'plain' as const },
    metrics: { ...BEFORE.metrics, listen: 'off' },
  }

  const first = planReload(BEFORE, after)
  const second = planReload(first.config, after)

  assert.deepEqual(first.config, BEFORE)
  assert.deepEqual(first.needsRestart.toSorted(), ['capture.workers', 'detection.mode', 'metrics.listen'])
  assert.deepEqual(second.needsRestart, first.needsRestart)
})
