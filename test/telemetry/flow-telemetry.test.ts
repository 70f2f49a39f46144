// A real daemon fed by exporters: NetFlow v5, v9 and IPFIX over loopback become bans with the right numbers.

import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { ipfix, netflow5, netflow9, record5, set, UPTIME_MS } from '#2-decode/flow-exports-for-tests.ts'
import { flowSample, header, sflow } from '#2-decode/sflow/sflow-for-tests.ts'
import { ROUTES } from '#api/contract/routes.ts'
import { CAPABILITY } from '#lib/linux/capability.ts'
import { run } from '../../lab/command.ts'
import { buildFrame } from '../../lab/frame.ts'
import { recordingScript } from '../../lab/recording-script.ts'
import { FLOODWARDEN, RunningDaemon } from '../../lab/running-daemon.ts'
import { mayUseNamespaces } from '../may-go-on.ts'
import { freeUdpPort, TelemetrySender } from '../telemetry-sender.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { until } from '../until.ts'
import {
  exporterOf,
  LIMIT,
  MINUTE,
  openStage,
  rate,
  record,
  teach,
  teachRate,
  untilExporter,
  VICTIM,
} from './flow-stage.ts'

/** Sends what `datagram` makes ten times a second for so long. */
async function every100(seconds: number, datagram: (turn: number) => Promise<void>): Promise<void> {
  const began = performance.now()
  for (let turn = 0; turn < seconds * 10; turn++) {
    await datagram(turn)
    await sleep(Math.max(0, began + (turn + 1) * 100 - performance.now()))
  }
}

const short = { first: UPTIME_MS - 10, last: UPTIME_MS - 10 }

test('a flood that a router samples at 1:100 is banned with its numbers', MINUTE, async t => {
  const stage = await openStage(t)
  const daemon = await stage.start()
  const sender = await stage.sender()
  // 5 records of 10 packets, each of which stands for 100: 50,000 packets a second of 500 bytes.
  const records = Array.from({ length: 5 }, () => record5({ packets: 10, bytes: 5000, ...short }))

  await every100(4, turn => sender.send(netflow5(records, { sampling: 100, sequence: turn * 5 })))

  const calls = await stage.script.until(({ length }) => length >= 2)
  const [ban] = calls
  assert.equal(ban?.action, 'ban')
  assert.equal(ban?.host, VICTIM)
  const power = Number(/^Initial attack power: (\d+) packets per second$/m.exec(ban?.stdin ?? '')?.[1])
  assert.ok(power > 30_000 && power < 110_000, `${power}`)
  assert.match(ban?.stdin ?? '', /^Average packet size for incoming traffic: 500\.0 bytes $/m)
  assert.match(ban?.stdin ?? '', /^Attack type: udp_flood$/m)
  assert.match(ban?.stdin ?? '', /10\.99\.1\.250:80 < 198\.18\.0\.7:1900 \d+ bytes \d+ packets/)
  const details = calls.find(({ action }) => action === 'attack_details')
  assert.match(details?.stdin ?? '', /packets: 10 size: 5000 bytes ttl: 0 sample ratio: 100/)
  const metrics = await stage.counted(40 * 5 * 10 * 100)
  const labels = { direction: 'incoming', family: 'ipv4' }
  assert.equal(metrics.value('floodwarden_traffic_packets_total', labels), 40 * 5 * 10 * 100)
  assert.equal(metrics.value('floodwarden_traffic_bytes_total', labels), 40 * 5 * 5000 * 100)
  assert.equal(metrics.value('floodwarden_exporter_datagrams_total', { exporter: '127.0.0.1' }), 40)
  const exporter = await exporterOf(daemon)
  assert.deepEqual([exporter.records, exporter.counted, exporter.lostRecords], [200, 200, 0])
  const [domain] = exporter.domains
  assert.deepEqual([domain?.samplingRate, domain?.samplingRateFrom], [100, 'told'])
})

test('what is lost, unknown, malformed and refused is told per exporter', MINUTE, async t => {
  const listed = '  exporters:\n    - { prefix: 127.0.0.1, name: edge, site: fra, samplingRate: 7 }\n'
  const stage = await openStage(t, { telemetry: listed })
  const daemon = await stage.start()
  const [sender, stranger] = [await stage.sender(), await stage.sender('127.0.0.9')]

  await sender.send(netflow5([record5(), record5()], { sequence: 10, sampling: 100 }))
  await sender.send(netflow5([record5()], { sequence: 15 }))
  await sender.send(netflow9([set(300, [[1, 2, 3, 4]])], { sequence: 1 }))
  await sender.send(netflow5([record5()], { sequence: 16, stated: 9 }))
  await sender.send([0, 77, 1, 2, 3])
  await stranger.send(netflow5([record5()]))
  await until(async () => (await daemon.call(ROUTES.exporters, {})).refusedDatagrams === 1)
  await untilExporter(daemon, ({ datagrams, malformed }) => datagrams === 4 && malformed === 1)

  const answer = await daemon.call(ROUTES.exporters, {})
  assert.deepEqual([answer.isRestricted, answer.total, answer.refusedDatagrams], [true, 1, 1])
  assert.deepEqual(answer.refused, [{ address: '127.0.0.9', datagrams: 1 }])
  const exporter = await exporterOf(daemon)
  assert.deepEqual(
    [exporter.name, exporter.site, exporter.datagrams, exporter.records, exporter.lostRecords],
    ['edge', 'fra', 4, 4, 3],
  )
  assert.deepEqual(
    [exporter.unknownTemplates, exporter.waiting, exporter.malformed, exporter.unknownProtocol],
    [1, 1, 1, 1],
  )
  assert.deepEqual(
    exporter.domains.map(({ samplingRate, samplingRateFrom }) => [samplingRate, samplingRateFrom]),
    exporter.domains.map(() => [7, 'configured']),
  )
  const told = await run([FLOODWARDEN, 'exporters', '--state', daemon.state])
  assert.match(told.stdout, /^127\.0\.0\.1 +edge \(fra\) +4 +4 +1 +1 +3 records/m)
  assert.match(told.stdout, /^127\.0\.0\.9 +1 datagrams$/m)
  const status = await daemon.call(ROUTES.status, {})
  assert.equal(status.telemetry[0]?.datagrams, 6)
  assert.match(status.warnings.join('\n'), /1 datagrams are of exporters that telemetry\.exporters does not/)
  const isRefusal = ({ message }: { message: string }) => message.startsWith('an exporter is refused')
  await daemon.until(isRefusal)
  assert.deepEqual(
    daemon.log.filter(isRefusal).map(line => line['exporter']),
    ['127.0.0.9'],
  )
})

test('templates and rates survive a restart, and a broken file is refused aloud', MINUTE, async t => {
  const stage = await openStage(t)
  const first = await stage.start()
  const sender = await stage.sender()
  await sender.send(ipfix([teach, teachRate, rate(64)], { sequence: 0 }))
  await untilExporter(first, ({ templates }) => templates === 2)
  await first.stop('SIGTERM')
  const file = join(first.state, 'exporters.json')

  const second = await stage.start()
  await sender.send(ipfix([set(256, [record(3)])], { sequence: 1 }))
  await untilExporter(second, ({ counted, unknownTemplates }) => counted + unknownTemplates > 0)

  const exporter = await exporterOf(second)
  assert.deepEqual([exporter.counted, exporter.unknownTemplates], [1, 0])
  assert.equal(exporter.domains[0]?.samplingRate, 64)
  const labels = { direction: 'incoming', family: 'ipv4' }
  const metrics = await stage.counted(3 * 64)
  assert.equal(metrics.value('floodwarden_traffic_packets_total', labels), 3 * 64)
  await second.stop('SIGTERM')
  assert.ok(readFileSync(file, 'utf8').startsWith('{"version":1,'))
  writeFileSync(file, '{"version":1,"exporters":[{')
  const third = await stage.start()
  await sender.send(ipfix([set(256, [record(3)])], { sequence: 2 }))
  await untilExporter(third, ({ unknownTemplates }) => unknownTemplates === 1)
  const refused = third.log.find(({ message }) => message.startsWith('what exporters taught earlier cannot'))
  assert.equal(refused?.['path'], file)
})

test('two workers share a port, each exporter stays with one, and all of it is counted', MINUTE, async t => {
  const stage = await openStage(t, { telemetry: '  workers: 2\n' })
  const daemon = await stage.start()
  const addresses = Array.from({ length: 8 }, (_, at) => `127.0.0.${at + 1}`)

  for (const address of addresses) {
    // The template comes from one port, the data from others.
    await (await stage.sender(address)).send(ipfix([teach], { sequence: 0 }))
    for (let turn = 0; turn < 5; turn++)
      await (await stage.sender(address)).send(ipfix([set(256, [record(10)])], { sequence: turn }))
  }
  const metrics = await stage.counted(8 * 5 * 10)

  const { listeners, exporters } = await daemon.call(ROUTES.exporters, {})
  assert.equal(listeners.length, 2)
  assert.ok(listeners.every(({ datagrams }) => datagrams > 0 && datagrams % 6 === 0))
  assert.deepEqual(
    exporters.map(({ counted, unknownTemplates }) => [counted, unknownTemplates]),
    addresses.map(() => [5, 0]),
  )
  const labels = { direction: 'incoming', family: 'ipv4' }
  assert.equal(metrics.value('floodwarden_traffic_packets_total', labels), 8 * 5 * 10)
})

test(
  'an export of a minute at once is no flood, and one at ten times the limit is one at once',
  MINUTE,
  async t => {
    const stage = await openStage(t)
    const daemon = await stage.start()
    const sender = await stage.sender()
    const minute = { first: UPTIME_MS - 60_000, last: UPTIME_MS }
    const flow = (rateOf: number) => record5({ packets: rateOf * 60, bytes: rateOf * 6000, ...minute })

    // Half the limit for a minute: 30 times the limit if it were counted at once.
    await sender.send(netflow5([flow(LIMIT / 2)]))
    await sleep(2500)
    const calm = (await daemon.call(ROUTES.traffic, {})).incoming.hosts[0]
    const before = stage.script.calls().length
    const began = performance.now()
    await sender.send(netflow5([flow(LIMIT * 10)]))
    await stage.script.until(({ length }) => length > before)
    const seconds = (performance.now() - began) / 1000

    assert.equal(before, 0)
    assert.equal(calm?.host, VICTIM)
    assert.ok(calm.packets < LIMIT, `${calm.packets}`)
    assert.ok(seconds < 10, `${seconds} s`)
  },
)

test('node:dgram does the same where system calls are not wanted', MINUTE, async t => {
  const stage = await openStage(t, { telemetry: '  receiver: dgram\n' })
  const daemon = await stage.start()
  const sender = await stage.sender()

  for (let turn = 0; turn < 20; turn++) await sender.send(netflow5([record5(short)], { sequence: turn }))
  await untilExporter(daemon, ({ counted }) => counted >= 20)

  const { listeners } = await daemon.call(ROUTES.exporters, {})
  assert.deepEqual(
    listeners.map(({ receiver, datagrams }) => [receiver, datagrams]),
    [['dgram', 20]],
  )
  assert.equal((await exporterOf(daemon)).counted, 20)
})

test('a port that is taken keeps nobody from work, and is received on once it is free', MINUTE, async t => {
  const stage = await openStage(t)
  const holder = createSocket('udp4').bind(stage.port, '127.0.0.1')
  await once(holder, 'listening')
  const daemon = await stage.start()
  const sender = await stage.sender()

  const before = await daemon.call(ROUTES.exporters, {})
  const health = await daemon.call(ROUTES.health, {}).catch(() => undefined)
  holder.close()
  await daemon.until(({ message }) => message === 'receiving flow telemetry')
  await sender.send(netflow5([record5()]))
  await untilExporter(daemon, ({ counted }) => counted === 1)

  assert.match(
    before.listeners[0]?.problem ?? '',
    /another program receives on UDP port \d+: ss -ulpn names it/,
  )
  assert.equal(before.listeners[0]?.receiver, 'none')
  assert.notEqual(health?.ok, true)
  assert.equal((await exporterOf(daemon)).counted, 1)
})

test('queues are as large as configured, and what that needs is given up', MINUTE, async t => {
  if (!mayUseNamespaces(t)) return
  const stage = await openStage(t, { telemetry: '  receiveMegabytes: 24\n' })
  const daemon = await stage.start()

  const { listeners } = await daemon.call(ROUTES.exporters, {})
  const status = readFileSync(`/proc/${daemon.pid}/status`, 'utf8')
  const permitted = BigInt(`0x${/^CapPrm:\s*([0-9a-f]+)$/m.exec(status)?.[1]}`)

  assert.equal(listeners[0]?.queueBytes, 24 << 20)
  assert.equal(permitted & (1n << BigInt(CAPABILITY.netAdmin)), 0n)
})

test('a fastnetmon.conf with netflow = on bans by what its router tells', MINUTE, async t => {
  const folder = temporaryFolder(t)
  const script = recordingScript(folder)
  const port = await freeUdpPort()
  const [config, networks] = [join(folder, 'fastnetmon.conf'), join(folder, 'networks_list')]
  writeFileSync(networks, '10.99.1.0/24\n')
  const lines = [
    ...['netflow = on', `netflow_port = ${port}`, 'netflow_host = 127.0.0.1', 'netflow_sampling_ratio = 100'],
    ...['enable_ban = on', 'ban_for_pps = on', 'threshold_pps = 20000', 'ban_time = 5', 'prometheus = off'],
    ...['average_calculation_time = 1', 'monitor_local_ip_addresses = off', 'ban_details_records_count = 5'],
    ...[`networks_list_path = ${networks}`, `notify_script_path = ${script.path}`],
    ...[`cli_stats_file_path = ${folder}/v4.dat`, `cli_stats_ipv6_file_path = ${folder}/v6.dat`],
  ]
  writeFileSync(config, `${lines.join('\n')}\n`)
  const plan = { state: join(folder, 'state'), words: ['--config', config, '--metrics', 'off'] }
  await using daemon = await RunningDaemon.start(plan)
  const sender = await TelemetrySender.open(t, port)

  // 100 packets of the template in each of ten datagrams a second, each of which stands for 100: 100,000 packets/s.
  await every100(3, turn => sender.send(ipfix([teach, set(256, [record(100)])], { sequence: turn })))

  const [ban] = await script.until(({ length }) => length >= 1)
  assert.deepEqual([ban?.action, ban?.host], ['ban', VICTIM])
  assert.match(ban?.stdin ?? '', /^Attack type: udp_flood$/m)
  const status = await daemon.call(ROUTES.status, {})
  assert.deepEqual([status.mode, status.capture, status.telemetry[0]?.exporters], ['plain', [], 1])
})

test('a flood that a switch samples with sFlow is banned with its packets as evidence', MINUTE, async t => {
  const stage = await openStage(t)
  const daemon = await stage.start()
  const sender = await stage.sender()
  const packet = [
    ...buildFrame([
      { kind: 'ethernet' },
      { kind: 'ipv4', source: '198.18.0.7', target: VICTIM },
      { kind: 'udp', sourcePort: 53, targetPort: 4000 },
      { kind: 'payload', bytes: 400 },
    ]),
  ]
  const frame = header(packet.slice(0, 128), { frameLength: packet.length + 4 })

  // Ten samples of 500 packets, ten times a second: 50,000 packets a second.
  await every100(4, turn => {
    const samples = Array.from({ length: 10 }, (_, at) =>
      flowSample([frame], { rate: 500, sequence: turn * 10 + at + 1 }),
    )
    return sender.send(sflow(samples, { sequence: turn + 1 }))
  })

  const calls = await stage.script.until(({ length }) => length >= 2)
  const details = calls.find(({ action }) => action === 'attack_details')?.stdin ?? ''
  const power = Number(/^Initial attack power: (\d+) packets per second$/m.exec(details)?.[1])
  assert.ok(power > 30_000 && power < 110_000, `${power}`)
  assert.match(details, /^Average packet size for incoming traffic: 442\.0 bytes $/m)
  assert.match(
    details,
    / 198\.18\.0\.7:53 > 10\.99\.1\.250:4000 protocol: udp frag: 0 {2}packets: 1 size: 442 bytes ttl: 64 sample ratio: 500 /,
  )
  const exporter = await exporterOf(daemon)
  assert.deepEqual([exporter.counted, exporter.domains[0]?.protocol], [400, 'sflow'])
  assert.deepEqual([exporter.domains[0]?.samplingRate, exporter.domains[0]?.samplingRateFrom], [500, 'told'])
  const labels = { direction: 'incoming', family: 'ipv4' }
  const metrics = await stage.counted(400 * 500)
  assert.equal(metrics.value('floodwarden_traffic_packets_total', labels), 400 * 500)
})
