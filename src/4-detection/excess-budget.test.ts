import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { INCOMING, METRIC, type Metric, OUTGOING } from '#3-traffic/metric.ts'
import type { Budgets, Evidence } from './budgets.ts'
import { BudgetJudge } from './excess-budget.ts'
import type { Verdict } from './judge.ts'
import type { LimitSet } from './limit.ts'
import { limitsWith, rowWith } from './limits-for-tests.ts'

const TICK = 0.1
const HOST = 1

type Speeds = Partial<Record<Metric, number>>

/** A judge of one host, told tick by tick how fast it was in each direction (per second). */
function judging(limits: LimitSet, budgetSeconds = 0.5, hosts = 4, budgets: Partial<Budgets> = {}) {
  const told: string[] = []
  const judge = new BudgetJudge(
    hosts,
    { fixedSeconds: budgetSeconds, ...budgets },
    {
      began: (host, packetsPerSecond) => told.push(`began ${host} ${packetsPerSecond}`),
      ended: host => told.push(`ended ${host}`),
    },
  )
  judge.attached(HOST, limits)
  let now = 0
  const visit = (side: 0 | 1, speeds: Speeds | undefined) => {
    if (speeds === undefined) return
    const row = rowWith(speeds).map(value => value * TICK)
    judge.visit(HOST * 2 + side, row, TICK)
  }
  const tick = (incoming?: Speeds, outgoing?: Speeds, flows?: number): readonly Verdict[] => {
    now += TICK
    visit(0, incoming)
    visit(1, outgoing)
    if (flows !== undefined && flows >= 0) judge.visitFlows(HOST * 2, flows, 1)
    return judge.endTick(now, TICK, flows === undefined ? undefined : 1)
  }
  /** Ticks until a verdict, at most `most`. */
  const until = (incoming: Speeds, most = 2000): { ticks: number; verdict: Verdict | undefined } => {
    for (let ticks = 1; ticks <= most; ticks++) {
      const [verdict] = tick(incoming)
      if (verdict !== undefined) return { ticks, verdict }
    }
    return { ticks: most, verdict: undefined }
  }
  return { judge, told, tick, until }
}

const LIMIT = 1000
const NO_EVIDENCE: Evidence = {
  began() {},
  ended() {},
  gather() {},
  weigh: () => undefined,
  tolerated() {},
}
const packetsLimit = limitsWith({ incoming: { packetsPerSecond: LIMIT } })

test('a step of r times the limit crosses after B / (r - 1) seconds, within a tick', () => {
  for (const budget of [0.25, 0.5, 5]) {
    for (const r of [1.1, 1.25, 1.5, 2, 3, 6, 10, 100]) {
      const { ticks } = judging(packetsLimit, budget).until({ packets: r * LIMIT })

      const seconds = budget / (r - 1)
      assert.ok(
        ticks * TICK > seconds - 1e-6 && ticks * TICK < seconds + TICK + 1e-6,
        `B ${budget}, r ${r}: ${ticks}`,
      )
    }
  }
})

test('the verdict tells the limit, its speed, and for how long it was passed', () => {
  const { until, told } = judging(packetsLimit)

  const { verdict } = until({ packets: 3000, udpPackets: 2900, bytes: 300_000 })

  assert.equal(verdict!.host, HOST)
  assert.equal(verdict!.hostgroup, 'global')
  assert.equal(verdict!.limit.name, 'packets')
  assert.equal(verdict!.perSecond, 3000)
  assert.equal(verdict!.overSeconds, 0.3)
  assert.equal(verdict!.speeds[INCOMING + METRIC.packets], 3000)
  assert.equal(verdict!.speeds[INCOMING + METRIC.udpPackets], 2900)
  assert.equal(verdict!.speeds[OUTGOING + METRIC.packets], 0)
  assert.deepEqual(told, ['began 1 3000'])
})

test('of a host over limits in both directions the one with the most excess is looked at, whichever was visited first', () => {
  const limits = limitsWith({ incoming: { packetsPerSecond: LIMIT }, outgoing: { packetsPerSecond: LIMIT } })
  for (const [incoming, outgoing, side] of [
    [4000, 2000, 0],
    [2000, 4000, 1],
  ] as const)
    for (const order of [
      [0, 1],
      [1, 0],
    ] as const) {
      const looked: string[] = []
      const evidence = { ...NO_EVIDENCE, began: (host: number, at: 0 | 1) => looked.push(`${host} ${at}`) }
      const { judge, told } = judging(limits, 0.5, 4, { evidence })
      const speeds = [incoming, outgoing]

      for (const at of order) judge.visit(HOST * 2 + at, rowWith({ packets: speeds[at]! * TICK }), TICK)
      judge.endTick(TICK, TICK, undefined)

      assert.deepEqual([looked, told], [[`1 ${side}`], ['began 1 4000']])
    }
})

test('traffic at the limit is not above it, however long', () => {
  const { until, told } = judging(packetsLimit)

  assert.equal(until({ packets: LIMIT }, 500).verdict, undefined)
  assert.deepEqual(told, [])
})

test('a burst within the budget is tolerated, and forgotten as fast as the limit drains it', () => {
  const { tick, told, judge } = judging(packetsLimit)

  // Two ticks of three times the limit leave 0.4 limit-seconds; silence drains them in four ticks.
  const verdicts = [tick({ packets: 3000 }), tick({ packets: 3000 }), tick(), tick(), tick()]
  assert.equal(judge.suspects, 1)
  verdicts.push(tick())

  assert.deepEqual(verdicts.flat(), [])
  assert.equal(judge.suspects, 0)
  assert.deepEqual(told, ['began 1 3000', 'ended 1'])
})

test('the excess is that of the one-sided CUSUM, whatever the traffic', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 60 }), counts => {
      const { tick } = judging(packetsLimit)
      let excess = 0
      let found: number | undefined
      let expected: number | undefined
      for (const [at, count] of counts.entries()) {
        // Whole numbers, so that both sides round alike.
        excess = Math.max(0, excess + count - LIMIT * TICK)
        if (excess >= 0.5 * LIMIT) expected ??= at
        if (tick({ packets: count / TICK }).length > 0) found ??= at
        if (found !== undefined || expected !== undefined) break
      }
      assert.equal(found, expected)
    }),
    { numRuns: 300 },
  )
})

test('each limit has a budget of its own, and the first in order is named', () => {
  const set = limitsWith({
    incoming: { packetsPerSecond: 1000, udp: { packetsPerSecond: 1000 } },
    outgoing: { packetsPerSecond: 1000 },
  })
  const one = judging(set)
  const both = judging(set)

  // 0.4 limit-seconds of packets and 0.4 of those going out are two budgets, none of them used up.
  const spread = [0, 1].flatMap(() => one.tick({ packets: 3000 }, { packets: 3000 }))
  const [verdict] = both.tick({ packets: 9000, udpPackets: 9000 }, { packets: 9000 })

  assert.deepEqual(spread, [])
  assert.deepEqual([verdict!.limit.name, verdict!.limit.direction], ['packets', 'incoming'])
})

test('the number that is told is that of the limit since it was passed, not that of an older excess', () => {
  const { tick, judge } = judging(
    limitsWith({ incoming: { udp: { packetsPerSecond: 1000 }, tcp: { packetsPerSecond: 5000 } } }),
  )
  // UDP a little over its limit for 3 s makes the host a suspect; then TCP floods.
  const calm = Array.from({ length: 30 }, () => tick({ packets: 1100, udpPackets: 1100 }))
  assert.deepEqual(calm.flat(), [])
  assert.equal(judge.suspects, 1)

  const flood = Array.from({ length: 5 }, () =>
    tick({ packets: 11_100, udpPackets: 1100, tcpPackets: 10_000 }),
  ).flat()

  assert.equal(flood[0]!.limit.name, 'tcp-packets')
  assert.equal(flood[0]!.perSecond, 10_000)
  assert.equal(flood[0]!.overSeconds, 0.5)
  assert.equal(Math.round(flood[0]!.speeds[INCOMING + METRIC.packets]!), 11_100)
})

test('a host under attack is over as long as it is above 0.8 times a limit', () => {
  const { tick, until, judge } = judging(packetsLimit)
  until({ packets: 10_000 })
  judge.hold(HOST, true)
  for (let n = 0; n < 50; n++) assert.deepEqual(tick({ packets: 10_000 }), [])
  assert.equal(judge.standing(HOST)!.isOver, true)

  let ticks = 0
  while (judge.standing(HOST)!.isOver) {
    tick({ packets: 700 })
    ticks++
  }
  // The speed of about the last second falls from 10 to 0.8 limits: 10 e^-t + 0.7 (1 - e^-t) = 0.8.
  assert.ok(Math.abs(ticks * TICK - Math.log(93)) < 0.2, `${ticks} ticks`)

  for (let n = 0; n < 60; n++) tick({ packets: 790 })
  assert.equal(judge.standing(HOST)!.isOver, false)
  for (let n = 0; n < 60; n++) tick({ packets: 850 })
  assert.equal(judge.standing(HOST)!.isOver, true)
})

test('a long attack leaves no more excess than twice the budget', () => {
  const { tick, until, judge } = judging(packetsLimit)
  until({ packets: 100_000 })
  judge.hold(HOST, true)
  for (let n = 0; n < 600; n++) tick({ packets: 100_000 })

  for (let n = 0; n < 6; n++) tick({ packets: 0 })
  judge.hold(HOST, false)

  assert.deepEqual(Array.from({ length: 10 }, () => tick()).flat(), [])
  assert.equal(judge.suspects, 0)
})

test('who is let go while the flood goes on crosses again at once, with numbers of its own', () => {
  const { tick, until, judge } = judging(packetsLimit)
  until({ packets: 10_000 })
  judge.hold(HOST, true)
  for (let n = 0; n < 50; n++) tick({ packets: 10_000 })

  judge.hold(HOST, false)
  const [verdict] = tick({ packets: 4000 })

  assert.equal(verdict!.perSecond, 4000)
  assert.equal(verdict!.speeds[INCOMING + METRIC.packets], 4000)
  assert.ok(Math.abs(verdict!.overSeconds - 5.2) < 0.01, `${verdict!.overSeconds}`)
})

const flowsLimit = limitsWith({ incoming: { flowsPerSecond: 1000 } })

test('flows are judged when their window is over, with the speeds of the tick after', () => {
  const { tick, told } = judging(flowsLimit)
  const flood = { packets: 3000, udpPackets: 3000, bytes: 180_000 }

  const within = Array.from({ length: 9 }, () => tick(flood)).flat()
  const atTheEnd = tick(flood, undefined, 2500)
  const [verdict] = tick(flood)

  assert.deepEqual([...within, ...atTheEnd], [])
  assert.equal(verdict!.limit.name, 'flows')
  assert.equal(verdict!.perSecond, 2500)
  assert.equal(verdict!.overSeconds, 1.1)
  assert.equal(verdict!.speeds[INCOMING + METRIC.packets], 3000)
  assert.equal(verdict!.speeds[INCOMING + METRIC.udpPackets], 3000)
  assert.deepEqual(told, ['began 1 0'])
})

test('a window of flows within the budget is tolerated', () => {
  const { tick, judge } = judging(flowsLimit)

  const verdicts = [
    tick({ packets: 1400 }, undefined, 1400),
    tick({ packets: 900 }),
    tick({}, undefined, 500),
  ]

  assert.deepEqual(verdicts.flat(), [])
  assert.equal(judge.suspects, 0)
})

test('a line that falls silent has no flows: what it had does not stay', () => {
  const { tick, judge } = judging(flowsLimit)
  tick({ packets: 9000 }, undefined, 9000)
  assert.equal(tick({ packets: 9000 }).length, 1)
  judge.hold(HOST, true)
  assert.equal(judge.standing(HOST)!.isOver, true)

  // The window ends, and the line was not visited in it: its flows are not told.
  tick(undefined, undefined, -1)
  assert.equal(judge.standing(HOST)!.isOver, false)

  judge.hold(HOST, false)
  for (let n = 0; n < 3; n++) assert.deepEqual(tick(undefined, undefined, -1), [])
  assert.equal(judge.suspects, 0)
})

test('who is let go is found again by what comes after, and never by an excess of before', () => {
  const { judge, tick, until } = judging(packetsLimit, 0.5, 4, { samplingRate: 100, standardErrors: 3 })
  until({ packets: 50_000 })
  judge.hold(HOST, true)
  for (let at = 0; at < 20; at++) tick({ packets: 50_000 })

  // Between two datagrams of an exporter nothing is told.
  judge.hold(HOST, false)
  const inBetween = [tick(), tick({ packets: 0 })].flat()
  const told = until({ packets: 50_000 })

  assert.deepEqual(inBetween, [])
  // Of the two ticks in which it was measured anew one was silent.
  assert.equal(told.verdict?.perSecond, 25_000)
  assert.ok(told.ticks <= 2, String(told.ticks))
  const over = judging(packetsLimit, 0.5)
  over.until({ packets: 50_000 })
  over.judge.hold(HOST, true)
  for (let at = 0; at < 20; at++) over.tick({ packets: 50_000 })
  over.judge.hold(HOST, false)
  assert.equal(over.until({ packets: 0 }, 100).verdict, undefined)
})

test('who is let go while over a limit of flows is told with the flows of the last window', () => {
  const { tick, judge } = judging(flowsLimit)
  tick({ packets: 9000 }, undefined, 9000)
  tick({ packets: 9000 })
  judge.hold(HOST, true)
  tick({ packets: 9000 }, undefined, 8000)

  judge.hold(HOST, false)
  const [verdict] = tick({ packets: 9000 })

  assert.equal(verdict!.perSecond, 8000)
})

test('a host without limits is never judged, and one that is gone is no suspect', () => {
  const { tick, until, judge, told } = judging(packetsLimit)
  until({ packets: 1100 }, 2)
  assert.equal(judge.suspects, 1)

  judge.detached(HOST)
  assert.deepEqual(told.at(-1), 'ended 1')
  assert.equal(judge.standing(HOST), undefined)

  judge.attached(HOST, undefined)
  for (let n = 0; n < 20; n++) assert.deepEqual(tick({ packets: 1e6 }, undefined, 1e6), [])
  judge.hold(HOST, true)
  assert.equal(judge.suspects, 0)
})

test('a host that comes back while its ban holds is followed without a crossing, and not collected again', () => {
  const { tick, judge, told } = judging(packetsLimit)

  judge.hold(HOST, true)
  for (let n = 0; n < 30; n++) assert.deepEqual(tick({ packets: 5000 }), [])

  assert.equal(judge.standing(HOST)!.isOver, true)
  assert.deepEqual(told, [])
})

test('no more than 65,536 suspects are followed; the others are counted', () => {
  const { judge } = judging(packetsLimit, 0.5, 65_540)
  const row = rowWith({ packets: 110 })

  for (let host = 1; host < 65_540; host++) {
    judge.attached(host, packetsLimit)
    judge.visit(host * 2, row, TICK)
  }

  assert.equal(judge.suspects, 65_536)
  assert.equal(judge.suspectsRefused, 3)
})

test('what is counted from samples waits for three standard errors, by the rate of its host, and no longer than is patient', () => {
  const sampled = (rate: number) =>
    judging(packetsLimit, 0.5, 4, {
      ...{ samplingRateOf: (host: number) => (host === HOST ? rate : 1), samplingRate: 1 },
      ...{ standardErrors: 3, sampledPatienceSeconds: 3 },
    }).until({ packets: 3 * LIMIT })
  const [full, some, few] = [sampled(1), sampled(50), sampled(1000)]

  // At 3,000 packets/s the excess is 2,000 t, the budget 500, and three errors of 3,000 t packets at 1:50 are 1,162 sqrt(t).
  assert.ok(full.ticks <= 3, `${full.ticks}`)
  assert.ok(some.ticks >= 7 && some.ticks <= 9, `${some.ticks}`)
  assert.ok(few.ticks >= 29 && few.ticks <= 31, `${few.ticks}`)
  assert.equal(full.verdict?.weighed?.interval, undefined)
  const { low = 0, high = 0 } = some.verdict?.weighed?.interval ?? {}
  assert.ok(low < 3 * LIMIT && high > 3 * LIMIT, `${low} to ${high}`)
})
