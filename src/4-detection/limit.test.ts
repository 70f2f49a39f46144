import assert from 'node:assert/strict'
import { test } from 'node:test'
import { METRIC, OUTGOING } from '#3-traffic/metric.ts'
import { LIMITS } from './attack.ts'
import { busyMarks, inUnit } from './limit.ts'
import { limitsWith } from './limits-for-tests.ts'

const both = { packetsPerSecond: 1, megabitsPerSecond: 1 }
const ofProtocols = { tcp: both, udp: both, icmp: both, syn: both, fragments: both, dropped: both }
const all = { ...both, flowsPerSecond: 1, ...ofProtocols }

test('limits are tested in the order of FastNetMon, then ours, incoming before outgoing', () => {
  const { limits } = limitsWith({ incoming: all, outgoing: all })

  assert.deepEqual(
    limits.map(({ name, direction }) => `${name} ${direction}`),
    LIMITS.flatMap(name => [`${name} incoming`, `${name} outgoing`]),
  )
  assert.deepEqual(LIMITS.slice(0, 9), [
    ...['packets', 'bits', 'flows', 'tcp-packets', 'udp-packets', 'icmp-packets'],
    ...['tcp-bits', 'udp-bits', 'icmp-bits'],
  ])
  assert.deepEqual(
    limits.map(({ order }) => order),
    limits.map((_, at) => at),
  )
})

test('what has no limit is not judged', () => {
  const set = limitsWith({ outgoing: { udp: { packetsPerSecond: 7 } } }, 'caches')

  assert.equal(set.hostgroup, 'caches')
  assert.equal(set.limits.length, 1)
  assert.deepEqual(set.bySide, [[], set.limits])
  assert.deepEqual(set.limits[0], {
    name: 'udp-packets',
    direction: 'outgoing',
    order: 0,
    side: 1,
    metric: METRIC.udpPackets,
    at: OUTGOING + METRIC.udpPackets,
    perSecond: 7,
    threshold: 7,
    unit: 'packets',
  })
})

test('bandwidth is written in megabits, judged in bytes and told in bits', () => {
  const [limit] = limitsWith({ incoming: { megabitsPerSecond: 50 } }).limits

  assert.equal(limit!.perSecond, 6_250_000)
  assert.equal(limit!.threshold, 50e6)
  assert.equal(inUnit(limit!, 7_000_000), 56e6)
  const [flows] = limitsWith({ incoming: { flowsPerSecond: 5 } }).limits
  assert.equal(inUnit(flows!, 7), 7)
})

test('each limit reads a number of its own', () => {
  const { bySide } = limitsWith({ incoming: all })

  const metrics = bySide[0].map(limit => limit.metric)

  assert.equal(new Set(metrics).size, LIMITS.length)
})

test('a line is looked at before a limit can be passed unseen', () => {
  const tick = 0.1
  for (const limits of [
    { packetsPerSecond: 20_000, megabitsPerSecond: 1000 },
    { packetsPerSecond: 2000 },
    { packetsPerSecond: 50 },
    { megabitsPerSecond: 1 },
    { flowsPerSecond: 100 },
    {},
  ]) {
    for (const samplingRate of [1, 10, 1000]) {
      const set = limitsWith({ incoming: limits })

      const { busyPackets, busyBytes } = busyMarks([set], tick, samplingRate)

      assert.ok(busyPackets >= 1 && busyPackets <= 128)
      assert.deepEqual([Math.log2(busyPackets) % 1, Math.log2(busyBytes) % 1], [0, 0])
      for (const { unit, perSecond } of set.limits) {
        // Of each of five classes so much may pass unseen.
        const unseen = 5 * ((unit === 'bits' ? busyBytes : busyPackets) - 1) * samplingRate
        assert.ok(unseen < perSecond * tick, `${unit} ${perSecond} at 1:${samplingRate}`)
      }
    }
  }
  const limits = limitsWith({ incoming: { packetsPerSecond: 20_000, megabitsPerSecond: 1000 } })
  const [plain, sampled] = [1, 4].map(rate => busyMarks([limits], tick, rate))
  assert.deepEqual(plain, { busyPackets: 128, busyBytes: 2 ** 20 })
  assert.deepEqual(sampled, { busyPackets: 32, busyBytes: 2 ** 18 })
  assert.deepEqual(busyMarks([], tick, 1), { busyPackets: 128, busyBytes: 2 ** 31 })
})
