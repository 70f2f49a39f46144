import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { WrappingCounter } from './wrapping-counter.ts'

test('a counter that wraps at 32 bits is read as one that does not', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(2 ** 31 - 1), { maxLength: 20 }), amounts => {
      const words = new Int32Array(3)
      const counter = new WrappingCounter(words, 1)
      let sum = 0
      for (const amount of amounts) {
        words[1] = (words[1]! + amount) | 0
        sum += amount

        assert.equal(counter.read(), sum)
        assert.equal(counter.read(), sum)
      }
    }),
  )
})
