import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { METRIC, type Metric, ROW } from '#3-traffic/metric.ts'
import { NetworkSpeeds } from '#3-traffic/network-speeds.ts'
import { shortestList } from '#3-traffic/prefix-list.ts'
import { RUNGS } from '#3-traffic/prefix-tree.ts'
import { prefixesFor } from '#3-traffic/slots-for-tests.ts'
import { type Address, parseAddress } from '#lib/ip/address.ts'
import { contains, formatPrefix, type Prefix, prefixOf } from '#lib/ip/prefix.ts'
import { type HostgroupConfig, hostgroupSchema } from './config.ts'
import { detectionWith, rowWith } from './limits-for-tests.ts'
import { Membership } from './membership.ts'
import type { WideVerdict } from './wide.ts'
import { WideJudge } from './wide-judge.ts'
import { WideMemory } from './wide-memory.ts'

const LIMIT = 1000
type Row = Partial<Record<Metric, number>>

/** Hosts by address, and windows of a second in which they do what is said, for each: incoming, outgoing. */
function setUp(
  settings: object = {},
  groups: Readonly<Record<string, HostgroupConfig>> = {},
  networks = ['10.10.0.0/16', '2001:db8::/32'],
) {
  const detection = detectionWith({ thresholds: { incoming: { packetsPerSecond: LIMIT } }, ...settings })
  const membership = new Membership({ detection, hostgroups: groups, whitelist: ['10.10.250.0/24'] })
  const speeds = new NetworkSpeeds(prefixesFor(...networks), 70_000, 5)
  const hostgroupOf = (address: Address) => membership.hostgroupOf(address)
  const judge = new WideJudge({
    detection,
    hostgroups: groups,
    networks: speeds,
    unlisted: undefined,
    hostgroupOf,
    memory: new WideMemory(70_000),
  })
  const numbers = new Map<string, number>()
  const hostOf = (text: string): number => {
    const known = numbers.get(text)
    if (known !== undefined) return known
    const host = numbers.size + 1
    numbers.set(text, host)
    const address = parseAddress(text)!
    judge.attached(host, address, membership.limitsOf(address), false)
    return host
  }
  let seconds = 0
  const window = (traffic: Readonly<Record<string, readonly [Row, Row?]>>): WideVerdict[] => {
    seconds++
    judge.begin(1)
    const lines: number[] = []
    for (const [text, rows] of Object.entries(traffic)) {
      for (const [side, row] of rows.entries()) {
        if (row === undefined) continue
        const line = hostOf(text) * 2 + side
        lines.push(line)
        judge.visit(line, rowWith(row))
      }
    }
    const due = { lines: Int32Array.from(lines), count: lines.length }
    const flows = (line: number) => (line & 1) * 0 + 50
    return judge.endWindow({ lines: due, seconds: 1, nowSeconds: seconds, flows })
  }
  return { judge, window, hostOf }
}

const texts = (verdicts: readonly WideVerdict[]) => verdicts.map(({ prefixes }) => prefixes.map(formatPrefix))

/** The same row for each of `count` hosts, spread over a prefix text that ends before the host part. */
const each = (count: number, name: (at: number) => string, ...rows: [Row, Row?]) =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => [name(at), rows] as const))
const UDP = (packets: number): Row => ({ packets, udpPackets: packets, bytes: packets * 100 })

/** Windows of the same traffic; all verdicts. */
function windows(
  count: number,
  window: ReturnType<typeof setUp>['window'],
  traffic: Parameters<typeof window>[0],
) {
  return Array.from({ length: count }, () => window(traffic)).flat()
}

test('a carpet over a /24 opens once, on the /24, told with all it did', () => {
  const { window, judge } = setUp()
  const carpet = each(256, at => `10.10.7.${at}`, UDP(100))

  const verdicts = windows(6, window, carpet)

  assert.deepEqual(texts(verdicts), [['10.10.7.0/24']])
  const [{ scope, hostgroup, limit, perSecond, speeds, overSeconds } = assert.fail()] = verdicts
  assert.deepEqual(
    [scope, hostgroup, limit.name, limit.threshold],
    ['prefix', 'global', 'packets', 2 * LIMIT],
  )
  assert.deepEqual([perSecond, speeds[METRIC.udpPackets], overSeconds], [25_600, 25_600, 1])
  const key = { scope: 'prefix', host: '10.10.7.0/24', hostgroup: 'global' } as const
  assert.equal(judge.standing(key)?.isOver, true)
  window({})
  assert.equal(judge.standing(key)?.isOver, false)
  judge.release(key)
  assert.deepEqual(texts(windows(3, window, carpet)), [['10.10.7.0/24']])
})

test('a carpet over a /20 is one attack on it, one over half of it on the shortest list', () => {
  const whole = setUp()
  const half = setUp()

  const over20 = each(1024, at => `10.10.${16 + (at >> 6)}.${at & 63}`, UDP(20))
  const two = each(1024, at => `10.10.${[16, 17, 40, 41][at >> 8]}.${at & 255}`, UDP(20))

  assert.deepEqual(texts(windows(6, whole.window, over20)), [['10.10.16.0/20']])
  assert.deepEqual(texts(windows(6, half.window, two)), [['10.10.16.0/23', '10.10.40.0/23']])
})

test('a carpet over an IPv6 /48 whose hosts never come again opens on the /48', () => {
  const { window } = setUp()
  const drawn = (turn: number) =>
    each(4000, at => `2001:db8:10:${((at * 17) & 0xffff).toString(16)}::${turn}`, UDP(1))

  const verdicts = [1, 2, 3, 4].flatMap(turn => window(drawn(turn)))

  assert.deepEqual(texts(verdicts), [['2001:db8:10::/48']])
})

test('who is nearly as far belongs to the same attack', () => {
  const { window } = setUp()
  const carpet = {
    ...each(256, at => `10.10.7.${at}`, UDP(14)),
    ...each(256, at => `10.10.90.${at}`, UDP(11)),
  }

  assert.deepEqual(texts(windows(6, window, carpet)), [['10.10.7.0/24', '10.10.90.0/24']])
})

test('the first window tells who is known: many hosts are allowed more than few from the first judgement on', () => {
  const { window } = setUp()
  const even = each(1024, at => `10.10.${16 + (at >> 6)}.${at & 63}`, UDP(3.5))

  // 3,584 packets a second are over the limit of few hosts (2,000) and below that of 1,024 (4,000).
  assert.deepEqual(windows(6, window, even), [])
})

test('flooded hosts never open their /24: neither before their attacks open nor while they hold', () => {
  const { window, judge, hostOf } = setUp()
  const flood = { '10.10.7.1': [UDP(50_000)], '10.10.7.2': [UDP(900)] } as const

  assert.deepEqual(windows(3, window, flood), [])
  const speeds = new Float64Array(ROW * 2)
  judge.hostOpened({ host: hostOf('10.10.7.1'), speeds, overSeconds: 1 } as never)
  assert.deepEqual(windows(5, window, flood), [])
})

test('honest networks do not open: answered, uneven, or simply large', () => {
  const even = setUp()
  const uneven = setUp()
  const busy = each(2000, at => `10.10.${at >> 8}.${at & 255}`, UDP(10), UDP(5))
  const skewed = Object.fromEntries(
    Array.from(
      { length: 2000 },
      (_, at) => [`10.10.${at % 8}.${at >> 3}`, [UDP(Math.ceil(900 / (1 + at / 4)))]] as const,
    ),
  )

  assert.deepEqual(windows(6, even.window, busy), [])
  assert.deepEqual(windows(6, uneven.window, skewed), [])
})

test('whitelisted hosts are no part of a prefix, and a switch turns the ladder off', () => {
  const listed = setUp()
  const off = setUp({ prefixes: { enabled: false } })
  const plain = setUp({ mode: 'plain' })

  assert.deepEqual(
    windows(
      5,
      listed.window,
      each(256, at => `10.10.250.${at}`, UDP(100)),
    ),
    [],
  )
  for (const { window } of [off, plain])
    assert.deepEqual(
      windows(
        5,
        window,
        each(256, at => `10.10.7.${at}`, UDP(100)),
      ),
      [],
    )
})

test('what is usual is no news: a limit grows to twice the even load of the last minutes', () => {
  const { window, judge } = setUp()
  const television = each(256, at => `10.10.7.${at}`, UDP(5))
  const more = each(256, at => `10.10.7.${at}`, UDP(9))
  // 1,280 packets a second: below the limit of 2,000, and known for long.
  assert.deepEqual(windows(1200, window, television), [])

  assert.deepEqual(windows(5, window, more), [])
  assert.deepEqual(texts(windows(5, setUp().window, more)), [['10.10.7.0/24']])
  assert.equal(judge.prefixes.refused, 0)
})

test('a network as a whole has limits of its own, without what a flooded host in it does', () => {
  const settings = {
    prefixes: { enabled: false },
    networkThresholds: { incoming: { packetsPerSecond: 10_000 } },
  }
  const { window, judge, hostOf } = setUp(settings)
  const flood = { '10.10.7.1': [UDP(20_000)], '10.10.9.1': [UDP(500)] } as const
  const speeds = new Float64Array(ROW * 2)
  speeds[METRIC.packets] = 50_000
  hostOf('10.10.7.1')

  judge.begin(0.4)
  judge.visit(hostOf('10.10.7.1') * 2, rowWith(UDP(16_000)))
  judge.hostOpened({ host: hostOf('10.10.7.1'), speeds, overSeconds: 0.32 } as never)
  assert.deepEqual(windows(4, window, flood), [])

  judge.hostReleased(hostOf('10.10.7.1'))
  const [verdict = assert.fail()] = windows(4, window, flood)
  assert.deepEqual(
    [verdict.scope, verdict.perSecond, texts([verdict])],
    ['network', 20_500, [['10.10.0.0/16']]],
  )
})

test('a hostgroup has a limit on the total of its hosts, of flows as well', () => {
  const group = (total: object) =>
    hostgroupSchema.parse({ networks: ['10.10.7.0/24', '10.10.9.0/24'], total })
  const packets = setUp(
    { prefixes: { enabled: false } },
    { web: group({ outgoing: { packetsPerSecond: 5000 } }) },
  )
  const flows = setUp({ prefixes: { enabled: false } }, { web: group({ incoming: { flowsPerSecond: 400 } }) })
  const traffic = each(20, at => `10.10.${at % 2 === 0 ? 7 : 9}.${at}`, UDP(10), UDP(900))
  const elsewhere = each(20, at => `10.10.8.${at}`, UDP(10), UDP(900))

  assert.deepEqual(windows(5, packets.window, elsewhere), [])
  const [verdict = assert.fail(), ...others] = windows(5, packets.window, traffic)
  assert.deepEqual(others, [])
  assert.deepEqual([verdict.scope, verdict.hostgroup, verdict.perSecond], ['hostgroup', 'web', 18_000])
  assert.deepEqual(texts([verdict]), [['10.10.7.0/24', '10.10.9.0/24']])
  assert.equal(windows(5, flows.window, traffic)[0]?.limit.name, 'flows')
})

test('with limits of their own prefixes are judged by conditioned counts, as a naive reference counts them', () => {
  const host = fc.record({ third: fc.nat(31), fourth: fc.nat(2), packets: fc.integer({ min: 1, max: 3000 }) })
  fc.assert(
    fc.property(fc.array(host, { minLength: 1, maxLength: 40 }), hosts => {
      const settings = {
        budgetSeconds: 0.05,
        prefixes: { thresholds: { incoming: { packetsPerSecond: 4000 } } },
      }
      const { window } = setUp(settings)
      const traffic: Record<string, [Row]> = {}
      for (const { third, fourth, packets } of hosts) traffic[`10.10.${third}.${fourth}`] = [{ packets }]

      const found = texts(window(traffic))

      const expected = naive(traffic, 4000 * 1.05)
      assert.deepEqual(found, expected.length === 0 ? [] : [shortestList(expected).map(formatPrefix)])
    }),
  )
})

/** From the longest prefixes to the shortest: those whose hosts, but for hosts of a longer one found, are over the limit. */
function naive(traffic: Readonly<Record<string, readonly [Row]>>, limit: number): Prefix[] {
  const found: Prefix[] = []
  for (const length of RUNGS[4]) {
    const sums = new Map<string, { prefix: Prefix; sum: number }>()
    for (const [text, [{ packets = 0 }]] of Object.entries(traffic)) {
      const address = parseAddress(text)!
      if (found.some(longer => contains(longer, address))) continue
      const prefix = prefixOf(address, length)
      const entry = sums.get(formatPrefix(prefix)) ?? { prefix, sum: 0 }
      sums.set(formatPrefix(prefix), { prefix, sum: entry.sum + packets })
    }
    for (const { prefix, sum } of sums.values()) if (sum >= limit) found.push(prefix)
  }
  return found
}
