// A capture of flow export traffic replayed by the real program: the same attacks as from a mirror port, the same every time.

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { EXPORT_SECONDS, netflow5, record5, UPTIME_MS } from '#2-decode/flow-exports-for-tests.ts'
import { LINK } from '#2-decode/sample.ts'
import { pcapHeader, pcapRecord } from '#lib/pcap/writer.ts'
import { run } from '../../lab/command.ts'
import { buildFrame } from '../../lab/frame.ts'
import { REPLAY_PATIENCE_MS } from './patience.ts'

const FLOODWARDEN = join(import.meta.dirname, '../../floodwarden')
const VICTIM = '10.99.1.250'
const folder = mkdtempSync(join(tmpdir(), 'floodwarden-telemetry-'))
after(() => rmSync(folder, { recursive: true }))

interface Sent {
  readonly atMs: number
  readonly datagram: readonly number[]
  readonly port?: number
}

/** A capture of datagrams from one router, by time since its beginning. */
function captureOf(name: string, sent: readonly Sent[]): string {
  const records = sent.map(({ atMs, datagram, port = 2055 }) => {
    const bytes = buildFrame([
      { kind: 'ethernet' },
      { kind: 'ipv4', source: '192.0.2.1', target: '192.0.2.99' },
      { kind: 'udp', sourcePort: 50_000, targetPort: port },
      { kind: 'payload', bytes: Uint8Array.from(datagram) },
    ])
    const seconds = EXPORT_SECONDS + Math.floor(atMs / 1000)
    const nanoseconds = Math.round((atMs % 1000) * 1e6)
    return pcapRecord({ seconds, nanoseconds, bytes, wire: bytes.length }, 'nanos')
  })
  const file = join(folder, name)
  writeFileSync(file, Buffer.concat([pcapHeader(LINK.ethernet, 65_535, 'nanos'), ...records]))
  return file
}

async function replay(file: string, ...words: string[]): Promise<string> {
  const config = join(folder, 'config.yaml')
  writeFileSync(
    config,
    'networks: [10.99.1.0/24]\ndetection: { banSeconds: 30, thresholds: { incoming: { packetsPerSecond: 20000 } } }\n',
  )
  const argv = [FLOODWARDEN, 'replay', file, '--config', config, ...words]
  const { code, stdout, stderr } = await run(argv, { timeoutMilliseconds: REPLAY_PATIENCE_MS })
  assert.equal(code, 0, stderr)
  return stdout
}

const short = { first: UPTIME_MS - 10, last: UPTIME_MS - 10 }
/** 50,000 packets of 500 bytes a second, sampled at 1:100, for so many seconds. */
const flood = (seconds: number): Sent[] =>
  Array.from({ length: seconds * 10 }, (_, turn) => ({
    atMs: turn * 100,
    datagram: netflow5(
      Array.from({ length: 5 }, () => record5({ packets: 10, bytes: 5000, ...short })),
      { sampling: 100, sequence: turn * 5 },
    ),
  }))

test('a flood in NetFlow is found, told with its numbers, and told the same twice', async () => {
  const file = captureOf('flood.pcap', flood(5))

  const [first, second] = [
    await replay(file, '--telemetry', '--json'),
    await replay(file, '--telemetry', '--json'),
  ]

  assert.equal(first, second)
  const facts = JSON.parse(first)
  // Records of several packets tell no length and no flags of single ones: no rule may ask for any.
  const [{ rule }] = facts.attacks[0].proposed.rules
  assert.match(rule, /^destination 10\.99\.1\.250\/32 (source \S+ )?protocol =udp /)
  assert.doesNotMatch(rule, /packet-length|tcp-flags/)
  assert.deepEqual(facts.telemetry, {
    ...{ datagrams: 50, cut: 0, records: 250, lostDatagrams: 0, lostRecords: 0, unknownTemplates: 0 },
    exporters: ['192.0.2.1'],
  })
  assert.deepEqual(facts.totals.incoming, { packets: 250_000, bytes: 125_000_000 })
  const [attack] = facts.attacks
  assert.equal(attack.attack?.host ?? attack.host, VICTIM)
  const text = await replay(file, '--telemetry')
  assert.match(text, /^50 packets, 1 attack\nflow telemetry: 50 datagrams of 1 exporters, 250 records\n/)
  assert.match(text, /^Initial attack power: 50000 packets per second$/m)
  assert.match(text, /packets: 10 size: 5000 bytes ttl: 0 sample ratio: 100/)
})

test('without being told, and to other ports, datagrams are packets as any', async () => {
  const file = captureOf(
    'other.pcap',
    flood(2).map(sent => ({ ...sent, port: 7777 })),
  )

  const untold = JSON.parse(await replay(captureOf('flood2.pcap', flood(2)), '--json'))
  const elsewhere = JSON.parse(await replay(file, '--telemetry', '--json'))

  assert.equal(untold.telemetry, undefined)
  assert.deepEqual(untold.totals.other.packets, 20)
  assert.deepEqual(elsewhere.totals.other.packets, 20)
  assert.equal(elsewhere.telemetry.datagrams, 0)
  assert.deepEqual([untold.attacks, elsewhere.attacks], [[], []])
})

test('an hour of a steady flow, told of each minute, is its rate; at the end what lasts is counted', async () => {
  const minute = { first: UPTIME_MS - 60_000, last: UPTIME_MS }
  const packets = 18_000 * 60
  const sent = Array.from({ length: 10 }, (_, at) => ({
    atMs: at * 60_000,
    datagram: netflow5([record5({ packets, bytes: packets * 100, ...minute })], { sequence: at }),
  }))
  const file = captureOf('steady.pcap', sent)

  const facts = JSON.parse(await replay(file, '--telemetry', '--json'))
  const plain = JSON.parse(await replay(file, '--telemetry', '--json', '--detection', 'plain'))

  assert.deepEqual(facts.attacks, [])
  assert.equal(facts.totals.incoming.packets, packets * 10)
  // FastNetMon counts a record when it arrives: a million packets in one second.
  assert.ok(plain.attacks.length > 0)
  assert.equal(plain.totals.incoming.packets, packets * 10)
})
