// The same packets at a mirror port and told of by real exporters: same packets, bytes and hosts, and the same ban.

import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { ROUTES } from '#api/contract/routes.ts'
import { mustRun } from '../../lab/command.ts'
import { Lab, type Link } from '../../lab/namespace.ts'
import { floodHosts, type HostFlood } from '../../lab/peer/flood-hosts.ts'
import { mirrorPlan } from '../../lab/plan.ts'
import { type RecordingScript, recordingScript } from '../../lab/recording-script.ts'
import { RunningDaemon } from '../../lab/running-daemon.ts'
import type { TrafficPart } from '../../lab/traffic.ts'
import { mayRunPrograms } from '../may-run-programs.ts'
import { Metrics } from '../metrics-endpoint.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { COLLECTOR_PORT, REAL_EXPORTERS, type RealExporter, RunningExporters } from './real-exporters.ts'

const FLOODED = '10.10.1.9'
const LIMIT = 800
const FIRST_METRICS_PORT = 9300
const POLL_MS = 250
/** What pmacct still has is told of when it ends; what lasted some six seconds is spread as long, and averages fade. */
const DRAIN_MS = 12_000
/** A daemon that gets no processor for a second while its speeds are looked at is to lose little of their sum. */
const AVERAGE_SECONDS = 2

const few = { sourcePort: 4000, targetPort: 8000, share: 1 } as const
const udp4 = { ...few, protocol: 'udp', sources: '198.18.0.0/29' } as const
const outside6 = '2001:db8:ffff::/125'
const flood = (pps: number, seconds: number, part: TrafficPart): HostFlood => ({
  pps,
  seconds,
  parts: [part],
})
const FLOODS: readonly HostFlood[] = [
  flood(250, 6, { ...udp4, bytes: 500, targets: '10.10.1.1' }),
  flood(150, 6, {
    ...udp4,
    bytes: 1000,
    sources: '10.10.1.2',
    targets: '198.18.0.8/29',
  }),
  flood(100, 6, { ...few, bytes: 300, protocol: 'udp', sources: outside6, targets: '2001:db8:10::3' }),
  flood(100, 6, { ...few, bytes: 700, protocol: 'udp', sources: '2001:db8:10::4', targets: outside6 }),
  flood(2000, 6, { ...udp4, bytes: 400, sources: '198.18.1.0/25', targets: FLOODED }),
]
/**
 * One flow of hosts that are not ours, so it counts nowhere: softflowd sees the packets of a block of its ring when the block
 * is full, so others have to follow. Meanwhile flows end, after a second of silence, which it looks for once a second.
 */
const AFTERWARDS = flood(2000, 2.5, {
  ...few,
  protocol: 'udp',
  bytes: 100,
  sources: '203.0.113.1',
  targets: '203.0.113.2',
})
/** Each of ours with the direction of its traffic, in the order of the floods. */
const HOSTS = [
  ['incoming', '10.10.1.1'],
  ['outgoing', '10.10.1.2'],
  ['incoming', '2001:db8:10::3'],
  ['outgoing', '2001:db8:10::4'],
  ['incoming', FLOODED],
] as const
const sentTo = (at: number): number => FLOODS[at]!.pps * FLOODS[at]!.seconds
const CELLS = [
  ['incoming', 'ipv4'],
  ['outgoing', 'ipv4'],
  ['incoming', 'ipv6'],
  ['outgoing', 'ipv6'],
] as const

/** One daemon and what it is told by: a mirror port or an exporter. */
interface Seat {
  readonly daemon: RunningDaemon
  readonly script: RecordingScript
  readonly metricsPort: number
  /** By direction and host: packets, as its speed adds up over the run. */
  readonly speeds: Map<string, number>
}

interface Played {
  readonly mirror: Seat
  readonly told: readonly Seat[]
  readonly totals: ReadonlyMap<Seat, Metrics>
  readonly endedEarly: readonly number[]
}

const collectorOf = (at: number): string => `10.255.0.${at + 1}`

test('real exporters tell of the packets that a mirror port shows', { timeout: 240_000 }, async t => {
  if (!(await mayRunPrograms(t, ['softflowd', 'pmacctd']))) return
  await using stack = new AsyncDisposableStack()
  const lab = stack.use(await Lab.create(mirrorPlan()))
  const played = await play(t, lab, stack)

  assert.deepEqual(played.endedEarly, [], 'exporters that ended by themselves')
  await t.test('the mirror port shows all that was sent', () => {
    const sent = FLOODS.reduce((sum, _, at) => sum + sentTo(at), 0)
    assert.equal(
      cells(played, played.mirror, 'packets').reduce((sum, packets) => sum + packets, 0),
      sent,
    )
    assertBan(played.mirror)
  })
  for (const [at, exporter] of REAL_EXPORTERS.entries()) {
    const seat = played.told[at]!
    await t.test(`${exporter.name}: packets, bytes, hosts and directions`, () =>
      assertTotals(played, seat, exporter),
    )
    await t.test(`${exporter.name}: speeds of hosts`, () => assertSpeeds(seat, exporter))
    await t.test(`${exporter.name}: the flood is banned, and the exporter is known`, async () => {
      assertBan(seat)
      const { exporters } = await seat.daemon.call(ROUTES.exporters, {})
      assert.equal(exporters.length, 1)
      const [known] = exporters
      assert.equal(known?.name, exporter.name)
      assert.deepEqual(
        [known?.malformed, known?.unknownProtocol, known?.unknownTemplates, known?.lostRecords],
        [0, 0, 0, 0],
      )
      if (exporter.transport === 'tcp') {
        assert.deepEqual(known?.domains, [], 'they end with their connection')
        return
      }
      const carrying = known?.domains.find(({ protocol }) => protocol === exporter.protocol)
      assert.ok(carrying, JSON.stringify(known?.domains))
      if (exporter.rate > 1)
        assert.deepEqual([carrying.samplingRate, carrying.samplingRateFrom], [exporter.rate, 'told'])
    })
  }
})

/** The whole run, and what everybody knows at its end. */
async function play(t: TestContext, lab: Lab, stack: AsyncDisposableStack): Promise<Played> {
  const [link] = lab.links as [Link]
  const detector = lab.namespace('detector')
  const folder = temporaryFolder(t)
  for (const at of REAL_EXPORTERS.keys())
    await mustRun(['ip', '-n', detector, 'address', 'add', `${collectorOf(at)}/32`, 'dev', 'lo'])
  const seats = await Promise.all([
    openSeat(
      lab,
      stack,
      join(folder, 'mirror'),
      FIRST_METRICS_PORT,
      `capture: { interfaces: [${link.to.interface}] }`,
    ),
    ...REAL_EXPORTERS.map(({ name, transport }, at) =>
      openSeat(
        lab,
        stack,
        join(folder, String(at)),
        FIRST_METRICS_PORT + 1 + at,
        `telemetry:
  ${transport === 'udp' ? 'listen' : 'tcp'}: ['${collectorOf(at)}:${COLLECTOR_PORT}']
  exporters: [{ prefix: ${collectorOf(at)}, name: '${name}' }]`,
      ),
    ),
  ])
  const [mirror, ...told] = seats as [Seat, ...Seat[]]
  const exporters = await RunningExporters.start(
    REAL_EXPORTERS.map((exporter, at) => [
      exporter,
      {
        lab,
        role: 'detector',
        interface: link.to.interface,
        collector: collectorOf(at),
        folder: join(folder, String(at)),
      },
    ]),
  )
  await Promise.all(seats.map(({ daemon }) => daemon.untilSettled()))
  const over = new AbortController()
  const watching = watchSpeeds(told, over.signal)
  await floodHosts(lab, link, FLOODS)
  await floodHosts(lab, link, [AFTERWARDS])
  const endedEarly = exporters.ended
  await exporters.end()
  await sleep(DRAIN_MS)
  over.abort()
  await watching
  return { mirror, told, totals: await readTotals(lab, seats), endedEarly }
}

async function openSeat(
  lab: Lab,
  stack: AsyncDisposableStack,
  folder: string,
  metricsPort: number,
  input: string,
): Promise<Seat> {
  mkdirSync(folder)
  const script = recordingScript(folder)
  const config = join(folder, 'config.yaml')
  writeFileSync(
    config,
    `networks: [10.10.0.0/16, 2001:db8:10::/48]
${input}
metrics: { listen: '127.0.0.1:${metricsPort}' }
traffic: { averageSeconds: ${AVERAGE_SECONDS}, hostsMax: 4096 }
mitigation: { armed: true }
enforcement: { notifyScript: { path: ${script.path} } }
detection:
  banSeconds: 60
  thresholds: { incoming: { packetsPerSecond: ${LIMIT} } }
`,
  )
  const daemon = await RunningDaemon.start({
    state: join(folder, 'state'),
    words: ['--config', config],
    spawn: (argv, options) => lab.spawn('detector', argv, options),
  })
  stack.use(daemon)
  return { daemon, script, metricsPort, speeds: new Map() }
}

/** Adds up the speeds of hosts until it is told to end: over a run that begins and ends in silence, their packets. */
async function watchSpeeds(seats: readonly Seat[], over: AbortSignal): Promise<void> {
  const watch = async (look: SpeedLook) => {
    while (!over.aborted) {
      await sleep(POLL_MS)
      await look.again()
    }
  }
  await Promise.all(seats.map(seat => watch(new SpeedLook(seat))))
}

/** Between two looks, however far apart, a speed is taken to change evenly. */
class SpeedLook {
  readonly #seat: Seat
  #at = performance.now()
  #last = new Map<string, number>()

  constructor(seat: Seat) {
    this.#seat = seat
  }

  async again(): Promise<void> {
    const { daemon, speeds } = this.#seat
    const asked = performance.now()
    const traffic = await daemon.call(ROUTES.traffic, { limit: 100 })
    const at = (asked + performance.now()) / 2
    const seconds = (at - this.#at) / 1000
    const now = new Map<string, number>(
      (['incoming', 'outgoing'] as const).flatMap(direction =>
        traffic[direction].hosts.map(({ host, packets }) => [`${direction} ${host}`, packets] as const),
      ),
    )
    for (const key of new Set([...this.#last.keys(), ...now.keys()])) {
      const mean = ((this.#last.get(key) ?? 0) + (now.get(key) ?? 0)) / 2
      speeds.set(key, (speeds.get(key) ?? 0) + mean * seconds)
    }
    this.#at = at
    this.#last = now
  }
}

const READ = `const read = async port => (await fetch('http://127.0.0.1:' + port + '/metrics')).text()
process.stdout.write(JSON.stringify(await Promise.all(process.argv.slice(1).map(read))))`

async function readTotals(lab: Lab, seats: readonly Seat[]): Promise<ReadonlyMap<Seat, Metrics>> {
  const ports = seats.map(({ metricsPort }) => String(metricsPort))
  const argv = [process.execPath, '--input-type=module', '-e', READ, ...ports]
  const text = await mustRun(['ip', 'netns', 'exec', lab.namespace('detector'), ...argv])
  const pages = z.array(z.string()).parse(JSON.parse(text))
  return new Map(seats.map((seat, at) => [seat, new Metrics(pages[at]!)]))
}

function cells({ totals }: Played, seat: Seat, unit: 'packets' | 'bytes'): number[] {
  const metrics = totals.get(seat)!
  return CELLS.map(([direction, family]) =>
    metrics.value(`floodwarden_traffic_${unit}_total`, { direction, family }),
  )
}

/** Unsampled: 2 % of the packets. Sampled: four standard errors of as many samples as there were. */
const allowance = (packets: number, rate: number): number =>
  rate === 1 ? packets * 0.02 : 4 * Math.sqrt(packets * rate)

function assertTotals(played: Played, seat: Seat, { hasIpv6, leavesOut, rate }: RealExporter): void {
  const [packets, bytes] = [cells(played, seat, 'packets'), cells(played, seat, 'bytes')]
  const [shownPackets, shownBytes] = [
    cells(played, played.mirror, 'packets'),
    cells(played, played.mirror, 'bytes'),
  ]
  for (const [at, [direction, family]] of CELLS.entries()) {
    const shown = shownPackets[at]!
    const told = packets[at]!
    const isTold = hasIpv6 || family === 'ipv4'
    const cell = `${direction} ${family}: ${told} packets, ${bytes[at]} bytes, shown ${shown}, ${shownBytes[at]}`
    assert.ok(Math.abs(told - (isTold ? shown : 0)) <= allowance(shown, rate), cell)
    if (!isTold) continue
    const mean = (shownBytes[at]! - leavesOut * shown) / shown
    // Packets of one cell are not all of one length, so a sampled mean is a little off.
    assert.ok(Math.abs(bytes[at]! / told / mean - 1) <= (rate === 1 ? 0.01 : 0.04), cell)
  }
}

/** They are compared with what was sent, all of which the mirror port has shown. */
function assertSpeeds(seat: Seat, { hasIpv6, rate }: RealExporter): void {
  for (const [at, [direction, host]] of HOSTS.entries()) {
    const key = `${direction} ${host}`
    const sent = sentTo(at)
    const told = seat.speeds.get(key) ?? 0
    const isTold = hasIpv6 || !host.includes(':')
    // Added up from looks some way apart: 8 % beside the sampling error. The bursts of sFlow are seen less well.
    const off = sent * (rate === 1 ? 0.08 : 0.35) + allowance(sent, rate)
    assert.ok(Math.abs(told - (isTold ? sent : 0)) <= off, `${key}: ${told}, sent ${sent}`)
  }
}

function assertBan({ script }: Seat): void {
  const bans = script.calls().filter(({ action }) => action === 'ban')
  assert.deepEqual(
    bans.map(({ host, argv }) => [host, argv[1]]),
    [[FLOODED, 'incoming']],
  )
  const text = bans[0]?.stdin ?? ''
  assert.match(text, /^Attack type: udp_flood$/m)
  assert.match(text, /^Attack direction: incoming$/m)
  assert.match(text, /^Attack protocol: udp$/m)
  const power = Number(/^Initial attack power: (\d+) packets per second$/m.exec(text)?.[1])
  // sFlow comes in a burst each second, which looks like ten times its rate for a tenth of one.
  assert.ok(power > LIMIT / 2 && power < 25_000, `${power}`)
}
