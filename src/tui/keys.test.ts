import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LIMIT_MAX, pressed } from './keys.ts'

const VIEW = { sort: 'packets', limit: 7 } as const

test('p, b and f choose the order, plus and minus the rows', () => {
  assert.deepEqual(pressed(VIEW, 'b'), { sort: 'bytes', limit: 7 })
  assert.deepEqual(pressed(VIEW, 'F'), { sort: 'flows', limit: 7 })
  assert.deepEqual(pressed({ sort: 'flows', limit: 1 }, 'p--+=+'), { sort: 'packets', limit: 4 })
  for (const limit of [LIMIT_MAX, 500]) assert.deepEqual(pressed({ ...VIEW, limit }, '+'), { ...VIEW, limit })
})

test('q and Ctrl-C end the screen', () => {
  assert.equal(pressed(VIEW, 'q'), 'quit')
  assert.equal(pressed(VIEW, 'b\u0003'), 'quit')
})

test('other keys, arrows and function keys are ignored', () => {
  assert.equal(pressed(VIEW, 'xyz \r\u001b[A\u001bOP\u001b[15~\u001b[1;5B\u001b'), VIEW)
})
