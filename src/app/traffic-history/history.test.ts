import assert from 'node:assert/strict'
import { test } from 'node:test'
import { trafficHistorySchema } from '#api/contract/traffic-history.ts'
import { SILENT } from '#lib/log/logger.ts'
import type { TrafficDay } from '#store/change.ts'
import { temporaryFolder } from '../../../test/temporary-folder.ts'
import { configWith, engineLab, flood } from '../engine-for-tests.ts'
import { COLUMNS, NETWORKS_MAX, RatesView } from '../engine-worker/rates.ts'
import { StateRoom } from '../state/state-room.ts'
import { HistoryDesk } from './history-desk.ts'
import { HistoryRoom } from './history-room.ts'

/** Midnight, so that steps are easy to count. */
const BEGAN = Date.UTC(2026, 0, 1)

const numbersOf = (...values: number[]) =>
  Float32Array.from({ length: 3 * COLUMNS }, (_, at) => values[Math.floor(at / COLUMNS)] ?? 0)

function setUp(state: Pick<StateRoom, 'look'> = { look: async () => [] }) {
  const kept: TrafficDay[] = []
  const room = new HistoryRoom({
    rates: () => Promise.reject(new Error('no engine')),
    keep: day => kept.push(day),
  })
  const clock = { now: BEGAN }
  const desk = new HistoryDesk({ room, state, now: () => clock.now })
  /** So many seconds pass, with this traffic. */
  const pass = (seconds: number, packets: number) => {
    for (let second = 0; second < seconds; second++) {
      clock.now += 1000
      const numbers = numbersOf(packets, packets / 2, packets / 4)
      room.take({ at: clock.now, version: 1, networks: ['10.0.0.0/8'], left: 0, numbers })
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
    const state = new StateRoom({ directory, log: SILENT, now: Date.now })
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
  pass(1, 1)
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

test('rates come from the engine: of the whole, and of so many networks as are kept', async () => {
  const networks = Array.from({ length: NETWORKS_MAX + 2 }, (_, at) => `10.${at}.0.0/24`)
  const lab = await engineLab(configWith({ capture: { method: 'off' } }, networks))
  const view = new RatesView(lab.engine)
  lab.run(5, flood('10.0.0.1', 100))

  const rates = view.read(-1)
  const again = view.read(rates.version)

  assert.equal(rates.networks?.length, NETWORKS_MAX)
  assert.equal(rates.left, 2)
  assert.equal(rates.numbers.length, (NETWORKS_MAX + 2) * COLUMNS)
  assert.ok(rates.numbers[0]! > 100, String(rates.numbers[0]))
  const place = 2 + (rates.networks ?? []).indexOf('10.0.0.0/24')
  assert.ok(rates.numbers[place * COLUMNS]! > 100, String(rates.numbers[place * COLUMNS]))
  assert.equal(again.networks, undefined)
})

test('networks that are no longer ours are forgotten', () => {
  const { room } = setUp()
  const numbers = new Float32Array(3 * COLUMNS)

  room.take({ at: BEGAN, version: 1, networks: ['10.0.0.0/8'], left: 3, numbers })
  room.take({ at: BEGAN + 1000, version: 2, networks: ['10.1.0.0/16'], left: 0, numbers })

  assert.equal(room.get('network:10.0.0.0/8'), undefined)
  assert.ok(room.get('network:10.1.0.0/16'))
  assert.deepEqual(
    [...room.metrics()].map(({ value }) => value),
    [3, 0],
  )
})
