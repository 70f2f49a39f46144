// Timestamps of pcapng against plain big-integer arithmetic.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { InterfaceClock } from './interface-clock.ts'
import { MAX_SECONDS } from './record.ts'

function read(clock: InterfaceClock, time: bigint): { seconds: number; nanoseconds: number } | undefined {
  const record = { at: 0, captured: 0, wire: 0, seconds: 0, nanoseconds: 0, link: 0 }
  const view = new DataView(new ArrayBuffer(8))
  view.setBigUint64(0, time)
  if (!clock.read(view, 0, false, record)) return undefined
  return { seconds: record.seconds, nanoseconds: record.nanoseconds }
}

function expected(time: bigint, resolution: number, offset: number) {
  const units = (resolution & 0x80 ? 2n : 10n) ** BigInt(resolution & 0x7f)
  const seconds = Number(time / units) + offset
  if (seconds < 0 || seconds > MAX_SECONDS) return undefined
  return { seconds, nanoseconds: Number(((time % units) * 1_000_000_000n) / units) }
}

const MAX_TIME = (1n << 64n) - 1n
const offsetArbitrary = fc.integer({ min: -5000, max: 5000 })

test('every unit gives what big integers give', () => {
  const times = fc.array(fc.bigInt({ min: 0n, max: MAX_TIME }), { minLength: 1, maxLength: 4 })
  fc.assert(
    fc.property(times, fc.integer({ min: 0, max: 255 }), offsetArbitrary, (all, resolution, offset) => {
      const clock = new InterfaceClock(resolution, offset)

      for (const time of all) assert.deepEqual(read(clock, time), expected(time, resolution, offset))
    }),
    { numRuns: 500 },
  )
})

test('packets a little before or after each other are right as well', () => {
  const steps = fc.array(fc.bigInt({ min: -1_500_000_000n, max: 1_500_000_000n }), { maxLength: 30 })
  const resolutions = fc.constantFrom(0, 3, 6, 9, 12, 0x80 + 20)
  fc.assert(
    fc.property(
      fc.bigInt({ min: 0n, max: MAX_TIME }),
      steps,
      resolutions,
      offsetArbitrary,
      (first, all, resolution, offset) => {
        const clock = new InterfaceClock(resolution, offset)
        let time = first
        for (const step of all) {
          time = BigInt.asUintN(64, time + step)

          assert.deepEqual(read(clock, time), expected(time, resolution, offset))
        }
      },
    ),
  )
})

test('the usual units are exact to the last digit of today', () => {
  const second = 1_795_169_509

  assert.deepEqual(read(new InterfaceClock(6, 0), 1_795_169_509_883_663n), {
    seconds: second,
    nanoseconds: 883_663_000,
  })
  assert.deepEqual(read(new InterfaceClock(9, 0), 1_795_169_509_883_663_417n), {
    seconds: second,
    nanoseconds: 883_663_417,
  })
})

test('times outside the calendar are refused', () => {
  assert.deepEqual(read(new InterfaceClock(0, 0), BigInt(MAX_SECONDS)), {
    seconds: MAX_SECONDS,
    nanoseconds: 0,
  })
  assert.equal(read(new InterfaceClock(0, 0), BigInt(MAX_SECONDS) + 1n), undefined)
  assert.deepEqual(read(new InterfaceClock(0, -7), 7n), { seconds: 0, nanoseconds: 0 })
  assert.equal(read(new InterfaceClock(0, -8), 7n), undefined)
})
