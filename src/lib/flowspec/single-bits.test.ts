import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { packetOf, ruleOf } from './arbitrary-for-tests.ts'
import { matches } from './matches.ts'
import { isBitmaskComponent } from './rule.ts'
import { withSingleBits } from './single-bits.ts'

test('tests of single bits match the same packets', () => {
  let compared = 0
  fc.assert(
    fc.property(
      ruleOf(4),
      fc.array(packetOf(4), { minLength: 20, maxLength: 20 }),
      ({ family, components }, packets) => {
        for (const component of components) {
          if (!isBitmaskComponent(component)) continue
          const single = withSingleBits(component)
          if (single === undefined) continue
          assert.ok(single.anyOf.flat().every(({ bits }) => bits !== 0 && (bits & (bits - 1)) === 0))
          for (const packet of packets) {
            compared++
            assert.equal(
              matches({ family, components: [single] }, packet),
              matches({ family, components: [component] }, packet),
            )
          }
        }
      },
    ),
    { numRuns: 1000 },
  )
  assert.ok(compared > 1000)
})

test('what tests no bits has no such form', () => {
  const none = { isNot: false, isMatchAll: true, bits: 0 }

  assert.equal(withSingleBits({ type: 'tcp-flags', anyOf: [[none]] }), undefined)
})
