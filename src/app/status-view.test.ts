import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CONTROL } from '#3-traffic/host-tables.ts'
import { SILENT } from '#lib/log/logger.ts'
import { buildFrame } from '../../lab/frame.ts'
import { CaptureCrew } from './capture/capture-crew.ts'
import { LINK_STATE } from './capture/task.ts'
import { configWith, engineLab, flood, fromHost } from './engine-for-tests.ts'
import { factsOf } from './engine-worker/engine-facts.ts'
import { StatusView } from './status-view.ts'

const LOOP = {
  ...{ tickMs: 100, share: 0.1, late: 0 },
  ...{ secondsSinceTick: 0.05, lastTickMicros: 900, lastPassMicros: 5000 },
}

async function setUp(loop: Partial<typeof LOOP> = {}) {
  const config = configWith({
    capture: { interfaces: ['eth0', 'eth1'] },
    detection: { thresholds: { incoming: {}, outgoing: {} } },
  })
  const lab = await engineLab(config)
  const crew = new CaptureCrew(config, 1, SILENT)
  const view = new StatusView({
    engine: {
      get facts() {
        return factsOf(lab.engine, { ...LOOP, ...loop })
      },
    },
    crew,
    mode: 'budget',
    armed: true,
    origin: { kind: 'native', file: '/etc/f.yaml' },
    stateDirectory: '/var/lib/f',
    networks: 2,
    startedAt: 0,
    warnings: ['one', 'two'],
    listeners: () => ['two'],
  })
  const controls = crew.sources.map(({ tables }) => tables.control)
  for (const control of controls) control[CONTROL.linkState] = LINK_STATE.up
  return { lab, view, controls }
}

test('packets and drops are told by worker and in sum, with their share', async () => {
  const { view, controls } = await setUp()
  controls[0]![CONTROL.kernelPackets] = 1000
  controls[0]![CONTROL.kernelDrops] = 10
  controls[1]![CONTROL.kernelPackets] = 2000

  const status = view.read(3)

  assert.deepEqual(
    status.capture.map(({ interface: name, packets, dropped, droppedPercent }) => [
      ...[name, packets, dropped, droppedPercent],
    ]),
    [
      ['eth0', 990, 10, 1],
      ['eth1', 2000, 0, 0],
    ],
  )
  assert.deepEqual(
    [status.packetsReceived, status.packetsDropped, status.droppedPercent, status.activeAttacks],
    [3000, 10, 0.33, 3],
  )
  assert.deepEqual(status.origin, { kind: 'native', file: '/etc/f.yaml' })
})

test('warnings stand there once, and drops are one', async () => {
  const { view, controls } = await setUp()
  assert.deepEqual(view.warnings(), ['two', 'one'])

  controls[0]![CONTROL.kernelDrops] = 4

  assert.match(view.warnings()[0]!, /^the kernel dropped 4 packets/)
})

test('ticks that had to become longer are a warning with their cost', async () => {
  const { view } = await setUp({ tickMs: 500, share: 0.412 })

  assert.equal(
    view.warnings()[0],
    'traffic is judged only every 500 ms, because judging it takes 41 % of a core',
  )
})

test('an interface that is down makes the daemon unhealthy', async () => {
  const { view, controls } = await setUp()
  assert.equal(view.health().ok, true)

  controls[1]![CONTROL.linkState] = LINK_STATE.down

  const { ok, checks } = view.health()
  assert.equal(ok, false)
  assert.deepEqual(
    checks.map(check => `${check.name} ${check.ok}`),
    ['capture eth0/0 true', 'capture eth1/1 false', 'decision true', 'configuration true'],
  )
})

test('the numbers of FastNetMon count packets of each family once, and what could not be read', async () => {
  const { view, lab } = await setUp()
  const arp = buildFrame([{ kind: 'ethernet', type: 0x0806 }])
  const [whole] = flood('10.0.0.1', 1)
  lab.run(1, [
    ...flood('10.0.0.1', 20),
    ...flood('2001:db8::1', 5),
    ...fromHost('10.0.0.1', 3),
    arp,
    whole!.slice(0, 20),
  ])

  const numbers = view.fastnetmonNumbers()

  assert.deepEqual(
    [numbers.processedPackets, numbers.ipv4Packets, numbers.ipv6Packets, numbers.notIpPackets],
    [280, 230, 50, 10],
  )
  assert.equal(numbers.unparsedPackets, 10)
  assert.equal(numbers.hosts, 2)
  assert.deepEqual([numbers.ring?.parsedPackets, numbers.ring?.unparsedPackets], [280, 20])
  const flows = numbers.totals.map(
    ({ direction, family, flowsPerSecond }) =>
      `${direction} ${family} ${flowsPerSecond === undefined ? '-' : 'flows'}`,
  )
  assert.deepEqual(flows, [
    ...['incoming 4 flows', 'incoming 6 -', 'outgoing 4 flows', 'outgoing 6 -'],
    ...['internal 4 -', 'internal 6 -', 'other 4 -', 'other 6 -'],
  ])
})

test('the foot of the screen tells each interface once', async () => {
  const { view } = await setUp()

  const { interfaces, armed, mode } = view.screenFacts()

  assert.deepEqual([interfaces, armed, mode], [['eth0', 'eth1'], true, 'budget'])
})
