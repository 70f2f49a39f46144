import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { EngineEvent } from '../engine-event.ts'
import { configWith, engineLab, flood } from '../engine-for-tests.ts'
import { AHEAD_MAX, EventQueue } from './event-queue.ts'

const LIMITS = {
  thresholds: { incoming: { packetsPerSecond: 500 }, outgoing: {} },
  banSeconds: 2,
  holdSeconds: 1,
}

/** One event of each kind, from a real attack. */
async function eventsOfAnAttack(): Promise<Map<string, EngineEvent>> {
  const lab = await engineLab(configWith({ detection: LIMITS, evidence: { packets: 3 } }))
  const events = [
    ...lab.run(2, flood('10.0.0.1', 100)),
    ...lab.run(3, flood('10.0.0.1', 200)),
    ...lab.run(10),
  ]
  return new Map(events.map(event => [event.kind, event]))
}

test('a reader that keeps up hears everything', async () => {
  const events = [...(await eventsOfAnAttack()).values()]
  const taken = new Int32Array(1)
  const sent: EngineEvent[] = []
  const queue = new EventQueue(taken, told => {
    sent.push(...told)
    taken[0]!++
  })

  for (let turn = 0; turn < AHEAD_MAX * 2; turn++) queue.send(events)

  assert.deepEqual(
    new Set(events.map(({ kind }) => kind)),
    new Set(['opened', 'updated', 'evidence', 'tallied', 'distilled', 'ended']),
  )
  assert.equal(sent.length, events.length * AHEAD_MAX * 2)
  assert.deepEqual(
    [...queue.metrics()].map(({ value }) => value),
    [0, 0],
  )
})

test('far ahead of its reader it leaves out updates and packets, and nothing else, until the reader has caught up', async () => {
  const events = await eventsOfAnAttack()
  const [opened, updated, evidence, ended] = ['opened', 'updated', 'evidence', 'ended'].map(
    kind => events.get(kind)!,
  )
  const taken = new Int32Array(1)
  const sent: EngineEvent[][] = []
  const queue = new EventQueue(taken, told => sent.push([...told]))
  for (let message = 0; message < AHEAD_MAX; message++) queue.send([updated!])
  assert.equal(sent.length, AHEAD_MAX)

  queue.send([updated!])
  queue.send([opened!, updated!, evidence!, ended!])

  assert.equal(sent.length, AHEAD_MAX + 1)
  assert.deepEqual(sent.at(-1), [opened, { ...evidence, packets: [] }, ended])
  assert.deepEqual(
    [...queue.metrics()].map(({ value }) => value),
    [AHEAD_MAX + 1, 3],
  )
  taken[0] = AHEAD_MAX
  queue.send([updated!])
  assert.deepEqual(sent.at(-1), [updated])
})

test('counts of messages may come round', () => {
  const taken = new Int32Array([2 ** 31 - 1])
  const queue = new EventQueue(taken, () => {})

  assert.equal([...queue.metrics()][0]!.value, -(2 ** 31 - 1))
})
