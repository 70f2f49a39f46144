import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { isoTimes } from './iso-times.ts'

test('moments of one second and of others are written as Date writes them', () => {
  const text = isoTimes()
  const moments = fc.array(fc.integer({ min: -62_135_596_800_000, max: 253_402_300_799_999 }))

  fc.assert(
    fc.property(moments, fc.nat(2000), (begins, later) => {
      for (const at of begins.flatMap(begin => [begin, Math.min(begin + later, 253_402_300_799_999)]))
        assert.equal(text(at), new Date(at).toISOString())
    }),
  )
})
