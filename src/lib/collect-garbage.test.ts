import assert from 'node:assert/strict'
import { test } from 'node:test'
import { collectGarbage } from './collect-garbage.ts'

test('what nobody holds any more is collected', () => {
  const held = new WeakRef({ large: new Array(1000).fill('x') })
  // A reference may live to the end of the job that made it; collected in the next one.
  return new Promise<void>(resolve =>
    setImmediate(() => {
      collectGarbage()
      assert.equal(held.deref(), undefined)
      resolve()
    }),
  )
})
