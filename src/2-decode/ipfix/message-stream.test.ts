// However a stream is cut into pieces, the messages come out whole.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { ipfix, set } from '#2-decode/flow-exports-for-tests.ts'
import { MessageStream } from './message-stream.ts'

const messages = [0, 10, 300, 60_000].map(length => ipfix([set(256, [Array<number>(length).fill(1)])]))

test('pieces of any size give the same messages', () => {
  const bytes = Uint8Array.from(messages.flat())
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 70_000 }), { minLength: 1, maxLength: 20 }), sizes => {
      const stream = new MessageStream()
      const lengths: number[] = []
      for (let at = 0, i = 0; at < bytes.length; i++) {
        const size = sizes[i % sizes.length] ?? 1
        assert.ok(
          stream.push(bytes.subarray(at, at + size), (_view, first, end) => lengths.push(end - first)),
        )
        at += size
      }
      assert.deepEqual(
        lengths,
        messages.map(message => message.length),
      )
    }),
    { numRuns: 50 },
  )
})

test('a cut at any byte gives the same messages', () => {
  const whole = [ipfix([set(256, [[1, 2, 3]])]), ipfix([]), ipfix([set(257, [[4, 5, 6, 7]])])]
  const bytes = Uint8Array.from(whole.flat())
  for (let first = 0; first <= bytes.length; first++) {
    for (let second = first; second <= bytes.length; second++) {
      const stream = new MessageStream()
      const messages: number[][] = []
      for (const piece of [bytes.subarray(0, first), bytes.subarray(first, second), bytes.subarray(second)])
        stream.push(piece, (view, at, end) =>
          messages.push([...new Uint8Array(view.buffer, view.byteOffset + at, end - at)]),
        )
      assert.deepEqual(messages, whole)
    }
  }
})

test('what is not IPFIX ends the stream for good', () => {
  const stream = new MessageStream()
  const take = () => assert.fail('there is no message')

  assert.equal(stream.push(Uint8Array.of(0, 9, 0, 20), take), false)
  assert.equal(stream.push(Uint8Array.from(messages[0] ?? []), take), false)
  assert.equal(new MessageStream().push(Uint8Array.of(0, 10, 0, 15), take), false)
})
