import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LiveMessage } from '#api/contract/live.ts'
import { TrafficHour } from './traffic-hour.ts'

const rates = (bits: number) => ({ bits, packets: bits / 100 })
const second = (time: number, bits: number): Extract<LiveMessage, { kind: 'traffic' }> => ({
  ...{ kind: 'traffic', at: new Date(time * 1000 + 250).toISOString(), openAttacks: 0 },
  ...{ incoming: rates(bits), outgoing: rates(1), internal: rates(2), other: rates(3) },
})
const columns = (...bits: (number | null)[]) => ({ bits, packets: bits, flows: bits })

test('the hour goes on where the history ends, and nothing heard is lost or told twice', () => {
  const hour = new TrafficHour()
  hour.hear(second(101, 50))
  hour.hear(second(102, 60))

  hour.adopt({
    ...{ series: 'total', from: new Date(99_000).toISOString(), stepSeconds: 1, points: 4 },
    ...{ incoming: columns(10, 20, 51, null), outgoing: columns(0, 0, 0, null) },
  })
  hour.hear(second(102, 61))
  hour.hear(second(103, 70))

  assert.deepEqual(hour.times, [99, 100, 101, 102, 103])
  assert.deepEqual(hour.values.incoming.bits, [10, 20, 51, 60, 70])
  assert.deepEqual(hour.values.internal.bits, [null, null, null, 2, 2])
})

test('silence is a gap, and of more than an hour the oldest goes', () => {
  const hour = new TrafficHour()
  hour.hear(second(100, 1))
  hour.hear(second(110, 2))
  const withGap = [...hour.values.incoming.bits]

  for (let time = 111; time < 8000; time++) hour.hear(second(time, time))

  assert.deepEqual(withGap, [1, null, 2])
  assert.equal(hour.times.length, 3600)
  assert.deepEqual([hour.times[0], hour.times.at(-1)], [4400, 7999])
})
