import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Moment } from '#4-detection/ban.ts'
import { TickLoop } from './tick-loop.ts'

const TICK_MS = 4

/** Runs a loop until `count` ticks have come, which `during` may prolong. */
function ticks(count: number, during: (tick: number) => void = () => {}) {
  const moments: Moment[] = []
  const { promise, resolve } = Promise.withResolvers<void>()
  const loop = new TickLoop({
    tickMs: TICK_MS,
    fixed: true,
    paced: () => assert.fail('its length is fixed'),
    tick: now => {
      moments.push(now)
      during(moments.length)
      if (moments.length === count) {
        loop.stop()
        resolve()
      }
      return moments.length === 2
    },
  })
  loop.start()
  return promise.then(() => ({ moments, loop }))
}

const busyWait = (milliseconds: number) => {
  const end = performance.now() + milliseconds
  while (performance.now() < end);
}

test('two ticks are never closer than a tick, and the first is not at once', async () => {
  const before = performance.now() / 1000

  const { moments } = await ticks(25)

  const times = [before, ...moments.map(({ seconds }) => seconds)]
  for (let at = 1; at < times.length; at++) {
    assert.ok(times[at]! - times[at - 1]! >= TICK_MS / 1000 - 1e-9, `${times[at]! - times[at - 1]!}`)
  }
  assert.ok(Math.abs(moments[0]!.wallMs - Date.now()) < 10_000)
})

test('a tick that takes long makes the next one late, not short, and lateness is counted', async () => {
  const { moments, loop } = await ticks(4, tick => {
    if (tick === 2) busyWait(TICK_MS * 40)
  })

  const gaps = moments.slice(1).map(({ seconds }, at) => (seconds - moments[at]!.seconds) * 1000)
  assert.ok(gaps[1]! >= TICK_MS * 40, `${gaps}`)
  assert.ok(gaps[2]! >= TICK_MS - 1e-6, `${gaps}`)
  assert.ok(loop.late <= moments.length, 'the pause is one late tick, not one for each that was missed')
})

test('a loop that was held up by others counts its tick as late', async () => {
  const run = ticks(3)
  busyWait(TICK_MS * 5)

  const { loop } = await run

  assert.ok(loop.late >= 1)
})

test('a loop that is stopped by what it told, or from outside, ticks no more', async () => {
  const { moments, loop } = await ticks(2)
  await new Promise(resolve => setTimeout(resolve, TICK_MS * 4))
  assert.equal(moments.length, 2)

  loop.start()
  loop.stop()
  await new Promise(resolve => setTimeout(resolve, TICK_MS * 3))
  assert.equal(moments.length, 2)
})

test('the loop knows how long a tick took and when the last one was', async () => {
  const { loop } = await ticks(3, () => busyWait(1))

  assert.ok(loop.lastTickMicros >= 1000 && loop.lastTickMicros < 3e7)
  assert.ok(loop.lastPassMicros >= 1000 && loop.lastPassMicros !== loop.lastTickMicros)
  assert.ok(loop.secondsSinceTick >= 0 && loop.secondsSinceTick < 30)
})
