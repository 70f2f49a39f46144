import assert from 'node:assert/strict'
import { test } from 'node:test'
import { INCOMING, METRIC, ROW } from '#3-traffic/metric.ts'
import { formatAddress } from '#lib/ip/address.ts'
import { type BanSettings, Bans, type Moment } from './ban.ts'
import type { Standing, Verdict } from './judge.ts'
import { addressFor, limitsWith } from './limits-for-tests.ts'

const WALL = Date.UTC(2026, 0, 1)
/** The wall clock runs an hour wrong from the tenth second on: nothing may depend on it. */
const at = (seconds: number): Moment => ({
  seconds,
  wallMs: WALL + seconds * 1000 + (seconds >= 10 ? 3_600_000 : 0),
})

const SETTINGS: BanSettings = {
  mode: 'budget',
  banSeconds: 60,
  holdSeconds: 10,
  unbanOnlyIfAttackFinished: true,
}
const VICTIM = addressFor('10.0.0.1')
const HOST = 7

function pair(packets: number): Float64Array {
  const rows = new Float64Array(ROW * 2)
  rows[INCOMING + METRIC.packets] = packets
  rows[INCOMING + METRIC.udpPackets] = packets
  rows[INCOMING + METRIC.bytes] = packets * 100
  return rows
}

const [LIMIT] = limitsWith({ incoming: { megabitsPerSecond: 8 } }, 'caches').limits

const verdict = (host = HOST, packets = 40_000): Verdict => ({
  host,
  hostgroup: 'caches',
  limit: LIMIT!,
  perSecond: packets * 100,
  overSeconds: 0.5,
  speeds: pair(packets),
  averages: pair(packets / 2),
})

function setUp(settings: Partial<BanSettings> = {}) {
  const released: number[] = []
  const bans = new Bans({ ...SETTINGS, ...settings }, host => released.push(host))
  /** Ticks each tenth of a second; gives back when something happened, and what. */
  const run = (from: number, to: number, standing: (seconds: number) => Standing | undefined) => {
    const happened: string[] = []
    for (let tick = Math.round(from * 10); tick <= Math.round(to * 10); tick++) {
      const seconds = tick / 10
      for (const { kind, attack } of bans.tick(at(seconds), () => standing(seconds))) {
        const isOver = attack.state === 'open' ? ` ${attack.isOver ? 'over' : 'calm'}` : ` ${attack.endedBy}`
        happened.push(`${seconds} ${kind} ${attack.peak}${isOver}`)
      }
    }
    return happened
  }
  return { bans, released, run }
}

const over = (packets: number): Standing => ({ isOver: true, speeds: pair(packets) })
const calm: Standing = { isOver: false, speeds: pair(10) }

test('an attack opens with what crossed, what it is called, and when', () => {
  const { bans } = setUp()

  const event = bans.open(verdict(), VICTIM, at(5))

  assert.equal(event?.kind, 'opened')
  const { speeds, averages, ...attack } = event!.attack
  assert.deepEqual(attack, {
    id: `${(WALL + 5000).toString(36)}-1`,
    scope: 'host',
    host: '10.0.0.1',
    prefixes: ['10.0.0.1/32'],
    family: 4,
    origin: 'detected',
    hostgroup: 'caches',
    finding: undefined,
    crossing: {
      limit: 'bits',
      direction: 'incoming',
      value: 32e6,
      threshold: 8e6,
      hostgroup: 'caches',
      mode: 'budget',
      overSeconds: 0.5,
    },
    direction: 'incoming',
    power: 40_000,
    protocol: 'udp',
    type: 'udp_flood',
    openedAt: WALL + 5000,
    banSeconds: 60,
    state: 'open',
    peak: 40_000,
    speed: 40_000,
    isOver: true,
    lastOverAt: WALL + 5000,
  })
  assert.equal(speeds.incoming.udpPackets, 40_000)
  assert.equal(averages.incoming.packets, 20_000)
  assert.equal(bans.isBanned('10.0.0.1'), true)
  assert.equal(bans.numberOf('10.0.0.1'), HOST)
})

test('a host is under one attack at a time, and identifiers never repeat', () => {
  const { bans } = setUp()
  const first = bans.open(verdict(), VICTIM, at(5))

  assert.equal(bans.open(verdict(9), VICTIM, at(6)), undefined)
  assert.equal(bans.numberOf('10.0.0.1'), 9)
  assert.equal(bans.openByHand(VICTIM, 'global', 5, at(6)), undefined)
  const other = bans.open(verdict(), addressFor('2001:db8::1'), at(5))

  assert.notEqual(other!.attack.id, first!.attack.id)
  assert.deepEqual(
    bans.all.map(({ host }) => host),
    ['10.0.0.1', '2001:db8::1'],
  )
})

test('a ban ends when its time is over and the host was calm for long enough', () => {
  const { bans, run, released } = setUp()
  bans.open(verdict(), VICTIM, at(0))

  const happened = run(0.1, 200, seconds => (seconds <= 55 ? over(40_000) : calm))

  // 60 s are over at 60, ten calm seconds at 65.
  assert.deepEqual(happened.at(-1), '65 ended 40000 finished')
  assert.deepEqual(released, [HOST])
  assert.equal(bans.isBanned('10.0.0.1'), false)
  assert.deepEqual(bans.all, [])
})

test('a ban lasts its time at least, however short the attack', () => {
  const { bans, run } = setUp()
  bans.open(verdict(), VICTIM, at(0))

  assert.deepEqual(run(0.1, 200, () => undefined).at(-1), '60 ended 40000 finished')
})

test('a ban goes on as long as the attack does', () => {
  const { bans, run } = setUp({ banSeconds: 5, holdSeconds: 1 })
  bans.open(verdict(), VICTIM, at(0))

  assert.deepEqual(
    run(0.1, 100, () => over(40_000)),
    [],
  )
  assert.deepEqual(run(100.1, 200, () => calm).at(-1), '101 ended 40000 finished')
})

test('a ban ends at its time whatever goes on, when the configuration says so', () => {
  const { bans, run } = setUp({ banSeconds: 5, unbanOnlyIfAttackFinished: false })
  bans.open(verdict(), VICTIM, at(0))

  assert.deepEqual(run(0.1, 100, () => over(40_000)).at(-1), '5 ended 40000 finished')
})

test('in plain mode an attack is finished as soon as its average is below the limits', () => {
  const { bans, run } = setUp({ mode: 'plain', banSeconds: 5 })
  bans.open(verdict(), VICTIM, at(0))

  assert.deepEqual(
    run(0.1, 100, seconds => (seconds < 20 ? over(40_000) : calm)).at(-1),
    '20 ended 40000 finished',
  )
})

test('a ban time of 0 lasts until an operator ends it', () => {
  const { bans, run, released } = setUp({ banSeconds: 0 })
  bans.open(verdict(), VICTIM, at(0))
  run(0.1, 2, () => undefined)

  const [event] = [bans.tick(at(1e9), () => undefined), bans.end(formatAddress(VICTIM), 'operator', at(1e9))]

  assert.deepEqual(event, [])
  assert.deepEqual(released, [HOST])
  assert.equal(bans.end(formatAddress(VICTIM), 'operator', at(1e9)), undefined)
})

test('an operator ends a ban at any time, and the attack says so', () => {
  const { bans } = setUp()
  bans.open(verdict(), VICTIM, at(0))

  const event = bans.end(formatAddress(VICTIM), 'operator', at(1))

  assert.equal(event!.kind, 'ended')
  assert.ok(event!.attack.state === 'ended')
  assert.equal(event!.attack.endedBy, 'operator')
  assert.equal(event!.attack.endedAt, WALL + 1000)
  assert.ok(!('isOver' in event!.attack))
})

test('news of an open attack come once a second at most, and none is lost', () => {
  const { bans, run } = setUp()
  bans.open(verdict(), VICTIM, at(0))

  // The peak grows for half a second; the flood ends just after that was told.
  const happened = run(0.1, 9, seconds =>
    seconds <= 1.2 ? over(40_000 + Math.min(seconds, 0.5) * 1000) : calm,
  )

  assert.deepEqual(happened, ['1 updated 40500 over', '2 updated 40500 calm'])
  assert.equal(bans.all[0]!.isOver, false)
  assert.equal(bans.all[0]!.lastOverAt, WALL + 1200)
})

test('a flood that shrinks is news, its peak stays, and small changes are none', () => {
  const { bans, run } = setUp()
  bans.open(verdict(), VICTIM, at(0))

  const happened = run(0.1, 12, seconds => over(seconds < 2.95 ? 39_000 : 25_000))

  assert.deepEqual(happened, ['5 updated 40000 over'])
  assert.equal(bans.all[0]!.speed, 25_000)
})

test('nothing new is no news', () => {
  const { bans, run } = setUp()
  bans.open(verdict(), VICTIM, at(0))

  assert.deepEqual(
    run(0.1, 30, () => over(35_000)),
    [],
  )
})

test('the peak is the highest speed while the host was over a limit, also when it was not told yet', () => {
  const { bans } = setUp()
  bans.open(verdict(), VICTIM, at(0))

  bans.tick(at(0.1), () => over(70_000))
  bans.tick(at(0.2), () => over(50_000))
  bans.tick(at(0.3), () => ({ isOver: false, speeds: pair(90_000) }))
  const event = bans.end(formatAddress(VICTIM), 'operator', at(0.4))

  assert.equal(event!.attack.peak, 70_000)
})

test('a host may leave and come back under another number; its ban goes on', () => {
  const { bans, released } = setUp({ banSeconds: 5, holdSeconds: 1 })
  bans.open(verdict(), VICTIM, at(0))

  bans.left(HOST)
  assert.equal(bans.numberOf('10.0.0.1'), 0)
  assert.equal(bans.rejoin(addressFor('10.0.0.2'), 3), false)
  assert.equal(bans.rejoin(VICTIM, 3), true)
  assert.equal(bans.numberOf('10.0.0.1'), 3)
  // Its old number belongs to somebody else now.
  bans.left(HOST)
  assert.equal(bans.numberOf('10.0.0.1'), 3)

  const asked: number[] = []
  for (const seconds of [1, 10]) {
    bans.tick(at(seconds), host => {
      asked.push(host)
      return seconds === 1 ? over(40_000) : calm
    })
  }
  assert.deepEqual(asked, [3, 3])
  assert.deepEqual(released, [3])
})

test('a host without traffic is not asked for, and is calm', () => {
  const { bans } = setUp({ banSeconds: 5, holdSeconds: 1 })
  bans.open(verdict(), VICTIM, at(0))
  bans.left(HOST)

  const events = bans.tick(at(5), () => assert.fail('nobody is asked'))

  assert.equal(events.at(-1)!.kind, 'ended')
})

test('a ban by hand has no direction, no power and no crossing, and lasts as long as was said', () => {
  const { bans, run } = setUp()

  const event = bans.openByHand(VICTIM, 'caches', 30, at(0))

  assert.equal(event!.kind, 'opened')
  const { origin, direction, power, type, protocol, crossing, hostgroup, banSeconds } = event!.attack
  assert.deepEqual(
    { origin, direction, power, type, protocol, crossing, hostgroup, banSeconds },
    {
      ...{ origin: 'manual', direction: 'other', power: 0, type: 'unknown', protocol: 'unknown' },
      ...{ crossing: undefined, hostgroup: 'caches', banSeconds: 30 },
    },
  )
  // Whether traffic is over a limit does not matter to it.
  bans.rejoin(VICTIM, HOST)
  assert.deepEqual(
    run(0.1, 100, () => over(40_000)),
    ['30 ended 0 finished'],
  )
})

test('a ban by hand without a time lasts until it is ended by hand', () => {
  const { bans } = setUp()
  for (const [text, seconds] of [
    ['10.0.0.1', undefined],
    ['10.0.0.2', 0],
  ] as const) {
    bans.openByHand(addressFor(text), 'global', seconds, at(0))
  }

  assert.deepEqual(
    bans.tick(at(1e9), () => undefined),
    [],
  )
  assert.equal(bans.end(formatAddress(VICTIM), 'operator', at(1e9))!.kind, 'ended')
})

test('what packets say of an open attack stays with it, and is nothing to an attack that ended', () => {
  const { bans } = setUp()
  const finding = { parts: [], confidence: 1, packets: 8 }
  bans.open(verdict(), VICTIM, at(5))

  assert.deepEqual(bans.describe('10.0.0.1', finding)?.finding, finding)
  assert.deepEqual(bans.all[0]?.finding, finding)
  const event = bans.end(formatAddress(VICTIM), 'operator', at(6))
  assert.deepEqual(event?.attack.finding, finding)
  assert.equal(bans.describe('10.0.0.1', finding), undefined)
})
