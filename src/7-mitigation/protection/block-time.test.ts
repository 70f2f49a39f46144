import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { OFFENDERS_MAX, Offenders, USUAL_BLOCK_TIMES } from './block-time.ts'

const TIMES = { ...USUAL_BLOCK_TIMES, maximumSeconds: 300 }
const at = (seconds: number) => seconds * 1000

test('who comes back soon is blocked twice as long each time, up to a bound', () => {
  const offenders = new Offenders()
  const seconds: number[] = []
  let now = 0
  for (let time = 0; time < 5; time++) {
    const block = offenders.blocked('192.0.2.1', 60, at(now), TIMES)
    seconds.push(block.seconds)
    now += block.seconds + 59
  }

  assert.deepEqual(seconds, [60, 120, 240, 300, 300])
})

test('who stays away begins anew, and so does one who was let go', () => {
  const offenders = new Offenders()
  offenders.blocked('192.0.2.1', 60, at(0), TIMES)
  offenders.blocked('192.0.2.2', 60, at(0), TIMES)
  offenders.forget('192.0.2.2')

  assert.equal(offenders.blocked('192.0.2.1', 60, at(120), TIMES).seconds, 60)
  assert.equal(offenders.blocked('192.0.2.2', 60, at(70), TIMES).seconds, 60)
})

test('a source that is blocked already is not blocked longer, but for what its list says', () => {
  const offenders = new Offenders()
  offenders.blocked('192.0.2.1', 60, at(0), TIMES)
  assert.deepEqual(offenders.blocked('192.0.2.1', 60, at(20), TIMES), { seconds: 40, isNew: false })

  offenders.seen('192.0.2.1', 60, at(50))
  assert.deepEqual(offenders.blocked('192.0.2.1', 60, at(100), TIMES), { seconds: 10, isNew: false })
  assert.deepEqual(offenders.blocked('192.0.2.1', 60, at(111), TIMES), { seconds: 120, isNew: true })
})

test('there is room for so many and no more, and time empties it', () => {
  const offenders = new Offenders()
  for (let host = 0; host <= OFFENDERS_MAX; host++)
    offenders.blocked(`10.${host >> 16}.${(host >> 8) & 255}.${host & 255}`, 60, at(0), TIMES)

  assert.equal(offenders.size, OFFENDERS_MAX)
  assert.equal(offenders.forgotten, 1)
  offenders.expire(at(119), TIMES)
  assert.equal(offenders.size, OFFENDERS_MAX)
  offenders.expire(at(120), TIMES)
  assert.equal(offenders.size, 0)
})

test('no block is shorter than the base or longer than the bound', () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat({ max: 600 }), { maxLength: 40 }),
      fc.integer({ min: 1, max: 300 }),
      (waits, base) => {
        const offenders = new Offenders()
        let now = 0
        for (const wait of waits) {
          now += wait
          const { seconds, isNew } = offenders.blocked('192.0.2.1', base, at(now), TIMES)
          assert.ok(seconds <= TIMES.maximumSeconds && seconds >= (isNew ? base : 1))
        }
      },
    ),
  )
})
