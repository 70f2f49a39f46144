import assert from 'node:assert/strict'
import { test } from 'node:test'
import { trafficHistorySchema } from '#api/contract/traffic-history.ts'
import { parseAddress } from '#lib/ip/address.ts'
import { SILENT } from '#lib/log/logger.ts'
import type { TrafficDay } from '#store/change.ts'
import { temporaryFolder } from '../../../test/temporary-folder.ts'
import { configWith, engineLab, flood, fromHost } from '../engine-for-tests.ts'
import { COLUMNS } from '../engine-worker/columns.ts'
import { RatesView, TOLD_MAX } from '../engine-worker/rates.ts'
import { StateRoom } from '../state/state-room.ts'
import { HistoryDesk } from './history-desk.ts'
import { FINE_MAX, HistoryRoom } from './history-room.ts'

/** Midnight, so that steps are easy to count. */
const BEGAN = Date.UTC(2026, 0, 1)

const NO_HOSTS = { version: 0, numbers: new Float32Array(0), left: 0 }
const NO_ATTACKS = { ids: [], numbers: new Float32Array(0) }
const NOTHING_ELSE = { hosts: NO_HOSTS, attacks: NO_ATTACKS }
const UNKNOWN_YET = { names: -1, hosts: -1 }

const numbersOf = (...values: number[]) =>
  Float32Array.from({ length: 3 * COLUMNS }, (_, at) => values[Math.floor(at / COLUMNS)] ?? 0)

function setUp(state: Pick<StateRoom, 'look'> = { look: async () => [] }) {
  const kept: TrafficDay[] = []
  const room = new HistoryRoom({
    rates: () => Promise.reject(new Error('no engine')),
    keep: day => kept.push(day),
    keepTens: () => {},
  })
  const clock = { now: BEGAN }
  const desk = new HistoryDesk({ room, state, now: () => clock.now })
  /** So many seconds pass, with this traffic. */
  const pass = (seconds: number, packets: number) => {
    for (let second = 0; second < seconds; second++) {
      clock.now += 1000
      const numbers = numbersOf(packets, packets / 2, packets / 4)
      room.take({
        at: clock.now,
        version: 1,
        names: { networks: ['10.0.0.0/8'], hostgroups: [] },
        left: 0,
        numbers,
        ...NOTHING_ELSE,
      })
    }
  }
  const read = async (query: Parameters<HistoryDesk['read']>[0]) => {
    const done = await desk.read(query)
    assert.ok(done.kind === 'done', JSON.stringify(done))
    return trafficHistorySchema.parse(done.value)
  }
  return { room, desk, clock, kept, pass, read }
}

test('the last hour is kept by the second, the last day by ten, and what nobody saw is told as not known', async () => {
  const { clock, pass, read } = setUp()
  pass(20, 100)
  clock.now += 5000
  pass(15, 200)

  const seconds = await read({ series: 'total', from: new Date(BEGAN + 18_000).toISOString() })
  const tens = await read({ series: 'network:10.0.0.0/8', step: 10, from: new Date(BEGAN).toISOString() })

  assert.equal(seconds.stepSeconds, 1)
  assert.equal(seconds.from, '2026-01-01T00:00:18.000Z')
  assert.deepEqual(seconds.incoming.packets.slice(0, 9), [100, 100, 100, null, null, null, null, null, 200])
  assert.equal(seconds.internal?.bits[0], 50)
  assert.deepEqual(tens.incoming.packets, [25, 25, 45, 50])
  assert.equal(tens.internal, undefined)
})

test('each five minutes are kept for the disk, with all that is known of the day', async () => {
  const { kept, pass } = setUp()

  pass(899, 100)
  const before = kept.length
  pass(2, 100)

  assert.equal(before, 6)
  assert.deepEqual(
    kept.slice(6).map(({ series, day }) => [series, day]),
    ['total', 'total-beside', 'network:10.0.0.0/8'].map(series => [series, BEGAN / 86_400_000]),
  )
  const numbers = new Float32Array(kept[6]!.body.buffer)
  assert.equal(numbers.length, 288 * COLUMNS)
  assert.deepEqual([...numbers.subarray(0, 24)].filter(value => value === 100).length, 18)
  assert.equal(numbers.subarray(18).every(Number.isNaN), true)
})

test('what is on the disk is found after a restart, and a restart loses nothing of the day', async t => {
  const directory = temporaryFolder(t)
  const open = async () => {
    const state = new StateRoom({ directory, log: SILENT, now: Date.now, openWaitMs: 60_000 })
    const nobody = {} as Parameters<StateRoom['open']>[0]
    const heirs = { ...nobody, ledger: { recall: () => {} }, late: () => {} }
    await state.open(heirs)
    return state
  }
  const first = await open()
  const one = setUp(first)
  one.pass(601, 100)
  for (const day of one.kept) first.keepTraffic(day)
  await first.close(5000)
  const second = await open()
  t.after(() => second.close(5000))
  const other = setUp(second)
  other.clock.now = BEGAN + 700_000
  other.pass(501, 300)
  for (const day of other.kept) second.keepTraffic(day)

  const history = await other.read({ series: 'total', step: 300, from: new Date(BEGAN).toISOString() })

  assert.deepEqual(history.incoming.packets, [100, 100, 300, 300])
})

test('a step is chosen by how long and how long ago, and answers are bounded', async () => {
  const { clock, pass, read, desk } = setUp()
  pass(1000, 1)
  const ago = (seconds: number) => new Date(clock.now - seconds * 1000).toISOString()

  const steps = await Promise.all(
    [1000, 3000, 80_000, 10_000_000].map(
      async seconds => (await read({ series: 'total', from: ago(seconds) })).stepSeconds,
    ),
  )
  const bounded = await read({ series: 'total', step: 300, from: '2000-01-01T00:00:00Z' })
  const unknown = await desk.read({ series: 'network:192.0.2.0/24' })
  const unanswered = setUp({ look: () => Promise.reject(new Error('the disk is away')) })
  unanswered.pass(1, 1)
  const refused = await unanswered.desk.read({ series: 'total', step: 300 })

  assert.deepEqual(steps, [1, 10, 300, 300])
  assert.equal(bounded.points, 20_000)
  assert.equal(unknown.kind === 'refused' && unknown.code, 'unknown-series')
  assert.equal(refused.kind === 'refused' && refused.code, 'state-unavailable')
})

test('rates come from the engine: of the whole, and of so many networks as are told of', async () => {
  const networks = Array.from({ length: TOLD_MAX + 2 }, (_, at) => `10.${at >> 8}.${at & 255}.0/24`)
  const lab = await engineLab(configWith({ capture: { method: 'off' } }, networks))
  const view = new RatesView(lab.engine, lab.config.traffic.averageSeconds)
  lab.run(5, flood('10.0.0.1', 100))

  const rates = view.read(UNKNOWN_YET)
  const again = view.read({ names: rates.version, hosts: rates.hosts.version })

  assert.equal(rates.names?.networks.length, TOLD_MAX)
  assert.equal(rates.left, 2)
  assert.equal(rates.numbers.length, (TOLD_MAX + 2) * COLUMNS)
  assert.ok(rates.numbers[0]! > 100, String(rates.numbers[0]))
  const place = 2 + (rates.names?.networks ?? []).indexOf('10.0.0.0/24')
  assert.ok(rates.numbers[place * COLUMNS]! > 100, String(rates.numbers[place * COLUMNS]))
  assert.equal(again.names, undefined)
})

test('networks that are no longer ours are forgotten', () => {
  const { room } = setUp()
  const numbers = new Float32Array(3 * COLUMNS)

  room.take({
    at: BEGAN,
    version: 1,
    names: { networks: ['10.0.0.0/8'], hostgroups: [] },
    left: 3,
    numbers,
    ...NOTHING_ELSE,
  })
  room.take({
    at: BEGAN + 1000,
    version: 2,
    names: { networks: ['10.1.0.0/16'], hostgroups: [] },
    left: 0,
    numbers,
    ...NOTHING_ELSE,
  })

  assert.equal(room.get('network:10.0.0.0/8'), undefined)
  assert.ok(room.get('network:10.1.0.0/16'))
  assert.deepEqual(
    [...room.metrics()].map(({ value }) => value),
    [3, 0, 0, 0],
  )
})

const GROUPS = {
  web: { networks: ['10.0.0.0/25'] },
  dns: { networks: ['10.0.0.128/25', '10.0.1.0/24'] },
  idle: { networks: ['10.0.3.0/24'] },
}

/** Packets, bits and flows per second, rounded, of both directions. */
function told(view: RatesView): Record<string, readonly number[]> {
  const { names, numbers } = view.read(UNKNOWN_YET)
  const all = [...(names?.networks ?? []), ...(names?.hostgroups ?? [])]
  return Object.fromEntries(
    all.map((name, at) => {
      const place = (2 + at) * COLUMNS
      return [name, [...numbers.subarray(place, place + COLUMNS)].map(Math.round)]
    }),
  )
}

test('networks and hostgroups are exact sums of their hosts, flows too, and follow a reload', async () => {
  const settings = { capture: { method: 'off' }, traffic: { averageSeconds: 1, flows: 'all' } }
  const networks = ['10.0.0.0/16', '10.0.0.0/24']
  const lab = await engineLab(configWith({ ...settings, hostgroups: GROUPS }, networks))
  const view = new RatesView(lab.engine, lab.config.traffic.averageSeconds)
  const frames = [
    ...[...flood('10.0.0.1', 100), ...flood('10.0.0.200', 30), ...flood('10.0.1.1', 20)],
    ...[...flood('10.0.2.1', 10), ...fromHost('10.0.0.1', 7)],
  ]
  const bits = frames[0]!.length * 8

  lab.run(30, frames)
  const first = told(view)
  const other = { ...GROUPS, web: { networks: ['10.0.2.0/24'] } }
  lab.engine.reconfigure(configWith({ ...settings, hostgroups: other }, networks), lab.now())
  lab.run(30, frames)
  const second = told(view)

  const packets = (name: string, from = first) => [from[name]![0], from[name]![3]]
  assert.deepEqual(Object.keys(first), ['10.0.0.0/24', '10.0.0.0/16', 'web', 'dns', 'idle'])
  assert.deepEqual(packets('web'), [1000, 70])
  assert.deepEqual(packets('dns'), [500, 0])
  assert.deepEqual(first['idle'], [0, 0, 0, 0, 0, 0])
  assert.deepEqual(packets('10.0.0.0/24'), [1300, 70])
  assert.deepEqual(packets('10.0.0.0/16'), [1600, 70])
  assert.equal(first['web']![1], 1000 * bits)
  const { incoming, outgoing } = lab.engine.flowsPerSecond()
  assert.deepEqual([first['10.0.0.0/16']![2], first['10.0.0.0/16']![5]], [incoming, outgoing])
  // Of hosts flows are estimated, the same in each window; wholes are their exact sums.
  const flowsOf = (host: string, side = 0) =>
    lab.engine.pass.flows(lab.engine.hostOf(parseAddress(host)!) * 2 + side)
  assert.deepEqual(
    [first['web']![2], first['web']![5], first['dns']![2]],
    [flowsOf('10.0.0.1'), flowsOf('10.0.0.1', 1), flowsOf('10.0.0.200') + flowsOf('10.0.1.1')].map(
      Math.round,
    ),
  )
  assert.ok(Math.abs(first['web']![2]! - 100) <= 15, `about 100 flows, ${first['web']![2]}`)
  assert.deepEqual(
    [packets('web', second), packets('dns', second)],
    [
      [100, 0],
      [500, 0],
    ],
  )
  assert.deepEqual(packets('10.0.0.0/16', second), [1600, 70])
})

test('the first of each kind are kept finely, further ones by five minutes alone, and days are kept a few a second', async () => {
  const kept: TrafficDay[] = []
  const room = new HistoryRoom({
    rates: () => Promise.reject(new Error('no engine')),
    keep: day => kept.push(day),
    keepTens: () => {},
  })
  const names = {
    networks: Array.from({ length: FINE_MAX + 1 }, (_, at) => `10.0.${at}.0/24`),
    hostgroups: Array.from({ length: FINE_MAX + 1 }, (_, at) => `group-${at}`),
  }
  const numbers = new Float32Array((2 + 2 * (FINE_MAX + 1)) * COLUMNS)
  for (let series = 0; series * COLUMNS < numbers.length; series++)
    numbers.fill(series, series * COLUMNS, (series + 1) * COLUMNS)
  const clock = { now: BEGAN }
  const desk = new HistoryDesk({ room, state: { look: async () => [] }, now: () => clock.now })
  const take = () => {
    clock.now += 1000
    room.take({ at: clock.now, version: 1, names, left: 7, numbers, ...NOTHING_ELSE })
  }
  for (let second = 0; second < 300; second++) take()
  const perSecond = kept.length
  take()
  room.stopping()

  const all = 2 + 2 * (FINE_MAX + 1)
  assert.deepEqual([perSecond, new Set(kept.map(({ series }) => series)).size], [32, all])
  const ask = (series: string, step?: 1 | 10 | 300) =>
    desk.read({ series, from: new Date(BEGAN).toISOString(), ...(step === undefined ? {} : { step }) })
  const fine = await ask(`hostgroup:group-${FINE_MAX - 1}`, 1)
  const coarse = await ask(`hostgroup:group-${FINE_MAX}`)
  const tooFine = await ask(`network:10.0.${FINE_MAX}.0/24`, 10)
  assert.equal(fine.kind === 'done' && fine.value.incoming.flows[5], 2 + FINE_MAX + 1 + FINE_MAX - 1)
  assert.equal(coarse.kind === 'done' && coarse.value.stepSeconds, 300)
  assert.match(tooFine.kind === 'refused' ? tooFine.detail : '', /five minutes alone: ask for a step of 300/)
  const now = desk.hostgroups().hostgroups.at(-1)
  assert.deepEqual(now, {
    hostgroup: `group-${FINE_MAX}`,
    incoming: { packets: all - 1, bits: all - 1, flows: all - 1 },
    outgoing: { packets: all - 1, bits: all - 1, flows: all - 1 },
  })
  assert.equal(desk.networks().networks[0]?.incoming.packets, 2)
  assert.deepEqual(
    [...room.metrics()].map(({ value }) => value),
    [all, 7, 0, 0],
  )
})

test('gaps in what is old are filled from elsewhere; what is known here stays, and what is new is not asked for', async () => {
  const { room, clock, pass } = setUp()
  pass(1200, 100)
  const asked: unknown[] = []
  const elsewhere = {
    read: async (ask: { readonly first: number; readonly count: number }) => {
      asked.push(ask)
      return new Map(Array.from({ length: ask.count }, (_, at) => [ask.first + at, [7, 8, 9, 1, 2, 3]]))
    },
  }
  const desk = new HistoryDesk({
    ...{ room, state: { look: async () => [] }, now: () => clock.now },
    elsewhere: () => elsewhere,
  })
  const read = async (query: Parameters<HistoryDesk['read']>[0]) => {
    const done = await desk.read(query)
    assert.ok(done.kind === 'done')
    return trafficHistorySchema.parse(done.value)
  }
  const iso = (ms: number) => new Date(ms).toISOString()

  const recent = await read({ series: 'total', step: 10, from: iso(clock.now - 300_000) })
  const before = asked.length
  const long = await read({ series: 'network:10.0.0.0/8', step: 10, from: iso(clock.now - 2_400_000) })

  assert.equal(before, 0)
  assert.equal(recent.points, 30)
  assert.equal(asked.length, 1)
  assert.equal(long.incoming.packets[0], 7)
  assert.equal(long.outgoing.flows[0], 3)
  assert.notEqual(long.incoming.packets.at(-2), 7)
})
