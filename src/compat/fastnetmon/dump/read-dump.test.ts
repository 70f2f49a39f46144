import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { PacketRecord } from '#5-evidence/evidence.ts'
import { exampleAttack, exampleFlows, examplePacket, examplePackets } from '#5-evidence/example.ts'
import { reportOf } from '#5-evidence/report.ts'
import { banText, detailsText, headText, type TextStyle } from '#5-evidence/report-text.ts'
import { formatAddress, parseAddress } from '#lib/ip/address.ts'
import { readDumpLine } from './dump-lines.ts'
import { isDump, readDump } from './read-dump.ts'

const style = (addressForm: TextStyle['addressForm']): TextStyle => ({
  recordCount: 20,
  addressForm,
  localTime: micros => new Date(micros / 1000).toISOString().replace('T', ' ').replace('Z', '000'),
})

/** The letters by which addresses are made unreadable. */
const MASK = 'X'.repeat(3)

const FULL =
  '2026-11-20 10:11:49.883663 198.51.100.7:38403 > 192.0.2.1:80 protocol: udp frag: 0  packets: 1 size: 200 bytes ttl: 64 sample ratio: 1  '
const SYN =
  '2026-11-20 10:11:49.883883 198.51.100.9:30642 > 192.0.2.1:443 protocol: tcp flags: syn,ack frag: 0  packets: 1 size: 60 bytes ttl: 64 sample ratio: 1  '
const PING =
  '2026-11-20 10:11:49.884018 198.51.100.8:0 > 192.0.2.1:0 protocol: icmp frag: 0  packets: 1 size: 200 bytes ttl: 64 sample ratio: 1  '
const FLOW = '192.0.2.1:80 < 198.51.100.63:1033 800 bytes 4 packets'

test('a line of a packet tells all that stands in it', () => {
  assert.deepEqual(readDumpLine(SYN), {
    kind: 'packet',
    timeMicros: Date.parse('2026-11-20T10:11:49.883Z') * 1000 + 883,
    source: parseAddress('198.51.100.9'),
    sourcePort: 30_642,
    target: parseAddress('192.0.2.1'),
    targetPort: 443,
    protocol: 'tcp',
    flags: ['syn', 'ack'],
    isFragment: false,
    packets: 1,
    bytes: 60,
    ttl: 64,
    sampleRatio: 1,
  })
})

test('lines that lack something, lie, or are masked are no packets', () => {
  const broken = [
    FULL.replace('ttl: 64', ''),
    FULL.replace('size: 200 bytes', ''),
    FULL.replace('packets: 1', 'packets: 0'),
    FULL.replace(':38403', ''),
    FULL.replace(':38403', ':http'),
    FULL.replace(':80 ', ':65536 '),
    FULL.replace('198.51.100.7', '198.51.100.256'),
    FULL.replace('198.51.100.7', '2001:db8::7'),
    FULL.replace('frag: 0', 'frag: maybe'),
    FULL.replace('size: 200', `size: ${'9'.repeat(30)}`),
    FLOW.replace(':1033', ''),
    FLOW.replace('4 packets', '0 packets'),
  ]
  for (const line of broken) assert.equal(readDumpLine(line).kind, 'broken', line)
  assert.equal(readDumpLine(FULL.replace('198.51', `198.${MASK}`)).kind, 'masked')
  assert.equal(readDumpLine(FLOW.replace('51.100', `${MASK}.${MASK}`)).kind, 'masked')
  for (const line of ['', 'UDP flows: 16376', 'IP: 192.0.2.1', 'Flows have cropped due to very long list.'])
    assert.equal(readDumpLine(line).kind, 'other', line)
})

test('masked and broken lines are counted, the others kept', () => {
  const text = [FULL, FULL.replace('198.51', `198.${MASK}`), PING, FULL.replace('ttl: 64', ''), SYN].join(
    '\n',
  )

  const { packets, notes } = readDump(text, 'untold')

  assert.equal(packets.length, 3)
  assert.deepEqual(notes, [
    '1 line was skipped for masked addresses',
    '1 line was skipped as incomplete or impossible',
  ])
})

/** What is in a report as text, of a record. */
const told = ({
  source,
  target,
  sourcePort,
  targetPort,
  protocol,
  tcpFlags,
  isFragment,
  bytes,
}: PacketRecord) => ({
  source,
  target,
  sourcePort,
  targetPort,
  protocol,
  tcpFlags,
  isFragment,
  bytes,
})

const anyRecord = (family: 4 | 6): fc.Arbitrary<PacketRecord> => {
  const address = fc
    .bigInt({ min: 1n, max: family === 4 ? 0xffff_ffffn : (1n << 128n) - 1n })
    .map(value => formatAddress({ family, value }))
  return fc
    .record({
      source: address,
      target: address,
      sourcePort: fc.integer({ min: 0, max: 65_535 }),
      targetPort: fc.integer({ min: 0, max: 65_535 }),
      protocol: fc.constantFrom(1, 6, 17, 47, 58, 132, 200),
      tcpFlags: fc.integer({ min: 0, max: 63 }),
      isFragment: fc.boolean(),
      bytes: fc.integer({ min: 20, max: 9000 }),
      ttl: fc.integer({ min: 0, max: 255 }),
    })
    .map(fields => examplePacket({ ...fields, tcpFlags: fields.protocol === 6 ? fields.tcpFlags : 0 }))
}

for (const family of [4, 6] as const)
  for (const form of ['canonical', 'padded'] as const)
    test(`packets of IPv${family} survive the way through ${form} text`, () => {
      fc.assert(
        fc.property(fc.array(anyRecord(family), { minLength: 1, maxLength: 8 }), packets => {
          const host = packets[0]?.target ?? ''
          const report = reportOf({ attack: exampleAttack({ host, family }), flows: [], packets })

          const { packets: read, head, notes } = readDump(detailsText(report, style(form)), 'untold')

          assert.deepEqual(
            read.map(({ record }) => told(record)),
            packets.map(told),
          )
          assert.deepEqual(notes, [])
          assert.deepEqual(head, {
            host: parseAddress(host),
            direction: 'incoming',
            attackType: 'udp_flood',
            packetsPerSecond: 40_000,
          })
        }),
        { numRuns: 100 },
      )
    })

test('flows count where there are no packets, with the protocol of their heading', () => {
  const report = reportOf({ attack: exampleAttack(), flows: exampleFlows(9), packets: [] })

  const { packets } = readDump(banText(report, style('canonical')), 'untold')

  assert.equal(packets.length, 9)
  const [first] = packets
  assert.equal(first?.sample.weight, 4)
  assert.equal(first?.sample.packet.protocol, 17)
  assert.equal(first?.sample.packet.targetPort, 80)
  assert.ok(first?.sample.untold?.includes('packet-length'))
})

test('the report of the newest source has both, and packets tell more', () => {
  const report = reportOf({ attack: exampleAttack(), flows: exampleFlows(9), packets: examplePackets(5) })

  const { packets, notes } = readDump(headText(report, style('canonical')), 'untold')

  assert.equal(packets.length, 5)
  assert.deepEqual(notes, ['9 flows were left out, since packets tell more'])
})

test('outgoing flows stand the other way round', () => {
  const { packets } = readDump(`TCP flows: 1\n${FLOW.replace('<', '>')}`, 'untold')

  assert.equal(packets[0]?.record.source, '192.0.2.1')
  assert.equal(packets[0]?.record.target, '198.51.100.63')
  assert.equal(packets[0]?.sample.packet.protocol, 6)
})

test('a protocol that is not told is neither guessed nor are the fields of its header', () => {
  const [only] = readDump(FULL.replace('udp', 'unknown'), 'untold').packets

  assert.ok(only?.sample.untold?.includes('protocol'))
  assert.ok(only?.sample.untold?.includes('destination-port'))
})

test('what sizes count is said by whoever knows', () => {
  const lengthOf = (lengths: 'ip' | 'frame' | 'untold', line = FULL) => {
    const sample = readDump(line, lengths).packets[0]?.sample
    return sample?.untold?.includes('packet-length') ? undefined : sample?.packet.length
  }

  assert.equal(lengthOf('untold'), undefined)
  assert.equal(lengthOf('ip'), 200)
  assert.equal(lengthOf('frame'), 186)
  // A frame of the shortest length may be padded.
  assert.equal(lengthOf('frame', SYN), undefined)
  // Several packets in one line have a mean.
  assert.equal(lengthOf('ip', FULL.replace('packets: 1', 'packets: 4')), undefined)
})

test('FastNetMon names no host of IPv6', () => {
  assert.equal(readDump(`IP: 0.0.0.0\n${FULL}`, 'untold').head.host, undefined)
})

test('a text is a report when it has a line of one', () => {
  assert.equal(isDump('time_ns: 1\nIP: 192.0.2.1\n'), true)
  assert.equal(isDump(FLOW), true)
  assert.equal(isDump('Dear operator,\nthere is an attack > please help\n'), false)
})

test('hostile text neither throws nor takes long', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.oneof(
          fc.string({ unit: 'binary', maxLength: 200 }),
          fc
            .constantFrom(FULL, FLOW, SYN)
            .chain(line =>
              fc.integer({ min: 0, max: line.length }).map(at => line.slice(0, at) + line.slice(at + 1)),
            ),
        ),
        { maxLength: 20 },
      ),
      lines => {
        readDump(lines.join('\n'), 'frame')
      },
    ),
  )
})
