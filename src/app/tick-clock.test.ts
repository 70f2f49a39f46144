import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type DueTick, TickClock } from './tick-clock.ts'

/** What the clock says at each of these times, begun at 0. */
function say(clock: TickClock, ...times: number[]): (DueTick | undefined)[] {
  clock.start(0)
  return times.map(now => clock.tick(now))
}

const rounded = (ticks: readonly (DueTick | undefined)[]) =>
  ticks.map(
    tick => tick && [tick.seconds, tick.windowSeconds].map(seconds => seconds && Number(seconds.toFixed(3))),
  )

test('a tick of the budget is as long as it was, and a flow window ends with every tenth', () => {
  const times = Array.from({ length: 20 }, (_, at) => (at + 1) * 0.1)

  const ticks = say(new TickClock('budget', 1), ...times)

  assert.ok(ticks.every(tick => Math.abs(tick!.seconds - 0.1) < 1e-9))
  assert.deepEqual(
    ticks.flatMap((tick, at) => (tick?.windowSeconds === undefined ? [] : [at])),
    [9, 19],
  )
})

test('timers that are a little early or late move no window to the next tick', () => {
  const ticks = say(new TickClock('budget', 1), 0.5, 0.97, 1.5, 1.99)

  assert.deepEqual(rounded(ticks), [
    [0.5, undefined],
    [0.47, 0.97],
    [0.53, undefined],
    [0.49, 1.02],
  ])
})

test('windows stay as long as they are when ticks are longer', () => {
  for (const length of [0.2, 0.5, 1]) {
    const times = Array.from({ length: 4 / length }, (_, at) => (at + 1) * length)

    const ends = say(new TickClock('budget', 1), ...times).flatMap((tick, at) =>
      tick?.windowSeconds === undefined ? [] : [times[at]!.toFixed(3)],
    )

    assert.deepEqual(ends, ['1.000', '2.000', '3.000', '4.000'])
  }
})

test('after a pause tick and window are as long as the pause', () => {
  assert.deepEqual(rounded(say(new TickClock('budget', 1), 0.1, 7.1, 7.2)), [
    [0.1, undefined],
    [7, 7.1],
    [0.1, undefined],
  ])
})

test('no time has passed: no tick', () => {
  assert.deepEqual(rounded(say(new TickClock('budget', 1), 0, 0.1, 0.1)), [
    undefined,
    [0.1, undefined],
    undefined,
  ])
})

test('windows of the budget are as long as configured', () => {
  const times = Array.from({ length: 60 }, (_, at) => (at + 1) * 0.1)

  const windows = say(new TickClock('budget', 3), ...times).flatMap((tick, at) =>
    tick?.windowSeconds === undefined ? [] : [at],
  )

  assert.deepEqual(windows, [29, 59])
})

test('a plain step is never shorter than its delay', () => {
  assert.deepEqual(rounded(say(new TickClock('plain', 1), 0.5, 0.999, 1, 1.9, 2)), [
    ...[undefined, undefined, [1, 1], undefined, [1, 1]],
  ])
})

test('the nominal delay divides as long as whole seconds agree with it, as in FastNetMon', () => {
  assert.deepEqual(rounded(say(new TickClock('plain', 1), 1.001, 2.999, 5, 8.5)), [
    [1, 1],
    [1, 1],
    [2.001, 2.001],
    [3.5, 3.5],
  ])
  assert.deepEqual(rounded(say(new TickClock('plain', 3), 3.9, 7.9)), [
    [3, 3],
    [4, 4],
  ])
})

test('sums of fractions do not make a step late or early', () => {
  const clock = new TickClock('plain', 1)
  const start = 0.1 + 0.2
  clock.start(start)
  for (let step = 1; step <= 1000; step++) {
    const sum = Array.from({ length: 10 }, () => 0.1).reduce((now, tenth) => now + tenth, start + step - 1)

    assert.deepEqual(clock.tick(sum), { seconds: 1, windowSeconds: 1 })
  }
})

test('ticks come ten times a second, plain steps as configured', () => {
  assert.equal(new TickClock('budget', 5).tickMs, 100)
  assert.equal(new TickClock('plain', 5).tickMs, 5000)
})
