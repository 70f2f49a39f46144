import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Logger, SILENT } from '#lib/log/logger.ts'
import { until } from '../../../test/until.ts'
import { type Pushed, PushLoop, type PushPlan } from './push-loop.ts'
import type { Snapshot } from './snapshot.ts'
import { hostColumns, snapshotWith } from './snapshots-for-tests.ts'

const DONE: Pushed = { lines: 7, failedLines: 0, error: undefined }

function loopWith(
  push: PushPlan<Snapshot>['push'],
  plan: Partial<PushPlan<Snapshot>> = {},
): PushLoop<Snapshot> {
  return new PushLoop({
    ...{ to: 'graphite', server: 'localhost:2003', everySeconds: 1, log: SILENT, push },
    snapshot: async () => snapshotWith(hostColumns([])),
    ...plan,
  })
}

const countsOf = (loop: PushLoop<Snapshot>): Record<string, number> =>
  Object.fromEntries(
    [...loop.metrics()].map(({ name, labels, value }) => [
      labels?.['outcome'] ?? name.replace('floodwarden_export_', ''),
      value,
    ]),
  )

test('one push at a time: a period that comes too early is counted and left out', async () => {
  const { promise, resolve } = Promise.withResolvers<Pushed>()
  let pushes = 0
  const loop = loopWith(() => {
    pushes++
    return promise
  })

  for (let period = 0; period < 3; period++) loop.due()
  await new Promise(setImmediate)
  resolve(DONE)
  await loop.idle()
  loop.due()
  await loop.idle()

  assert.equal(pushes, 2)
  const { written, busy, lines_total } = countsOf(loop)
  assert.deepEqual([written, busy, lines_total], [2, 2, 14])
})

test('while the server is away pushes pause for longer and longer, and trouble is told once', async () => {
  const told: string[] = []
  const log: Logger = { ...SILENT, warn: says => told.push(says), info: says => told.push(says) }
  let isAway = true
  const push = async (): Promise<Pushed> =>
    isAway ? { lines: 0, failedLines: 3, error: 'connection refused' } : DONE
  let now = 0
  const loop = loopWith(push, { log, now: () => now })
  const dueAt = async (ms: number) => {
    now = ms
    loop.due()
    await loop.idle()
  }

  for (const ms of [0, 999, 1000, 2999]) await dueAt(ms)
  isAway = false
  for (const ms of [3000, 4000]) await dueAt(ms)

  const { written, failed, paused, lines_failed_total } = countsOf(loop)
  assert.deepEqual([written, failed, paused, lines_failed_total], [2, 2, 2, 6])
  assert.deepEqual(told, ['numbers are not taken', 'numbers are taken again'])
})

test('a server that asks for a pause gets it, within bounds', async () => {
  let now = 0
  let pushes = 0
  const push = async (): Promise<Pushed> => {
    pushes++
    return { lines: 0, failedLines: 1, error: 'busy', pauseSeconds: pushes === 1 ? 90 : 1e9 }
  }
  const loop = loopWith(push, { now: () => now })
  const pushesAt = async (ms: number) => {
    now = ms
    loop.due()
    await loop.idle()
    return pushes
  }

  assert.equal(await pushesAt(0), 1)
  assert.equal(await pushesAt(89_999), 1)
  assert.equal(await pushesAt(90_000), 2)
  assert.equal(await pushesAt(689_999), 2)
  assert.equal(await pushesAt(690_000), 3)
})

test('without numbers, and beyond its deadline, a push has failed', async () => {
  const noNumbers = loopWith(async () => DONE, { snapshot: () => Promise.reject(new Error('no engine')) })
  const endless = loopWith(
    (_, signal) =>
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('late')))),
    { deadlineMs: 20 },
  )

  noNumbers.due()
  endless.due()
  // The timer of a deadline alone does not keep a process alive.
  await until(() => countsOf(endless)['failed'] === 1)
  await Promise.all([noNumbers.idle(), endless.idle()])

  assert.equal(countsOf(noNumbers)['failed'], 1)
  assert.equal(countsOf(endless)['failed'], 1)
})

test('a push that is going on ends when the loop is stopped', async () => {
  const loop = loopWith(
    (_, signal) =>
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('stopped')))),
  )
  loop.due()
  await new Promise(setImmediate)

  await loop.stop()
  loop.due()

  assert.deepEqual(Object.values(countsOf(loop)).slice(0, 4), [0, 0, 0, 0])
})
