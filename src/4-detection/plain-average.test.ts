// FastNetMon's arithmetic, with the numbers of its specification.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { INCOMING, METRIC, type Metric, OUTGOING } from '#3-traffic/metric.ts'
import type { Verdict } from './judge.ts'
import type { LimitSet } from './limit.ts'
import { limitsWith, rowWith } from './limits-for-tests.ts'
import { isAbove, PlainJudge } from './plain-average.ts'

const HOST = 1

type Counters = Partial<Record<Metric, number>>

/** A judge of one host with FastNetMon's usual 5 s, told step by step what it counted in each direction. */
function judging(limits: LimitSet, averageSeconds = 5) {
  const judge = new PlainJudge(4, averageSeconds)
  judge.attached(HOST, limits)
  let now = 100
  const step = (incoming?: Counters, outgoing?: Counters, seconds = 1): readonly Verdict[] => {
    now += seconds
    for (const [side, counters] of [incoming, outgoing].entries()) {
      if (counters === undefined) continue
      judge.visit(HOST * 2 + side, rowWith(counters), seconds)
      judge.visitFlows(HOST * 2 + side, counters.flows ?? 0, seconds)
    }
    return judge.endTick(now, seconds)
  }
  const average = (metric: Metric, base: typeof INCOMING | typeof OUTGOING = INCOMING) =>
    judge.standing(HOST)!.speeds[base + METRIC[metric]]!
  return { judge, step, average }
}

const all = { packetsPerSecond: 1e9, megabitsPerSecond: 1e9 }
const highLimits = limitsWith({ incoming: all, outgoing: all })

test('a steady speed shows 0.181, 0.330, 0.451 of itself and so on, each time rounded down', () => {
  const { step, average } = judging(highLimits)

  const shown = Array.from({ length: 9 }, () => {
    step({ packets: 100_000, bytes: 7_654_321 })
    return average('packets')
  })

  // 100,000 x (1 - e^(-n/5)); rounding down at every step loses one here and there.
  assert.deepEqual(shown, [18_126, 32_967, 45_118, 55_066, 63_211, 69_879, 75_339, 79_809, 83_469])
})

test('the average of flows moves twice as fast, up and down, as measured beside 1.2.4', () => {
  const { step, average } = judging(highLimits)

  const shown = [16_384, 16_384, 16_384].map(flows => {
    step({ packets: 20_000, flows })
    return average('flows')
  })
  step()

  // 16,384 x (1 - e^(-2n/5)), then e^(-2/5) of it; rounding down loses one here and there.
  assert.deepEqual([...shown, average('flows')], [5400, 9021, 11_447, 7673])
})

test('speed and average are what the formula says, whatever was counted', () => {
  const counters = fc.array(fc.tuple(fc.nat(5_000_000), fc.constantFrom(1, 2, 1.25)), { maxLength: 30 })
  fc.assert(
    fc.property(counters, fc.constantFrom(1, 5, 15), (counted, averageSeconds) => {
      const { step, average } = judging(highLimits, averageSeconds)
      let expected = 0
      for (const [counter, period] of counted) {
        step({ bytes: counter }, undefined, period)

        const speed = Math.floor(counter / period)
        expected = Math.floor(speed + Math.exp(-period / averageSeconds) * (expected - speed))
        assert.equal(average('bytes'), expected)
      }
    }),
  )
})

test('a line without packets decays, and a host whose averages are all zero needs no more visits', () => {
  const { step, average, judge } = judging(highLimits)
  step({ packets: 1000 }, { packets: 500 })

  assert.deepEqual([average('packets'), average('packets', OUTGOING)], [181, 90])
  step(undefined, { packets: 500 })
  assert.deepEqual([average('packets'), average('packets', OUTGOING)], [148, 164])
  for (let n = 0; n < 60; n++) step()
  assert.ok(judge.standing(HOST)!.speeds.every(value => value === 0))
})

test('ten times the limit crosses at once, three times after three steps, 1.25 times after nine', () => {
  for (const [r, steps] of [
    [10, 1],
    [3, 3],
    [1.25, 9],
  ] as const) {
    const { step } = judging(limitsWith({ incoming: { packetsPerSecond: 10_000 } }))

    let taken = 1
    while (step({ packets: r * 10_000 }).length === 0) taken++

    assert.equal(taken, steps, `${r} times`)
  }
})

test('an average is above a limit when it is greater, and bandwidth is whole megabits first', () => {
  const [packets, bits] = limitsWith({ incoming: { packetsPerSecond: 100, megabitsPerSecond: 50 } }).limits
  const mbps = (megabits: number) => (megabits * 1e6) / 8

  assert.deepEqual([isAbove(packets!, 100), isAbove(packets!, 101)], [false, true])
  assert.deepEqual(
    [50, 50.999, 51, 60].map(megabits => isAbove(bits!, Math.floor(mbps(megabits)))),
    [false, false, true, true],
  )
})

test('the limits are tested in order, and the first that is passed is named', () => {
  const limit = { packetsPerSecond: 100, megabitsPerSecond: 1 }
  const full = { ...limit, flowsPerSecond: 100, tcp: limit, udp: limit, icmp: limit }
  const everything: Counters = {
    ...{ packets: 1e6, bytes: 1e9, flows: 1e6, tcpPackets: 1e6, udpPackets: 1e6, icmpPackets: 1e6 },
    ...{ tcpBytes: 1e9, udpBytes: 1e9, icmpBytes: 1e9 },
  }
  const named: string[] = []
  const left: Counters = { ...everything }
  for (const metric of Object.keys(everything) as Metric[]) {
    const { step } = judging(limitsWith({ incoming: full, outgoing: full }))

    const [verdict] = step(left)

    named.push(verdict!.limit.name)
    delete left[metric]
  }

  assert.deepEqual(named, [
    ...['packets', 'bits', 'flows', 'tcp-packets', 'udp-packets', 'icmp-packets'],
    ...['tcp-bits', 'udp-bits', 'icmp-bits'],
  ])
})

test('either direction may cross, incoming is asked first', () => {
  const limits = limitsWith({ incoming: { packetsPerSecond: 100 }, outgoing: { packetsPerSecond: 100 } })

  const directions = [
    judging(limits).step({ packets: 1e6 }, { packets: 1e6 }),
    judging(limits).step({ packets: 5 }, { packets: 1e6 }),
  ].map(([verdict]) => verdict!.limit.direction)

  assert.deepEqual(directions, ['incoming', 'outgoing'])
})

test('the verdict tells the average, the averages of all else, and since when the speed was above', () => {
  const { step } = judging(limitsWith({ incoming: { packetsPerSecond: 10_000 } }))
  for (let n = 0; n < 5; n++) step({ packets: 9000 })
  step({ packets: 30_000, udpPackets: 30_000 })

  const [verdict] = step({ packets: 30_000, udpPackets: 30_000 }, { packets: 10 })

  const average = (before: number) => Math.floor(30_000 + Math.exp(-0.2) * (before - 30_000))
  assert.equal(verdict!.perSecond, verdict!.speeds[INCOMING + METRIC.packets])
  assert.equal(verdict!.averages[INCOMING + METRIC.udpPackets], average(average(0)))
  assert.equal(verdict!.averages[OUTGOING + METRIC.packets], 1)
  assert.equal(verdict!.overSeconds, 2)
})

test('a host under attack is not told again, and stands as its average does', () => {
  const { step, judge } = judging(limitsWith({ incoming: { packetsPerSecond: 10_000 } }))
  step({ packets: 100_000 })
  judge.hold(HOST, true)

  assert.deepEqual(step({ packets: 100_000 }), [])
  assert.equal(judge.standing(HOST)!.isOver, true)
  let steps = 0
  while (judge.standing(HOST)!.isOver) {
    step()
    steps++
  }
  // 32,967 decays below 10,000 after 5 ln 3.3 = 6 s.
  assert.equal(steps, 6)
  judge.hold(HOST, false)
  assert.equal(step({ packets: 1e6 }).length, 1)
})

test('a step that was late divides by its real length', () => {
  const { step, average } = judging(highLimits)

  step({ packets: 30_000 }, undefined, 3)

  assert.equal(average('packets'), Math.floor(10_000 * (1 - Math.exp(-0.6))))
})

test('a new host under an old number begins at zero, and one without limits is never judged', () => {
  const { step, judge, average } = judging(highLimits)
  step({ packets: 1e6 })
  judge.detached(HOST)
  assert.equal(judge.standing(HOST), undefined)

  judge.attached(HOST, highLimits)
  assert.equal(average('packets'), 0)

  judge.attached(HOST, undefined)
  assert.deepEqual(step({ packets: 1e9 }), [])
  assert.equal(judge.standing(HOST), undefined)
})

test('hosts above a limit are counted as suspects until they are below it again', () => {
  const { step, judge } = judging(limitsWith({ incoming: { packetsPerSecond: 10_000 } }))

  step({ packets: 20_000 })
  assert.equal(judge.suspects, 1)
  step({ packets: 9000 })
  assert.equal(judge.suspects, 0)
})
