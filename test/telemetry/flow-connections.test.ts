// Exporters that change while the daemon runs, and those that come by TCP: every record counts once, or is refused and counted.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { ipfix, set } from '#2-decode/flow-exports-for-tests.ts'
import { ROUTES } from '#api/contract/routes.ts'
import { freePort } from '../../lab/free-port.ts'
import type { TelemetrySender } from '../telemetry-sender.ts'
import { until } from '../until.ts'
import { exporterOf, MINUTE, openStage, rate, record, teach, teachRate, untilExporter } from './flow-stage.ts'

test('exporters change while datagrams come, and nothing is lost but what is refused', MINUTE, async t => {
  const list = (...entries: string[]) => `  workers: 2\n  exporters: [${entries.join(', ')}]\n`
  const [edge, core, late] = ['127.0.0.1', '127.0.0.2', '127.0.0.3']
  const stage = await openStage(t, {
    telemetry: list(`{ prefix: ${edge}, name: old }`, `{ prefix: ${core} }`),
  })
  const daemon = await stage.start()
  const senders = await Promise.all([edge, core, late].map(from => stage.sender(from)))
  const [toEdge, toCore, toLate] = senders as [TelemetrySender, TelemetrySender, TelemetrySender]
  let sent = 0
  const data = () => ipfix([set(256, [record(10)])], { sequence: sent++ })
  await toEdge.send(ipfix([teach, teachRate, rate(64)], { sequence: 0 }))
  await toCore.send(ipfix([teach], { sequence: 0 }))
  await toLate.send(ipfix([teach], { sequence: 0 }))
  await untilExporter(daemon, ({ templates }) => templates === 2, edge)
  await untilExporter(daemon, ({ templates }) => templates === 1, core)
  await until(async () => (await daemon.call(ROUTES.exporters, {})).refusedDatagrams === 1)
  const over = new AbortController()
  const sending = (async () => {
    while (!over.signal.aborted) {
      await toEdge.send(data())
      await sleep(2)
    }
  })()

  stage.write(list(`{ prefix: ${edge}, name: new, site: fra }`, `{ prefix: ${late} }`))
  const { changed, needsRestart } = await daemon.call(ROUTES.reload, {})
  const renamed = await exporterOf(daemon, edge)
  await toCore.send(ipfix([set(256, [record(10)])], { sequence: 0 }))
  await toLate.send(ipfix([teach, set(256, [record(10)])], { sequence: 0 }))
  stage.write(list(`{ prefix: ${edge}/40 }`))
  const broken = await daemon.ask(['reload'])
  await sleep(200)
  over.abort()
  await sending
  await untilExporter(daemon, ({ counted }) => counted >= sent, edge)
  await untilExporter(daemon, ({ counted }) => counted === 1, late)
  const metrics = await stage.counted(sent * 10 * 64 + 10)

  assert.deepEqual([changed, needsRestart], [['telemetry.exporters (2 added, 2 removed)'], []])
  assert.deepEqual([renamed.name, renamed.site], ['new', 'fra'])
  assert.equal(broken.code, 1)
  assert.match(broken.stderr, /telemetry\.exporters\[0\]\.prefix: expected an address or a prefix/)
  const { exporters, refused, refusedDatagrams } = await daemon.call(ROUTES.exporters, {})
  assert.deepEqual(
    exporters.map(({ address, name, counted, lostRecords, unknownTemplates }) => [
      ...[address, name, counted, lostRecords, unknownTemplates],
    ]),
    [
      [edge, 'new', sent, 0, 0],
      [late, '', 1, 0, 0],
    ],
  )
  assert.deepEqual([refused, refusedDatagrams], [[{ address: core, datagrams: 1 }], 1])
  assert.equal(exporters[0]?.domains[0]?.samplingRate, 64)
  const labels = { direction: 'incoming', family: 'ipv4' }
  assert.equal(metrics.value('floodwarden_traffic_packets_total', labels), sent * 10 * 64 + 10)
  assert.equal(metrics.value('floodwarden_telemetry_refused_datagrams_total', { why: 'unlisted' }), 2)
})

test('IPFIX over TCP counts beside UDP, and templates end with their connection', MINUTE, async t => {
  const tcpPort = await freePort()
  const stage = await openStage(t, { telemetry: `  tcp: ['127.0.0.1:${tcpPort}']\n` })
  const daemon = await stage.start()
  const open = async () => {
    const socket = connect({ host: '127.0.0.1', port: tcpPort, noDelay: true })
    t.after(() => socket.destroy())
    await once(socket, 'connect')
    return socket
  }
  const first = await open()
  const bytes = [
    ipfix([teach, teachRate, rate(64)], { sequence: 0 }),
    ipfix([set(256, [record(3)])], { sequence: 1 }),
  ].flat()
  for (const byte of bytes) first.write(Uint8Array.of(byte))
  await (await stage.sender()).send(ipfix([set(256, [record(5)])], { sequence: 0 }))
  await untilExporter(daemon, ({ counted, unknownTemplates }) => counted === 1 && unknownTemplates === 1)

  const heard = await exporterOf(daemon)
  const hostile = await open()
  const closed = once(hostile, 'close')
  hostile.write(Uint8Array.of(0, 10, 0, 3))
  await closed
  first.end()
  await once(first.resume(), 'close')
  await untilExporter(daemon, ({ templates }) => templates === 0)

  // What came by UDP waits for a template of its own.
  assert.deepEqual([heard.counted, heard.templates, heard.unknownTemplates], [1, 2, 1])
  const { listeners } = await daemon.call(ROUTES.exporters, {})
  const none = { unlisted: 0, overflow: 0, idle: 0 }
  assert.deepEqual(
    listeners.map(({ listen, receiver, connections }) => [listen, receiver, connections]),
    [
      [`127.0.0.1:${stage.port}`, 'batch', undefined],
      [`tcp 127.0.0.1:${tcpPort}`, 'tcp', { open: 0, ...none, malformed: 1 }],
    ],
  )
  assert.deepEqual((await exporterOf(daemon)).templates, 0)
  const metrics = await stage.counted(3 * 64)
  const labels = { direction: 'incoming', family: 'ipv4' }
  assert.equal(metrics.value('floodwarden_traffic_packets_total', labels), 3 * 64)
  const place = { listen: `tcp 127.0.0.1:${tcpPort}`, worker: '1' }
  assert.equal(
    metrics.value('floodwarden_telemetry_closed_connections_total', { ...place, why: 'malformed' }),
    1,
  )
  await daemon.stop('SIGTERM')
  assert.equal(existsSync(join(daemon.state, 'exporters.json')), false, 'nothing outlives a connection')
})
