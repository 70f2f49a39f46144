import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { cutTo, fillTo, harmless, widthOf, wrapTo } from './cells.ts'

const anyText = fc.string({ unit: 'binary', maxLength: 60 })

test('controls, escapes and turned text become a mark, all else stays', () => {
  assert.equal(harmless('edge\u001b[2J\u0007'), 'edge\ufffd[2J\ufffd')
  assert.equal(harmless('a\u009bb\u202ec\u200bd\r\n'), 'a\ufffdb\ufffdc\ufffdd\ufffd\ufffd')
  assert.equal(harmless('Zürich 東京'), 'Zürich 東京')
  fc.assert(
    fc.property(anyText, text => assert.doesNotMatch(harmless(text), /[\p{Cc}\u202a-\u202e\u2066-\u2069]/u)),
  )
})

test('wide characters take two columns, combining ones none', () => {
  assert.deepEqual(['abc', '東京', 'e\u0301', '한', 'ｆ', '⚡'].map(widthOf), [3, 4, 1, 2, 2, 2])
  assert.equal(cutTo('東京都', 6), '東京都')
  assert.equal(cutTo('東京都', 5), '東京…')
  assert.equal(cutTo('東京都', 4), '東…')
  assert.equal(cutTo('abc', 0), '')
  assert.equal(fillTo('東', 4), '東  ')
  assert.equal(fillTo('12', 4, 'right'), '  12')
})

test('whatever a text holds, it fits where it is put', () => {
  fc.assert(
    fc.property(anyText, fc.integer({ min: 1, max: 40 }), (text, width) => {
      assert.equal(widthOf(fillTo(harmless(text), width)), width)
    }),
  )
  fc.assert(
    fc.property(fc.string({ maxLength: 80 }), fc.integer({ min: 2, max: 30 }), (text, width) => {
      const lines = wrapTo(text, width)
      assert.ok(lines.every(line => widthOf(line) <= width))
      assert.equal(lines.join('').replaceAll(' ', ''), text.replaceAll(' ', ''))
    }),
  )
})

test('long lines break at spaces and keep their indent', () => {
  assert.deepEqual(wrapTo('  why: incoming packets', 14), ['  why:', '  incoming', '  packets'])
  assert.deepEqual(wrapTo('2001:db8::ffff', 6), ['2001:d', 'b8::ff', 'ff'])
  assert.deepEqual(wrapTo('', 6), [''])
})
