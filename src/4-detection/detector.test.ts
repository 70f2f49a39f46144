import assert from 'node:assert/strict'
import { test } from 'node:test'
import { METRIC, type Metric, ROW } from '#3-traffic/metric.ts'
import type { AttackEvent } from './attack.ts'
import { type DetectionConfig, type HostgroupConfig, hostgroupSchema } from './config.ts'
import { Detector, type LineReadings } from './detector.ts'
import { addressFor, detectionWith } from './limits-for-tests.ts'
import { Membership } from './membership.ts'

const VICTIM = 3
const OTHER = 4
const ADDRESSES: Readonly<Record<number, string>> = { [VICTIM]: '10.0.0.1', [OTHER]: '2001:db8::1' }
const WALL = Date.UTC(2026, 0, 1)

type Speeds = Partial<Record<Metric, number>>

/** Lines that say what a test wrote down for the tick. */
class Readings implements LineReadings {
  readonly row = new Float64Array(ROW)
  readonly speeds = new Map<number, Speeds>()
  windowFlows = 0
  seconds = 0.1
  windowSeconds = 1

  read(line: number): void {
    this.row.fill(0)
    this.windowFlows = this.flows(line)
    for (const [name, value] of Object.entries(this.speeds.get(line) ?? {})) {
      if (name !== 'flows') this.row[METRIC[name as Metric]] = value * this.seconds
    }
  }

  flows(line: number): number {
    return (this.speeds.get(line)?.flows ?? 0) * this.windowSeconds
  }

  flowsLately(line: number): number {
    return this.flows(line)
  }

  address(host: number) {
    return addressFor(ADDRESSES[host]!)
  }
}

interface SetUp {
  readonly detection?: Partial<DetectionConfig> | object
  readonly hostgroups?: Readonly<Record<string, HostgroupConfig>>
  readonly whitelist?: readonly string[]
}

/** A detector with two hosts, told tick by tick how fast their lines are (`host * 2 + side`, per second). */
function setUp({ detection = {}, hostgroups = {}, whitelist = [] }: SetUp = {}) {
  const told: string[] = []
  const config = detectionWith({ thresholds: { incoming: { packetsPerSecond: 1000 } }, ...detection })
  const readings = new Readings()
  const detector = new Detector({
    detection: config,
    membership: new Membership({ detection: config, hostgroups, whitelist }),
    averageSeconds: 5,
    hosts: 16,
    suspects: { began: host => told.push(`began ${host}`), ended: host => told.push(`ended ${host}`) },
  })
  for (const host of [VICTIM, OTHER]) detector.attached(host, readings.address(host))
  const seconds = config.mode === 'plain' ? 1 : 0.1
  readings.seconds = seconds
  let ticks = 0
  const now = () => ({ seconds: ticks * seconds, wallMs: WALL + ticks * seconds * 1000 })
  const tick = (speeds: Readonly<Record<number, Speeds>> = {}, isWindow = config.mode === 'plain') => {
    ticks++
    readings.speeds.clear()
    const lines = Object.keys(speeds).map(Number)
    for (const line of lines) readings.speeds.set(line, speeds[line]!)
    const due = { lines: Int32Array.from([...lines, 99]), count: lines.length }
    return detector.tick(
      { now: now(), seconds, lines: due, windowSeconds: isWindow ? readings.windowSeconds : undefined },
      readings,
    )
  }
  return { detector, tick, now, told, readings }
}

const IN = VICTIM * 2
const kinds = (events: readonly AttackEvent[]) => events.map(({ kind, attack }) => `${kind} ${attack.host}`)

test('a flood opens one attack, which ends when it is over and its time has passed', () => {
  const { tick, detector, told } = setUp({ detection: { banSeconds: 20, holdSeconds: 1 } })
  const flood = { [IN]: { packets: 5000, udpPackets: 5000, bytes: 500_000 } }

  const opened = [tick(flood), tick(flood)].flat()
  const during = Array.from({ length: 100 }, () => tick(flood)).flat()
  const after = Array.from({ length: 200 }, () => tick()).flat()

  assert.deepEqual(kinds(opened), ['opened 10.0.0.1'])
  assert.deepEqual(kinds(during), [])
  assert.deepEqual(kinds(after).at(-1), 'ended 10.0.0.1')
  assert.equal(kinds(after).filter(kind => kind.startsWith('opened')).length, 0)
  assert.deepEqual(told, ['began 3', 'ended 3'])
  assert.equal(detector.isBanned('10.0.0.1'), false)
})

test('hosts are judged each for itself, IPv4 and IPv6 alike', () => {
  const { tick, detector } = setUp()

  const events = tick({ [IN]: { packets: 20_000 }, [OTHER * 2]: { packets: 20_000 } })

  assert.deepEqual(kinds(events), ['opened 10.0.0.1', 'opened 2001:db8::1'])
  assert.equal(detector.open.length, 2)
  assert.equal(detector.numberOf('2001:db8::1'), OTHER)
})

test('an attack is told with the flows of the sketch, per second', () => {
  const { tick, readings } = setUp()
  readings.windowSeconds = 4

  const [event] = tick({ [IN]: { packets: 20_000, flows: 900 }, [IN + 1]: { packets: 5, flows: 7 } })

  assert.equal(event!.attack.speeds.incoming.flows, 900)
  assert.equal(event!.attack.speeds.outgoing.flows, 7)
  assert.equal(event!.attack.averages.incoming.flows, 900)
})

test('a flood of flows alone is told with its packets, type and direction', () => {
  const { tick } = setUp({ detection: { thresholds: { incoming: { flowsPerSecond: 100 } } } })
  const flood = { [IN]: { packets: 500, bytes: 30_000, synPackets: 500, tcpPackets: 500, flows: 400 } }

  const events = [...Array.from({ length: 9 }, () => tick(flood)), tick(flood, true), tick(flood)].flat()

  assert.equal(events.length, 1)
  const { direction, type, power, crossing, speeds } = events[0]!.attack
  assert.deepEqual({ direction, type, power }, { direction: 'incoming', type: 'syn_flood', power: 500 })
  assert.equal(crossing!.limit, 'flows')
  assert.equal(crossing!.value, 400)
  assert.equal(speeds.incoming.flows, 400)
})

test('what devices report as dropped has limits of its own', () => {
  const thresholds = { incoming: { dropped: { packetsPerSecond: 300, megabitsPerSecond: 1 } } }
  const { tick } = setUp({ detection: { thresholds } })
  const few = { [IN]: { packets: 90_000, bytes: 9e6, droppedPackets: 290, droppedBytes: 29_000 } }
  const many = { [IN]: { packets: 1000, bytes: 100_000, droppedPackets: 900, droppedBytes: 90_000 } }
  const large = { [OTHER * 2]: { packets: 250, bytes: 350_000, droppedPackets: 250, droppedBytes: 350_000 } }

  const calm = Array.from({ length: 50 }, () => tick(few)).flat()
  const events = Array.from({ length: 50 }, () => tick({ ...many, ...large })).flat()

  assert.deepEqual(calm, [])
  const crossings = events.map(({ attack: { host, crossing } }) => [host, crossing?.limit, crossing?.value])
  assert.deepEqual(
    crossings.toSorted(),
    [
      ['10.0.0.1', 'dropped-packets', 900],
      ['2001:db8::1', 'dropped-bits', 2_800_000],
    ].toSorted(),
  )
})

test('flows are judged of every line that had traffic in the window, also when its last tick was silent', () => {
  const { tick, readings } = setUp({ detection: { thresholds: { incoming: { flowsPerSecond: 100 } } } })
  tick({ [IN]: { packets: 500, flows: 400 } })
  readings.flows = () => 400

  const events = [tick({}, true), tick()].flat()

  assert.deepEqual(kinds(events), ['opened 10.0.0.1'])
})

test('plain mode judges the average of whole steps', () => {
  const { tick, detector } = setUp({ detection: { mode: 'plain', banSeconds: 3 } })

  const steps = Array.from({ length: 4 }, () => kinds(tick({ [IN]: { packets: 3000 } })))
  const after = Array.from({ length: 9 }, () => kinds(tick()))

  assert.deepEqual(steps, [[], [], ['opened 10.0.0.1'], ['updated 10.0.0.1']])
  assert.deepEqual(after.flat().at(-1), 'ended 10.0.0.1')
  assert.equal(detector.open.length, 0)
})

test('whitelisted hosts and groups that are exempt are never attacked', () => {
  const flood = { [IN]: { packets: 1e6 }, [OTHER * 2]: { packets: 1e6 } }
  const exempt = hostgroupSchema.parse({ networks: ['2001:db8::/32'], enableBan: false })
  const { tick } = setUp({ whitelist: ['10.0.0.0/24'], hostgroups: { exempt } })

  assert.deepEqual([tick(flood), tick(flood)].flat(), [])
})

test('a hostgroup has limits of its own, and its name is told', () => {
  const caches = hostgroupSchema.parse({
    networks: ['10.0.0.1/32'],
    thresholds: { incoming: { packetsPerSecond: 50_000 }, outgoing: {} },
  })
  const { tick } = setUp({ hostgroups: { caches } })

  assert.deepEqual(tick({ [IN]: { packets: 20_000 } }), [])
  const [event] = tick({ [IN]: { packets: 500_000 } })

  assert.equal(event!.attack.hostgroup, 'caches')
  assert.equal(event!.attack.crossing!.threshold, 50_000)
})

test('a ban by hand holds for a host without traffic, and a flood during it opens nothing more', () => {
  const { detector, tick, now } = setUp()

  const opened = detector.ban(addressFor('10.0.0.1'), 60, now())
  const again = detector.ban(addressFor('10.0.0.1'), 60, now())
  const events = Array.from({ length: 20 }, () => tick({ [IN]: { packets: 50_000 } })).flat()

  assert.deepEqual(kinds([opened!]), ['opened 10.0.0.1'])
  assert.equal(again, undefined)
  assert.deepEqual(events, [])
  assert.equal(detector.numberOf('10.0.0.1'), VICTIM)
})

test('an operator who ends a ban during the flood sees it opened again', () => {
  const { detector, tick, now } = setUp()
  tick({ [IN]: { packets: 20_000 } })

  const ended = detector.unban('10.0.0.1', now())
  const events = tick({ [IN]: { packets: 20_000 } })

  assert.deepEqual(kinds([ended!]), ['ended 10.0.0.1'])
  assert.deepEqual(kinds(events), ['opened 10.0.0.1'])
  assert.equal(detector.unban('192.0.2.1', now()), undefined)
})

test('a ban holds on when its host is let go, and goes on under the number it comes back with', () => {
  const { detector, tick, readings } = setUp({ detection: { banSeconds: 5, holdSeconds: 1 } })
  tick({ [IN]: { packets: 20_000 } })

  detector.detached(VICTIM)
  assert.equal(detector.isBanned('10.0.0.1'), true)
  assert.equal(detector.numberOf('10.0.0.1'), 0)
  detector.attached(9, readings.address(VICTIM))
  assert.equal(detector.numberOf('10.0.0.1'), 9)

  // It floods still: no second attack, and the first one does not end.
  const during = Array.from({ length: 100 }, () => tick({ [9 * 2]: { packets: 20_000 } })).flat()
  assert.deepEqual(
    during.filter(event => event.kind !== 'updated'),
    [],
  )
  const after = Array.from({ length: 60 }, () => tick()).flat()
  assert.deepEqual(kinds(after).at(-1), 'ended 10.0.0.1')
})

test('suspects are counted', () => {
  const { detector, tick } = setUp()

  tick({ [IN]: { packets: 2000 } })

  assert.equal(detector.suspects, 1)
  assert.equal(detector.suspectsRefused, 0)
  assert.deepEqual(detector.open, [])
})
