import assert from 'node:assert/strict'
import { test } from 'node:test'
import { METRIC, ROW } from '#3-traffic/metric.ts'
import { parseAddress } from '#lib/ip/address.ts'
import { parsePrefix } from '#lib/ip/prefix.ts'
import { type AttackNow, Baseline, type BaselineMinute } from './baseline.ts'
import { wordOf } from './baseline-hour.ts'
import type { LearnedPlace } from './baseline-limits.ts'
import { ScopeTable } from './baseline-scopes.ts'
import { hostgroupSchema } from './config.ts'

const NETWORKS = ['10.0.0.0/16', '10.0.1.0/24', '192.0.2.0/24'].map(text => parsePrefix(text)!)
const HOSTGROUPS = { caches: hostgroupSchema.parse({ networks: ['10.0.1.128/25'] }) }
/** By number from 1: one of the wide network, one of the narrow, one of the group, one of the network beside. */
const HOSTS = ['', '10.0.9.1', '10.0.1.1', '10.0.1.129', '192.0.2.1']
const [WIDE, NARROW, CACHE, BESIDE] = [1, 2, 3, 4]
const SCOPES = ['global', 'caches', '10.0.0.0/16', '10.0.1.0/24', '192.0.2.0/24']

const rowOf = (packets: number) => {
  const row = new Float64Array(ROW)
  row[METRIC.packets] = packets
  row[METRIC.bytes] = packets * 100
  return row
}

/** A baseline whose windows last a second; speeds are of incoming packets, by host. */
function stage(hosts = HOSTS.length, table = new ScopeTable(NETWORKS, HOSTGROUPS)) {
  const baseline = new Baseline(table, hosts)
  let seconds = 0
  const attach = (isAttacked = false) => {
    for (const [host, text] of HOSTS.entries())
      if (host > 0 && host < hosts) baseline.attached(host, parseAddress(text)!, true, isAttacked)
  }
  attach()
  const window = (speeds: Record<number, number>, attacks: readonly AttackNow[] = []) => {
    for (const [host, packets] of Object.entries(speeds))
      baseline.visitLast(Number(host) * 2, rowOf(packets), 1, () => 7)
    seconds++
    baseline.endWindow(1, { seconds, wallMs: seconds * 1000 }, attacks, host => HOSTS.indexOf(host))
  }
  /** The rest of the minute is as its first second. */
  const minute = (speeds: Record<number, number>, attacks?: readonly AttackNow[]) => {
    do window(speeds, attacks)
    while (seconds % 60 !== 0)
  }
  return { baseline, attach, window, minute }
}

const of = (minute: BaselineMinute | undefined, scope: string, subject: LearnedPlace['subject']) =>
  minute?.values[minute.scopes.indexOf(scope) * 4 * ROW + wordOf(subject, 0, METRIC.packets)]
const excludedOf = (minutes: readonly BaselineMinute[]) =>
  minutes.map(({ scopes, isExcluded }) => scopes.filter((_, number) => isExcluded[number] === 1).join(' '))

const attackOn = (scope: AttackNow['scope'], host: string, isOver = true): AttackNow => ({
  ...{ scope, host, isOver },
  prefixes: [host],
})

test('a minute holds the busiest host and the sum of all, of each scope and of those above it', () => {
  const { baseline, window, minute } = stage()
  window({ [WIDE!]: 300, [NARROW!]: 500, [CACHE!]: 900, [BESIDE!]: 50 })
  minute({ [WIDE!]: 400, [NARROW!]: 100 })
  minute({})

  const [first, ...others] = baseline.take()

  assert.equal(others.length, 0)
  assert.equal(first?.at, 60_000)
  assert.deepEqual(first?.scopes, SCOPES)
  const seen = SCOPES.map(scope => [of(first, scope, 'host'), of(first, scope, 'total')])
  assert.deepEqual(seen, [
    [500, 850],
    [900, 900],
    [500, 800],
    [500, 500],
    [50, 50],
  ])
  assert.deepEqual(baseline.take(), [])
})

test('what a busy host did in the ticks of a window counts as one window, and not in the next', () => {
  const { baseline, minute, window } = stage()
  for (let tick = 0; tick < 9; tick++) baseline.visit(WIDE! * 2, rowOf(100))
  window({ [WIDE!]: 100, [BESIDE!]: 600 })
  minute({ [WIDE!]: 150 })
  baseline.visit(WIDE! * 2, rowOf(40))
  minute({ [WIDE!]: 150 })
  minute({})

  const [first, second] = baseline.take()

  assert.equal(of(first, 'global', 'host'), 1000)
  assert.equal(of(first, 'global', 'total'), 1600)
  assert.equal(of(second, 'global', 'host'), 190)
})

test('a host number that goes to another host takes no sums along', () => {
  const { baseline, minute, window } = stage()
  baseline.visit(WIDE! * 2, rowOf(5000))
  baseline.detached(WIDE!)
  baseline.attached(WIDE!, parseAddress('10.0.9.2')!, true, false)
  baseline.visit(WIDE! * 2, rowOf(20))
  window({ [WIDE!]: 20 })
  minute({})
  minute({})

  assert.equal(of(baseline.take()[0], 'global', 'host'), 40)
})

test('hosts with a few packets are silent, and count for the total', () => {
  const { baseline, minute } = stage()
  minute({ [WIDE!]: 9, [BESIDE!]: 9 })
  minute({})

  const [first] = baseline.take()

  assert.deepEqual([of(first, 'global', 'host'), of(first, 'global', 'total')], [0, 18])
})

test('an attack takes its minute and the one before, in its scope and above; its host until it is released', () => {
  const { baseline, minute, window } = stage()
  minute({ [NARROW!]: 500 })
  window({ [NARROW!]: 90_000 })
  baseline.attacked(NARROW!)
  minute({ [NARROW!]: 90_000 })
  minute({ [NARROW!]: 90_000, [WIDE!]: 200 })
  baseline.released(NARROW!)
  minute({ [NARROW!]: 300, [WIDE!]: 200 })
  minute({})

  const minutes = baseline.take()

  const upwards = 'global 10.0.0.0/16 10.0.1.0/24'
  assert.deepEqual(excludedOf(minutes), [upwards, upwards, '', ''])
  assert.deepEqual(
    minutes.slice(2).map(each => of(each, 'global', 'host')),
    [200, 300],
  )
})

test('an attack on a prefix takes all scopes with hosts in it, as long as it is over, and the minute before', () => {
  const { baseline, minute } = stage()
  const wide = attackOn('prefix', '10.0.1.0/24')
  minute({})
  minute({})
  minute({}, [wide])
  minute({}, [wide])
  minute({}, [{ ...wide, isOver: false }])
  minute({})

  const touched = 'global caches 10.0.0.0/16 10.0.1.0/24'
  assert.deepEqual(excludedOf(baseline.take()), ['', touched, touched, touched, ''])
})

test('an attack of before a restart takes the minutes of its host only; one without traffic none', () => {
  const { baseline, minute } = stage()
  minute({}, [attackOn('host', '192.0.2.1')])
  minute({}, [attackOn('host', '192.0.2.99')])
  minute({})

  assert.deepEqual(excludedOf(baseline.take()), ['global 192.0.2.0/24', ''])
})

test('minutes that nobody takes are bounded, and the oldest go', () => {
  const { baseline, minute } = stage()
  for (let count = 0; count < 40; count++) minute({})

  const minutes = baseline.take()

  assert.equal(minutes.length, 15)
  assert.equal(minutes[0]?.at, 25 * 60_000)
  assert.equal(baseline.minutesLost, 24)
})

test('with other scopes the minute begins anew, and hosts count for what they are attached to', () => {
  const { baseline, attach, minute, window } = stage()
  minute({ [WIDE!]: 100 })
  window({ [WIDE!]: 7000 })
  baseline.visit(WIDE! * 2, rowOf(7000))
  baseline.rescope(new ScopeTable(NETWORKS.slice(2), {}))
  window({ [BESIDE!]: 8000 })
  attach()
  minute({ [WIDE!]: 30, [BESIDE!]: 20 })
  minute({})
  minute({})

  const [before, after] = baseline.take()

  assert.deepEqual([before?.scopes, of(before, 'global', 'host')], [SCOPES, 100])
  assert.deepEqual(after?.scopes, ['global', '192.0.2.0/24'])
  // The host outside of what is left has no scope of its own, and is one of all.
  assert.deepEqual([of(after, 'global', 'host'), of(after, '192.0.2.0/24', 'total')], [30, 20])
})

test('more busy lines than there is room for are counted and left out of their ticks only', () => {
  const hosts = 65_600
  const baseline = new Baseline(new ScopeTable(NETWORKS, {}), hosts)
  const address = parseAddress('10.0.9.1')!
  const row = rowOf(20)
  for (let host = 1; host < hosts; host++) baseline.attached(host, address, true, false)
  for (let host = 1; host < hosts; host++) baseline.visit(host * 2, row)
  assert.equal(baseline.busyRefused, hosts - 1 - 65_535)
  for (let host = 1; host < hosts; host++) baseline.visitLast(host * 2, row, 60, () => 0)
  baseline.endWindow(60, { seconds: 60, wallMs: 60_000 }, [], () => 0)
  baseline.endWindow(60, { seconds: 120, wallMs: 120_000 }, [], () => 0)

  const total = of(baseline.take()[0], 'global', 'total') ?? 0

  assert.equal(Math.round(total * 60), 20 * (hosts - 1 + 65_535))
})

test('where nothing is learned nothing is measured', () => {
  const { baseline, minute } = stage(HOSTS.length, new ScopeTable(NETWORKS, HOSTGROUPS, false))
  baseline.visit(WIDE! * 2, rowOf(1000))
  baseline.attacked(WIDE!)
  minute({ [WIDE!]: 1000 })
  minute({})

  assert.deepEqual(baseline.take(), [])
})
