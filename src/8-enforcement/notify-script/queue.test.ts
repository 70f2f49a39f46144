import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { CALL_ACTIONS, type CallAction } from './encode.ts'
import { CallQueue, type QueuedCall } from './queue.ts'

const call = (host: string, action: CallAction, bytes = 0): QueuedCall => ({ host, action, bytes })
const queueOf = (callsMax: number, bytesMax = 1000): CallQueue<QueuedCall> =>
  new CallQueue({ callsMax, bytesMax })

test('calls of one host run one after the other in their order, other hosts meanwhile', () => {
  const queue = queueOf(10)
  const [ban, details, other] = [call('a', 'ban'), call('a', 'attack_details'), call('b', 'ban')]
  for (const each of [ban, details, other]) queue.offer(each)

  const first = [queue.next(), queue.next(), queue.next()]
  queue.done('a')
  const second = [queue.next(), queue.next()]

  assert.deepEqual(first, [ban, other, undefined])
  assert.deepEqual(second, [details, undefined])
  assert.equal(queue.size, 0)
})

test('when it is full a ban takes the place of the oldest waiting details', () => {
  const queue = queueOf(3)
  const [old, young] = [call('a', 'attack_details'), call('b', 'attack_details')]
  for (const each of [old, young, call('c', 'ban')]) queue.offer(each)

  assert.deepEqual(queue.offer(call('d', 'ban')), [old])
  assert.equal(queue.size, 3)
})

test('when it is full of bans a new ban is refused, and so are details', () => {
  const queue = queueOf(1)
  queue.offer(call('a', 'ban'))
  const [ban, details] = [call('b', 'ban'), call('b', 'attack_details')]

  assert.deepEqual(queue.offer(ban), [ban])
  assert.deepEqual(queue.offer(details), [details])
})

test('an unban is taken even when it is full, and takes no place of others', () => {
  const queue = queueOf(1)
  const unbans = ['a', 'b', 'c'].map(host => call(host, 'unban'))

  assert.deepEqual(
    unbans.flatMap(unban => queue.offer(unban)),
    [],
  )
  assert.deepEqual(queue.offer(call('d', 'ban')), [])
  assert.equal(queue.size, 4)
})

test('the memory of waiting reports is bounded as well', () => {
  const queue = queueOf(10, 100)
  const details = call('a', 'attack_details', 60)
  queue.offer(details)

  assert.equal(queue.hasRoomFor(100), true)
  assert.deepEqual(queue.offer(call('b', 'ban', 70)), [details])
  assert.equal(queue.hasRoomFor(31), false)
  assert.deepEqual(queue.offer(call('c', 'unban')), [])
})

test('clearing leaves unbans until they too are cleared', () => {
  const queue = queueOf(10)
  const unban = call('a', 'unban')
  for (const each of [call('a', 'ban'), unban, call('b', 'attack_details')]) queue.offer(each)

  assert.equal(queue.clearAllButUnbans().length, 2)
  assert.equal(queue.size, 1)
  assert.deepEqual(queue.clear(), [unban])
  assert.equal(queue.next(), undefined)
})

const step = fc.oneof(
  fc.record({
    offer: fc.record({
      host: fc.constantFrom('a', 'b', 'c'),
      action: fc.constantFrom(...CALL_ACTIONS),
      bytes: fc.nat(40),
    }),
  }),
  fc.record({ take: fc.constantFrom('a', 'b', 'c') }),
)

test('whatever comes, no call is lost or run twice, hosts keep their order, and bounds hold', () => {
  fc.assert(
    fc.property(fc.array(step), steps => {
      const queue = queueOf(4, 100)
      const waiting: QueuedCall[] = []
      const busy = new Set<string>()
      for (const each of steps) {
        if ('offer' in each) {
          waiting.push(each.offer)
          for (const dropped of queue.offer(each.offer)) {
            assert.notEqual(dropped.action, 'unban')
            waiting.splice(waiting.indexOf(dropped), 1)
          }
        } else {
          queue.done(each.take)
          busy.delete(each.take)
          const next = queue.next()
          if (next === undefined) {
            assert.ok(waiting.every(({ host }) => busy.has(host)))
          } else {
            assert.equal(busy.has(next.host), false)
            assert.equal(
              waiting.find(({ host }) => host === next.host),
              next,
            )
            busy.add(next.host)
            waiting.splice(waiting.indexOf(next), 1)
          }
        }
        const bounded = waiting.filter(({ action }) => action !== 'unban')
        assert.equal(queue.size, waiting.length)
        assert.ok(bounded.length <= 4 && bounded.reduce((sum, { bytes }) => sum + bytes, 0) <= 100)
      }
    }),
  )
})
