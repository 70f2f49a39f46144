import assert from 'node:assert/strict'
import { test } from 'node:test'
import { exampleAttack } from '#5-evidence/example.ts'
import { beliefIn } from './belief.ts'
import { namedAttack } from './playbooks-for-tests.ts'

const NOW = 10_000_000
const report = (source: string, confidence: number, atMs = NOW) => ({
  ...{ target: '192.0.2.1', source, confidence, atMs },
})

test('alone it is the finding, by hand one, and of nothing none', () => {
  assert.deepEqual(beliefIn(namedAttack(['udp-flood']), {}), { confidence: 0.9 })
  assert.deepEqual(beliefIn(exampleAttack({ origin: 'manual' }), {}), { confidence: 1 })
  assert.deepEqual(beliefIn(exampleAttack(), {}), { confidence: 0 })
})

test('others make it surer, and without a finding they speak alone', () => {
  const { confidence, agreement } = beliefIn(exampleAttack(), { reports: [report('radar', 0.6)], nowMs: NOW })

  assert.equal(Math.round(confidence * 1000), 600)
  assert.equal(agreement, '192.0.2.1/32: radar is 60 % sure, so the confidence is 60 %')
  assert.ok(
    beliefIn(namedAttack(['udp-flood']), { reports: [report('radar', 0.6)], nowMs: NOW }).confidence > 0.95,
  )
})

test('what is about another host, or was said before the window, says nothing', () => {
  const old = report('radar', 0.6, NOW - 300_001)
  const other = { ...report('radar', 0.6), target: '192.0.2.2' }

  for (const reports of [[old], [other]])
    assert.deepEqual(beliefIn(exampleAttack(), { reports, nowMs: NOW }), { confidence: 0 })
})
