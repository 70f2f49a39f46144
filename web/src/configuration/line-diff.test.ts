import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { diffLines, folded } from './line-diff.ts'

const SIGNS = { same: ' ', added: '+', removed: '-' } as const
const signs = (before: string, after: string) =>
  diffLines(before, after).map(({ kind, text }) => `${SIGNS[kind]}${text}`)

test('lines that stayed, went and came stand in their order', () => {
  assert.deepEqual(signs('a\nb\nc\n', 'a\nx\nc\nd\n'), [' a', '-b', '+x', ' c', '+d'])
  assert.deepEqual(signs('', 'a\n'), ['+a'])
  assert.deepEqual(signs('a', ''), ['-a'])
  assert.deepEqual(signs('a\n', 'a'), [' a'])
})

test('both texts can be read from what differs', () => {
  const text = fc
    .array(fc.constantFrom('a', 'b', 'c', ''), { maxLength: 12 })
    .map(lines => `${lines.join('\n')}\n`)
  fc.assert(
    fc.property(text, text, (before, after) => {
      const lines = diffLines(before, after)
      const without = (kind: string) =>
        lines
          .filter(line => line.kind !== kind)
          .map(line => `${line.text}\n`)
          .join('')
      assert.equal(without('added'), before)
      assert.equal(without('removed'), after)
    }),
  )
})

test('texts too long to compare are replaced as a whole', () => {
  const many = (word: string) => Array.from({ length: 2500 }, (_, at) => `${word}${at}`).join('\n')

  const lines = diffLines(many('a'), many('b'))

  assert.deepEqual([lines.length, lines[0]?.kind, lines.at(-1)?.kind], [5000, 'removed', 'added'])
})

test('what stayed far from a change is folded', () => {
  const before = Array.from({ length: 20 }, (_, at) => `${at}`)
  const after = before.with(10, 'x')

  const shown = folded(diffLines(before.join('\n'), after.join('\n')))

  assert.deepEqual(
    shown.map(line => (line.kind === 'fold' ? `(${line.lines})` : line.text)),
    ['(7)', '7', '8', '9', '10', 'x', '11', '12', '13', '(6)'],
  )
})
