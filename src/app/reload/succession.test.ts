import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Succession } from './succession.ts'

/** A part that has counted so much. */
function part(counted: number, measured: number) {
  const seen = { counted, stopped: 0 }
  return {
    seen,
    metrics: () => [
      { name: 'mails_total', value: seen.counted, labels: { why: 'dropped' } },
      { name: 'mails_waiting', value: measured },
    ],
    stop: async (deadlineMs: number) => {
      seen.stopped = deadlineMs
    },
  }
}

const told = (succession: Succession<ReturnType<typeof part>>) =>
  Object.fromEntries([...succession.metrics()].map(({ name, value }) => [name, value]))

test('what is counted only grows, whoever counts: those that leave, those that left, and the current one', async () => {
  const [first, second] = [part(5, 70), part(1, 2)]
  const { promise: ended, resolve: end } = Promise.withResolvers<void>()
  const succession = new Succession(first)
  assert.deepEqual(told(succession), { mails_total: 5, mails_waiting: 70 })

  succession.replace(second, ended)
  first.seen.counted++
  assert.deepEqual(told(succession), { mails_total: 7, mails_waiting: 2 })
  end()
  await ended
  await new Promise(setImmediate)

  assert.deepEqual(told(succession), { mails_total: 7, mails_waiting: 2 })
  succession.replace(undefined, Promise.reject(new Error('it could not end')))
  await new Promise(setImmediate)
  assert.deepEqual(told(succession), { mails_total: 7 })
  assert.equal(succession.current, undefined)
})

test('the end comes to those that leave too, and to nobody twice', async () => {
  const [first, second, third] = [part(0, 0), part(0, 0), part(0, 0)]
  const succession = new Succession(first)
  succession.replace(second, Promise.resolve())
  await new Promise(setImmediate)
  succession.replace(third, new Promise(() => {}))

  await succession.stop(250)

  assert.deepEqual(
    [first, second, third].map(({ seen }) => seen.stopped),
    [0, 250, 250],
  )
})
