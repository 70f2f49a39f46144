import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { TrafficDay, TrafficTens } from '#store/change.ts'
import { configWith, engineLab, flood, fromHost } from '../engine-for-tests.ts'
import { COLUMNS } from '../engine-worker/columns.ts'
import { KeptHosts, NEAR_HOSTS, TOP_HOSTS } from '../engine-worker/kept-hosts.ts'
import { HistoryDesk } from './history-desk.ts'
import { HistoryRoom } from './history-room.ts'
import { HostHistory } from './host-history.ts'
import { pack, UNKNOWN, unpack } from './packed.ts'

const SETTINGS = { capture: { method: 'off' }, traffic: { flows: 'all' } }
/** Midnight, so that steps are easy to count. */
const BEGAN = Date.UTC(2026, 0, 1)

test('hosts are told with what they did in the last second alone, though only averages are kept', async () => {
  const config = configWith(SETTINGS)
  const lab = await engineLab(config)
  const view = new KeptHosts(lab.engine, config.traffic.averageSeconds)
  const frames = [...flood('10.0.0.1', 50), ...fromHost('10.0.0.2', 20)]
  const bits = frames[0]!.length * 8

  lab.run(5, frames)
  view.read(-1)
  lab.run(1, frames)
  const busy = view.read(-1)
  lab.run(1, flood('10.0.0.1', 5))
  const quiet = view.read(busy.version)

  assert.deepEqual(busy.names?.toSorted(), ['10.0.0.1', '10.0.0.2'])
  const place = (busy.names ?? []).indexOf('10.0.0.1') * COLUMNS
  const near = (value: number, wanted: number) =>
    assert.ok(Math.abs(value - wanted) <= wanted / 50, `${value}, not ${wanted}`)
  near(busy.numbers[place]!, 500)
  near(busy.numbers[place + 1]!, 500 * bits)
  near(busy.numbers[(COLUMNS - place) * 1 + 3]!, 200)
  assert.equal(quiet.names, undefined)
  near(quiet.numbers[place]!, 50)
  assert.equal(Math.round(quiet.numbers[COLUMNS - place + 3]!), 0)
})

test('of many hosts the first thousand are kept, those near a limit besides, and the others are counted', async () => {
  const many = TOP_HOSTS + 200
  const config = configWith({ ...SETTINGS, traffic: { hostsMax: 4096 } }, ['10.0.0.0/16'])
  const lab = await engineLab(config)
  const hosts = Array.from({ length: many }, (_, at) => `10.0.${1 + (at >> 8)}.${at & 255}`)
  // Each of the thousand is louder than the one that has a low limit.
  const frames = [...hosts.flatMap(host => flood(host, 2)), ...flood('10.0.0.9', 1)]
  lab.engine.reconfigure(
    configWith(
      {
        ...{ ...SETTINGS, traffic: { hostsMax: 4096 } },
        hostgroups: {
          meek: { networks: ['10.0.0.9/32'], thresholds: { incoming: { packetsPerSecond: 20 } } },
        },
      },
      ['10.0.0.0/16'],
    ),
    lab.now(),
  )
  const view = new KeptHosts(lab.engine, config.traffic.averageSeconds)

  lab.run(3, frames)
  const { names = [], left } = view.read(-1)

  assert.ok(names.includes('10.0.0.9'), 'the host near its limit')
  assert.ok(names.length >= TOP_HOSTS && names.length <= TOP_HOSTS + NEAR_HOSTS, String(names.length))
  assert.equal(left, many + 1 - names.length)
})

test('hosts that are somewhat louder than those that are kept take nobody’s place, and much louder ones do', async () => {
  const traffic = { hostsMax: 4096, averageSeconds: 1 }
  const config = configWith({ ...SETTINGS, traffic }, ['10.0.0.0/16'])
  const lab = await engineLab(config)
  const group = (third: number) =>
    Array.from({ length: TOP_HOSTS }, (_, at) => `10.0.${third + (at >> 8)}.${at & 255}`)
  const [kept, others] = [group(0), group(128)]
  const frames = (of: readonly string[], each: number) => of.flatMap(host => flood(host, each))
  const view = new KeptHosts(lab.engine, config.traffic.averageSeconds)

  lab.run(2, [...frames(kept, 2), ...frames(others, 1)])
  const first = view.read(-1)
  lab.run(4, [...frames(kept, 3), ...frames(others, 4)])
  const louder = view.read(first.version)
  lab.run(4, [...frames(kept, 1), ...frames(others, 3)])
  const { names = [] } = view.read(first.version)

  assert.deepEqual(first.names?.toSorted(), kept.toSorted())
  assert.equal(louder.version, first.version)
  assert.ok(others.every(host => names.includes(host)))
})

test('a host under attack is kept, and its history survives a restart by ten seconds', async () => {
  const [days, tens]: [TrafficDay[], TrafficTens[]] = [[], []]
  const room = () =>
    new HistoryRoom({
      rates: () => Promise.reject(new Error('no engine')),
      keep: day => days.push(day),
      keepTens: body => tens.push(body),
    })
  const clock = { now: BEGAN }
  const first = room()
  const pass = (to: HistoryRoom, seconds: number, packets: number) => {
    for (let second = 0; second < seconds; second++) {
      clock.now += 1000
      to.take({
        ...{ at: clock.now, version: 1, names: { networks: [], hostgroups: [] }, left: 0 },
        numbers: new Float32Array(2 * COLUMNS),
        hosts: {
          ...{ version: 1, names: ['10.0.0.1'], left: 5 },
          numbers: Float32Array.from([packets, packets * 800, 3, 0, 0, 0]),
        },
        attacks: { ids: [], numbers: new Float32Array(0) },
      })
    }
  }
  const look = async (about: string, { series }: { series: string }) =>
    (about === 'traffic-tens' ? tens : days).filter(row => row.series === series)
  const deskOf = (of: HistoryRoom) =>
    new HistoryDesk({ room: of, state: { look: look as never }, now: () => clock.now })
  const read = async (of: HistoryRoom, step?: 1 | 10 | 300) => {
    const query = { series: 'host:10.0.0.1', from: new Date(BEGAN).toISOString() }
    const done = await deskOf(of).read({ ...query, ...(step === undefined ? {} : { step }) })
    assert.ok(done.kind === 'done', JSON.stringify(done))
    return done.value
  }

  pass(first, 320, 1000)
  const before = await read(first)
  const newest = await read(first, 10)
  first.stopping()
  const second = room()
  pass(second, 30, 50)
  const after = await read(second)
  const coarse = await read(second, 300)

  assert.equal(before.stepSeconds, 1)
  assert.equal(Math.round(before.incoming.packets[100]!), 1000)
  assert.equal(Math.round(newest.incoming.packets[31]!), 1000)
  assert.equal(after.stepSeconds, 10)
  assert.deepEqual(
    [after.incoming.packets[3], after.incoming.packets[31], after.incoming.packets[33]].map(value =>
      Math.round(value!),
    ),
    [1000, 1000, 50],
  )
  assert.equal(Math.round(coarse.incoming.bits[0]! / 1000), 800)
  assert.deepEqual([first.hosts.left, first.hosts.kept.length], [5, 1])
})

test('a host that is not kept any more fades when its hour is over, and never more are held than there is room for', () => {
  const hosts = new HostHistory()
  const numbers = (count: number) => new Float32Array(count * COLUMNS).fill(7)
  const take = (second: number, version: number, names: string[]) =>
    hosts.take(second, { version, names, numbers: numbers(names.length), left: 0 })
  const begun = BEGAN / 1000

  take(begun, 1, ['a', 'b'])
  take(begun + 1, 2, ['b'])
  const held = hosts.all.length
  take(begun + 4000, 3, ['b'])
  take(begun + 4100, 4, ['b'])

  assert.equal(held, 2)
  assert.deepEqual(
    hosts.all.map(([name]) => name),
    ['host:b'],
  )
  for (let round = 0; round < 5; round++)
    take(
      begun + 5000 + round,
      5 + round,
      Array.from({ length: 600 }, (_, at) => `${round}.${at}`),
    )
  assert.equal(hosts.all.length, 2000)
  assert.equal(hosts.kept.length, 600)
})

test('numbers of hosts whose names are not known are left out', () => {
  const hosts = new HostHistory()

  hosts.take(BEGAN / 1000, { version: 3, numbers: new Float32Array(COLUMNS).fill(1), left: 0 })

  assert.equal(hosts.all.length, 0)
})

test('a speed in 16 bits is right to a two-thousandth', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 2e12, noNaN: true }), value => {
      const back = unpack(pack(value))
      assert.ok(Math.abs(back - value) <= (value + 1) / 2000, `${value} ${back}`)
    }),
  )
  assert.deepEqual([pack(Number.NaN), unpack(UNKNOWN), pack(0), pack(-3)], [UNKNOWN, Number.NaN, 0, 0])
})

test('a host under attack is kept at once, though the table was not walked that far yet', async () => {
  const config = configWith(
    {
      ...SETTINGS,
      traffic: { hostsMax: 8192 },
      detection: { thresholds: { incoming: { packetsPerSecond: 500 } } },
    },
    ['10.0.0.0/16'],
  )
  const lab = await engineLab(config)
  const [frame] = flood('10.0.0.1', 1)
  const scan = Array.from({ length: 5000 }, (_, at) => {
    const copy = frame!.slice()
    copy.set([at >> 8, at & 255], 14 + 18)
    return copy
  })
  lab.run(0.1, scan)
  const victim = '10.0.200.1'
  const opened = lab.run(1, flood(victim, 200)).some(({ kind }) => kind === 'opened')
  const view = new KeptHosts(lab.engine, config.traffic.averageSeconds)

  const first = view.read(-1)

  assert.equal(opened, true)
  assert.ok(lab.engine.detector.numberOf(victim) > 4096)
  assert.deepEqual(first.names, [victim])
})
