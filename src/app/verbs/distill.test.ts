import assert from 'node:assert/strict'
import { readdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import { LINK } from '#2-decode/sample.ts'
import { distilledSchema } from '#5-evidence/distill/distilled-json.ts'
import { exampleAttack, examplePacket } from '#5-evidence/example.ts'
import { reportOf } from '#5-evidence/report.ts'
import { reportJson } from '#5-evidence/report-json.ts'
import { readDdpsRule } from '#compat/ddps/rule.ts'
import { pcapHeader, pcapRecord } from '#lib/pcap/writer.ts'
import { caseOf, framesOf } from '../../../lab/vectors/vectors.ts'
import { temporaryFolder } from '../../../test/temporary-folder.ts'
import { type DistillOptions, distillVerb } from './distill.ts'

const OPTIONS: DistillOptions = {
  file: '-',
  normal: undefined,
  target: undefined,
  direction: undefined,
  rulesMax: 3,
  rateBytesPerSecond: undefined,
  router: undefined,
  mode: 'floodwarden',
  services: undefined,
  lengths: undefined,
  format: 'text',
  description: undefined,
  minutes: undefined,
  ddpsFields: 'range',
  ddpsValuesMax: 10,
  ddpsValuesShare: 0.1,
  ddpsLinesMin: 3,
}

async function run(changes: Partial<DistillOptions>, input: string | Uint8Array = '') {
  let [out, err] = ['', '']
  const output = {
    out: (text: string) => {
      out += text
    },
    err: (text: string) => {
      err += text
    },
  }
  const code = await distillVerb({ ...OPTIONS, ...changes }, output, Readable.from([input]))
  return { code, out, err }
}

/** Frames a millisecond apart. */
const captureOf = (frames: readonly Uint8Array[]): Uint8Array =>
  Buffer.concat([
    pcapHeader(LINK.ethernet, 65_535, 'micros'),
    ...frames.map((bytes, at) =>
      pcapRecord({ seconds: 1_700_000_000, nanoseconds: at * 1e6, bytes, wire: bytes.length }, 'micros'),
    ),
  ])

function frames(vector: string, packets: number, kind: 'attack' | 'benign' = 'attack'): Uint8Array[] {
  const found = caseOf(vector)
  assert.ok(found)
  return framesOf(kind === 'attack' ? found.attack : found.neighbour.packets, { packets })
}

const LINES = Array.from(
  { length: 30 },
  (_, at) =>
    `2026-11-20 10:11:49.88${at % 10}663 198.51.100.${at + 1}:11211 > 192.0.2.1:${1024 + at * 997} protocol: udp frag: 0  packets: 1 size: 900 bytes ttl: 64 sample ratio: 1  `,
)
const DUMP = `IP: 192.0.2.1\nAttack type: udp_flood\nInitial attack power: 30000 packets per second\nAttack direction: incoming\nAttack protocol: udp\n\n${LINES.join('\n')}\n`

test('a dump becomes rules with shares and reasons, and what is not known is said', async () => {
  const { code, out, err } = await run({}, DUMP)

  assert.equal(code, 0, err)
  assert.match(out, /^incoming attack on 192\.0\.2\.1, 30 samples of a text report, calm traffic not known\n/)
  assert.match(
    out,
    /\nrule 1: destination 192\.0\.2\.1\/32 protocol =udp source-port =11211.* then discard\n/,
  )
  assert.match(out, /takes 100\.00 % \(\d+\.\d\d to 100\.00, 30 of 30 samples\) of the attack/)
  assert.match(out, /note: lengths were left out/)
})

test('JSON holds what its schema says', async () => {
  const { code, out } = await run({ format: 'json' }, DUMP)

  const facts = distilledSchema.parse(JSON.parse(out))
  assert.equal(code, 0)
  assert.equal(facts.target, '192.0.2.1/32')
  assert.equal(facts.outcome, 'rules')
  assert.equal(facts.rules[0]?.match['source-port'], '=11211')
  assert.equal(facts.attack?.matched, 30)
})

test('in the way of DDPS a dump becomes its fourteen keys', async () => {
  const { code, out } = await run({ mode: 'ddps', format: 'ddps' }, DUMP)

  const read = readDdpsRule(JSON.parse(out))
  assert.equal(code, 0)
  assert.ok(read.kind === 'rule')
  const { ipprotocol, sourceport, packetlength, destinationprefix, durationminutes } = read.rule
  assert.deepEqual(
    { ipprotocol, sourceport, packetlength, destinationprefix, durationminutes },
    {
      ipprotocol: '=17',
      sourceport: '=11211',
      packetlength: '=900',
      destinationprefix: '192.0.2.1/32',
      durationminutes: '10',
    },
  )
})

test('each format is printed, and what it cannot say is the reason of a failure', async () => {
  const formats = {
    gobgp: /^gobgp global rib add/,
    exabgp: /^announce flow route/,
    junos: /^set routing-options flow/,
  }
  for (const [format, words] of Object.entries(formats)) {
    const { code, out } = await run({ format: format as 'gobgp' }, DUMP)
    assert.equal(code, 0, format)
    assert.match(out, words, format)
  }
  const xr = await run({ format: 'ios-xr' }, DUMP)
  const nft = await run({ format: 'nftables', rateBytesPerSecond: 125_000 }, DUMP)
  const rate = await run({ format: 'exabgp', rateBytesPerSecond: 0.5 }, DUMP)

  assert.match(xr.out, /match source-port 11211\n/)
  assert.match(nft.out, /limit rate over 125000 bytes\/second/)
  assert.equal(rate.code, 1)
  assert.equal(rate.out, '')
  assert.match(rate.err, /ExaBGP has no words for action rate-bytes/)
})

test('a capture is read, its victim found, and calm traffic spared', async t => {
  const folder = temporaryFolder(t)
  const attack = join(folder, 'attack.pcap')
  const calm = join(folder, 'calm.pcap')
  const honest = frames('ntp-amplification', 300, 'benign')
  writeFileSync(attack, captureOf([...frames('ntp-amplification', 600), ...honest.slice(0, 20)]))
  writeFileSync(calm, captureOf(honest))

  const { code, out, err } = await run({ file: attack, normal: calm, format: 'json' })

  assert.equal(code, 0, err)
  const facts = distilledSchema.parse(JSON.parse(out))
  assert.equal(facts.form, 'capture')
  assert.ok(
    facts.samples >= 600 && (facts.normalSamples ?? 0) > 0,
    JSON.stringify([facts.samples, facts.normalSamples]),
  )
  assert.equal(facts.vectors[0]?.vector, 'ntp-amplification')
  assert.ok((facts.attack?.share ?? 0) > 0.9)
  assert.ok((facts.normal?.share ?? 1) < 0.01)
})

test('a capture on standard input is the same, and nothing of it is left behind', async t => {
  const { TMPDIR: usual } = process.env
  const folder = temporaryFolder(t)
  process.env['TMPDIR'] = folder
  t.after(() => {
    if (usual === undefined) delete process.env['TMPDIR']
    else process.env['TMPDIR'] = usual
  })

  const { code, out } = await run({}, captureOf(frames('ntp-amplification', 100)))

  assert.equal(code, 0)
  assert.match(out, /100 samples of a capture/)
  assert.equal(tmpdir(), folder)
  assert.deepEqual(readdirSync(folder), [])
})

test('a JSON report is read by its bytes', async () => {
  const packets = frames('ntp-amplification', 50).map(bytesCaptured =>
    examplePacket({
      bytesCaptured,
      bytes: bytesCaptured.length,
      target: '10.10.10.10',
      linkType: LINK.ethernet,
    }),
  )
  const attack = exampleAttack({ host: '10.10.10.10', prefixes: ['10.10.10.10/32'] })
  const report = reportJson(reportOf({ attack, flows: [], packets }), { headers: true })

  const { code, out, err } = await run({ format: 'json' }, JSON.stringify(report))

  assert.equal(code, 0, err)
  const facts = distilledSchema.parse(JSON.parse(out))
  assert.equal(facts.form, 'JSON report')
  assert.equal(facts.rules[0]?.match['source-port'], '=123')
})

test('what cannot be distilled ends with 1 and says why', async t => {
  const folder = temporaryFolder(t)
  const cases: [string, Partial<DistillOptions>, string | Uint8Array, RegExp][] = [
    ['nothing', {}, '', /it is empty/],
    ['prose', {}, 'there is an attack, please help\n', /it is not a capture .*a report of FastNetMon/],
    ['gzip', {}, Uint8Array.of(0x1f, 0x8b, 8, ...new Uint8Array(99)), /run gunzip/],
    ['JSON', {}, '{"attack": 1}', /it is no floodwarden\.report\/1/],
    ['cut JSON', {}, '{"attack": ', /its JSON cannot be read/],
    ['no packets', {}, 'IP: 192.0.2.1\nmanually triggered attack', /tells of no packet/],
    ['another target', { target: '203.0.113.9/32' }, DUMP, /no packet goes to 203\.0\.113\.9/],
    ['few', {}, `IP: 192.0.2.1\n${LINES[0]}\n`, /^$/],
    [
      'few for DDPS',
      { mode: 'ddps', format: 'ddps' },
      LINES.slice(0, 2).join('\n'),
      /2 samples are too few .*3 are needed/,
    ],
    ['absent', { file: join(folder, 'absent') }, '', /ENOENT/],
    ['a folder', { file: folder }, '', /EISDIR/],
    ['no frames', {}, captureOf([new Uint8Array(20)]), /none of its 1 packets is one of IP/],
  ]
  for (const [name, changes, input, words] of cases) {
    const { code, out, err } = await run(changes, input)
    assert.equal(code, 1, name)
    assert.match(err, words, name)
    if (name !== 'few') assert.equal(out, '', name)
  }
})

test('an outgoing attack has its source in each rule', async () => {
  const lines = LINES.map(line =>
    line.replace(/(\S+):11211 > 192\.0\.2\.1:(\d+)/, '192.0.2.1:53 > 198.51.100.9:$2'),
  )
  const text = `IP: 192.0.2.1\nAttack direction: outgoing\n${lines.join('\n')}`

  const { out } = await run({ mode: 'ddps', format: 'json' }, text)

  const facts = distilledSchema.parse(JSON.parse(out))
  assert.deepEqual(
    [facts.direction, facts.source, facts.target],
    ['outgoing', '192.0.2.1/32', '198.51.100.9/32'],
  )
  assert.equal(facts.rules[0]?.match['source'], '192.0.2.1/32')
})
