import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Newest } from './newest.ts'

test('it holds what a list would hold that is cut at its bound', () => {
  const deed = fc.oneof(fc.constant('shift' as const), fc.nat())
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5 }), fc.array(deed, { maxLength: 100 }), (most, deeds) => {
      const newest = new Newest<number>(most)
      let model: number[] = []
      for (const deed of deeds) {
        if (deed === 'shift') assert.equal(newest.shift(), model.shift())
        else {
          assert.equal(newest.push(deed), model.length === most)
          model = [...model, deed].slice(-most)
        }
        assert.deepEqual(newest.all, model)
        assert.equal(newest.size, model.length)
        assert.equal(newest.oldest, model[0])
      }
    }),
  )
})
