// A switch of Open vSwitch tells by sFlow, NetFlow v5 and IPFIX of the packets that a mirror port shows: the same packets,
// bytes and directions, and the same ban.

import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { ROUTES } from '#api/contract/routes.ts'
import { mustRun } from '../../lab/command.ts'
import { Lab, type Link } from '../../lab/namespace.ts'
import { floodHosts } from '../../lab/peer/flood-hosts.ts'
import { OpenVswitch } from '../../lab/peer/open-vswitch.ts'
import { mirrorPlan } from '../../lab/plan.ts'
import { RunningDaemon } from '../../lab/running-daemon.ts'
import type { TrafficPart } from '../../lab/traffic.ts'
import { until } from '../../lab/until.ts'
import { mayRunPrograms } from '../may-run-programs.ts'
import { type Metrics, metricsInLab } from '../metrics-endpoint.ts'
import { temporaryFolder } from '../temporary-folder.ts'

const FIRST_METRICS_PORT = 9300
const COLLECTOR_PORT = 2055
const RATE = 10
const FLOODED = '10.10.1.9'
/** The switch looks at its flows now and then. */
const SETTLE_MS = 4000
/** What lasted some seconds is spread as long. */
const DRAIN_MS = 4500

interface Seat {
  readonly name: string
  /** Whether its protocol has IPv6. */
  readonly hasIpv6: boolean
  /** Bytes of a packet that are not told. */
  readonly leavesOut: number
  readonly rate: number
  readonly settings?: string
}

const MIRROR: Seat = { name: 'mirror', hasIpv6: true, leavesOut: 0, rate: 1 }
const TOLD: readonly Seat[] = [
  { name: 'sflow', hasIpv6: true, leavesOut: 0, rate: RATE },
  { name: 'netflow5', hasIpv6: false, leavesOut: 0, rate: 1 },
  // It tells of each packet twice, as it comes in and as it goes out.
  { name: 'ipfix', hasIpv6: true, leavesOut: 14, rate: 1, settings: ', countOnly: ingress' },
]
const CELLS = [
  ['incoming', 'ipv4'],
  ['outgoing', 'ipv4'],
  ['incoming', 'ipv6'],
] as const

const udp = { protocol: 'udp', sourcePort: 4000, targetPort: 8000, share: 1 } as const
const flood = (pps: number, part: Omit<TrafficPart, keyof typeof udp>) => ({
  pps,
  seconds: 4,
  parts: [{ ...udp, ...part }],
})
const FLOODS = [
  flood(1500, { bytes: 400, sources: '198.18.0.0/29', targets: FLOODED }),
  flood(300, { bytes: 1000, sources: '10.10.1.2', targets: '198.18.0.8/29' }),
  flood(300, { bytes: 300, sources: '2001:db8:ffff::/125', targets: '2001:db8:10::3' }),
]

const collectorOf = (at: number): string => `10.255.0.${at + 1}`
const targetOf = (at: number): string => `${collectorOf(at)}:${COLLECTOR_PORT}`

test('Open vSwitch tells of the packets that a mirror port shows', { timeout: 240_000 }, async t => {
  if (!(await mayRunPrograms(t, ['ovs-vswitchd', 'ovsdb-server', 'ovs-vsctl']))) return
  await using lab = await Lab.create(mirrorPlan())
  const [link] = lab.links as [Link]
  const folder = temporaryFolder(t)
  for (const at of TOLD.keys())
    await mustRun([
      'ip',
      '-n',
      lab.namespace('detector'),
      'address',
      'add',
      `${collectorOf(at)}/32`,
      'dev',
      'lo',
    ])
  await using stack = new AsyncDisposableStack()
  const inputs = [
    `capture: { interfaces: [${link.to.interface}] }`,
    ...TOLD.map(
      ({ name, settings = '' }, at) => `telemetry:
  listen: ['${targetOf(at)}']
  exporters: [{ prefix: ${collectorOf(at)}, name: ${name}${settings} }]`,
    ),
  ]
  const daemons = await Promise.all(
    inputs.map(async (input, at) => stack.use(await startDaemon(lab, join(folder, String(at)), input, at))),
  )
  const vswitch = await OpenVswitch.start({
    ...{ lab, role: 'detector', folder: join(folder, 'switch'), interface: link.to.interface },
    ...{ sflow: { target: targetOf(0), rate: RATE }, netflow: { target: targetOf(1) } },
    ipfix: { target: targetOf(2) },
  })
  stack.use(vswitch)

  await floodHosts(lab, link, FLOODS)
  await sleep(SETTLE_MS)
  await vswitch.end()
  await sleep(DRAIN_MS)
  for (const at of TOLD.keys())
    await until(async () => {
      const metrics = await metricsInLab(lab, FIRST_METRICS_PORT + 1 + at)
      const lines = metrics.value('floodwarden_telemetry_spread_lines')
      return lines === 0 || `${lines} lines are still spread`
    })

  const [shown, ...told] = await Promise.all(
    [MIRROR, ...TOLD].map((_, at) => metricsInLab(lab, FIRST_METRICS_PORT + at)),
  )
  for (const [at, seat] of TOLD.entries()) {
    await t.test(`${seat.name}: packets, bytes and directions`, () => assertTold(told[at]!, shown!, seat))
    await t.test(`${seat.name}: the flood is found, nothing is lost or malformed`, async () => {
      const { exporters } = await daemons[at + 1]!.call(ROUTES.exporters, {})
      assert.equal(exporters.length, 1)
      const [known] = exporters
      assert.deepEqual([known?.malformed, known?.unknownProtocol, known?.lostRecords], [0, 0, 0])
      const { attacks } = await daemons[at + 1]!.call(ROUTES.attacks, {})
      assert.deepEqual(
        attacks.map(({ host, direction }) => [host, direction]),
        [[FLOODED, 'incoming']],
      )
    })
  }
})

function startDaemon(lab: Lab, folder: string, input: string, at: number): Promise<RunningDaemon> {
  mkdirSync(folder)
  const config = join(folder, 'config.yaml')
  writeFileSync(
    config,
    `networks: [10.10.0.0/16, 2001:db8:10::/48]
${input}
metrics: { listen: '127.0.0.1:${FIRST_METRICS_PORT + at}' }
traffic: { hostsMax: 4096 }
detection: { thresholds: { incoming: { packetsPerSecond: 800 } } }
`,
  )
  return RunningDaemon.start({
    state: join(folder, 'state'),
    words: ['--config', config],
    spawn: (argv, options) => lab.spawn('detector', argv, options),
  })
}

/** Unsampled within 2 %, sampled within four standard errors; the mean length tells of bytes. */
function assertTold(told: Metrics, shown: Metrics, { hasIpv6, leavesOut, rate }: Seat): void {
  for (const [direction, family] of CELLS) {
    const of = (metrics: Metrics, unit: 'packets' | 'bytes') =>
      metrics.value(`floodwarden_traffic_${unit}_total`, { direction, family })
    const all = of(shown, 'packets')
    const packets = of(told, 'packets')
    const cell = `${direction} ${family}: ${packets} packets, ${of(told, 'bytes')} bytes, shown ${all}, ${of(shown, 'bytes')}`
    assert.ok(all > 1000, cell)
    if (!hasIpv6 && family === 'ipv6') {
      assert.equal(packets, 0, cell)
      continue
    }
    assert.ok(Math.abs(packets - all) <= (rate === 1 ? all * 0.02 : 4 * Math.sqrt(all * rate)), cell)
    const mean = of(shown, 'bytes') / all - leavesOut
    assert.ok(Math.abs(of(told, 'bytes') / packets / mean - 1) < 0.02, cell)
  }
}
