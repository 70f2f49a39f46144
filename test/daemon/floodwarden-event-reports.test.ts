// What bin/floodwarden-event reads from a report: vector, ports, and the text itself as JSON.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { exampleAttack, examplePackets } from '#5-evidence/example.ts'
import { flowsFrom } from '#5-evidence/flow-sections.ts'
import { reportOf } from '#5-evidence/report.ts'
import { banText, detailsText, headText } from '#5-evidence/report-text.ts'
import { mayRunProgram } from '../may-run-programs.ts'
import { Installation, type Shell, shellsOf } from './event-script.ts'
import { flowLines, packetLines, type ReportCase, reportText, type Speeds, totalOf } from './report-texts.ts'

const times = <T>(count: number, make: (at: number) => T): T[] =>
  Array.from({ length: count }, (_, at) => make(at))

interface Case {
  readonly is: string
  readonly report: string
  readonly direction?: string
  readonly ip?: string
  readonly vector: string
  /** With FLOODWARDEN_VECTORS=extended, when it is another. */
  readonly extended?: string
  readonly ports?: readonly number[]
}

const of = (report: ReportCase): string => reportText(report)
const toPort80 = times(21, at => [80, 1033 + at, 4] as const)
const toMany = times(21, at => [1033 + 7 * at, 40_000 + at, 4] as const)
const fromDns = times(21, at => [4000 + 13 * at, 53, 4] as const)
const synPackets = times(20, at => ['tcp', 'syn', 443, 2000 + at] as const)
const ackPackets = times(20, at => ['tcp', 'ack', at % 2 ? 443 : 80, 2000 + at] as const)

const CASES: readonly Case[] = [
  {
    is: 'a UDP flood to one port',
    report: of({
      type: 'udp_flood',
      protocol: 'udp',
      speeds: { udp: 27_421 },
      lines: flowLines('UDP', toPort80),
    }),
    vector: 'udp_flood',
    ports: [80],
  },
  {
    is: 'a UDP flood to random ports',
    report: of({
      type: 'udp_flood',
      protocol: 'udp',
      speeds: { udp: 27_421 },
      lines: flowLines('UDP', toMany),
    }),
    vector: 'udp_flood',
  },
  {
    is: 'one flow of a list that was cut',
    report: of({
      type: 'syn_flood',
      speeds: { tcp: 9000, syn: 9000 },
      lines: flowLines('TCP', [[80, 1033, 3]]),
    }),
    vector: 'syn_flood',
  },
  {
    is: 'the only flow there was',
    report: of({
      type: 'udp_flood',
      protocol: 'udp',
      speeds: { udp: 9000 },
      lines: flowLines('UDP', [[53, 1033, 3]], false),
    }),
    vector: 'udp_flood',
    ports: [53],
  },
  {
    is: 'a SYN flood without flows',
    report: of({ type: 'syn_flood', speeds: { tcp: 27_646, syn: 27_646 } }),
    vector: 'syn_flood',
  },
  {
    is: 'an ACK flood, which FastNetMon calls unknown',
    report: of({ speeds: { tcp: 26_593 } }),
    vector: 'ack_flood',
  },
  {
    is: 'ICMP',
    report: of({ type: 'icmp_flood', protocol: 'icmp', speeds: { icmp: 27_633 } }),
    vector: 'icmp_flood',
  },
  {
    is: 'fragments of UDP',
    report: of({
      type: 'ip_fragmentation',
      protocol: 'udp',
      speeds: { udp: 27_701, fragments: 27_701 },
      lines: flowLines('UDP', toPort80),
    }),
    vector: 'udp_flood',
    extended: 'fragment-flood',
  },
  {
    is: 'a mix that is mostly UDP, with the flows of both',
    report: of({
      protocol: 'udp',
      speeds: { tcp: 8204, syn: 8204, udp: 13_544, icmp: 5497 },
      lines: [...flowLines('TCP', toMany), ...flowLines('UDP', toPort80)],
    }),
    vector: 'udp_flood',
    ports: [80],
  },
  {
    is: 'as much TCP as UDP',
    report: of({ speeds: { tcp: 9000, syn: 8000, udp: 9000 } }),
    vector: 'syn_flood',
  },
  {
    is: 'GRE, which FastNetMon calls tcp',
    report: of({ protocol: 'tcp', speeds: { other: 30_000, tcp: 12 } }),
    vector: 'unknown',
  },
  {
    is: 'an attack that a host of ours sends',
    report: of({
      type: 'udp_flood',
      protocol: 'udp',
      direction: 'outgoing',
      speeds: { udp: 27_393 },
      lines: ['Outgoing', '', 'UDP flows: 1', '192.0.2.1:1033 > 203.0.113.9:80 800 bytes 4 packets'],
    }),
    direction: 'outgoing',
    vector: 'udp_flood',
  },
  {
    is: 'IPv6, whose report calls the host 0.0.0.0',
    report: of({ host: '0.0.0.0', type: 'syn_flood', speeds: { tcp: 21_902, syn: 21_902 } }),
    ip: '2001:0db8:0099::0002',
    vector: 'syn_flood',
  },
  {
    is: 'a manual ban',
    report: of({ direction: 'other', protocol: 'unknown' }),
    direction: 'other',
    vector: 'unknown',
  },
  {
    is: 'a manual ban of the newest source',
    report: 'manually triggered attack',
    direction: 'other',
    vector: 'unknown',
  },
  {
    is: 'the newest source with packets and flows',
    report: of({
      head: true,
      speeds: { tcp: 20_000, syn: 500 },
      lines: [
        '',
        '',
        '',
        'Attack traffic dump',
        '',
        ...packetLines(ackPackets),
        '',
        '',
        'Flow dump',
        '',
        ...flowLines('TCP', toPort80),
      ],
    }),
    vector: 'ack_flood',
    ports: [80, 443],
  },
  {
    is: 'packets of attack_details',
    report: of({
      type: 'syn_flood',
      speeds: { tcp: 27_646, syn: 27_646 },
      lines: ['', '', ...packetLines(synPackets)],
    }),
    vector: 'syn_flood',
    ports: [443],
  },
  {
    is: 'answers of name servers',
    report: of({
      type: 'udp_flood',
      protocol: 'udp',
      speeds: { udp: 50_000 },
      lines: flowLines('UDP', fromDns),
    }),
    vector: 'udp_flood',
    extended: 'dns-amplification',
  },
  {
    is: 'a name of its newest source',
    report: of({ type: 'ntp_amplification', protocol: 'udp', speeds: { udp: 9 } }),
    vector: 'udp_flood',
    extended: 'ntp-amplification',
  },
  {
    is: 'JSON',
    report: JSON.stringify({
      ip: '192.0.2.1',
      attack_details: {
        attack_uuid: 'a',
        total_incoming_pps: 9100,
        incoming_tcp_pps: 9000,
        incoming_syn_tcp_pps: 100,
        incoming_udp_pps: 100,
      },
    }),
    vector: 'ack_flood',
  },
  {
    is: 'nothing but the protocol',
    report: 'IP: 192.0.2.1\r\nAttack protocol: icmp\r\n',
    vector: 'icmp_flood',
  },
  {
    is: 'nothing but packets',
    report: packetLines(synPackets).join('\n'),
    vector: 'syn_flood',
    ports: [443],
  },
  { is: 'words, SYN before UDP', report: 'udp and then a TCP SYN flood\n', vector: 'syn_flood' },
  { is: 'words in other words', report: 'attack with packets and hackers, synthetic\n', vector: 'unknown' },
  { is: 'a word with the value zero', report: 'syn packets: 0\nudp packets: 5\n', vector: 'udp_flood' },
  { is: 'nothing', report: '', vector: 'unknown' },
]

type Told = { vector: string; top_dst_ports?: number[]; pps: number; raw_details: { raw: string } }

async function told(
  installation: Installation,
  report: string | Uint8Array,
  words: readonly string[],
  shell: Shell,
  env: Record<string, string> = {},
): Promise<Told> {
  const { stdout, stderr, code } = await installation.call(['--dry-run', ...words], { report, shell, env })
  assert.equal(code, 0, stderr)
  return JSON.parse(stdout.slice(stdout.indexOf('{'))) as Told
}

/** As many calls at a time as the machine has processors to spare. */
async function each<T, R>(items: readonly T[], act: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  const next = [...items.entries()]
  const worker = async () => {
    for (let entry = next.shift(); entry; entry = next.shift()) results[entry[0]] = await act(entry[1])
  }
  await Promise.all([worker(), worker(), worker()])
  return results
}

test('each form of report has its vector and its ports, in the words prefixd knows and in ours', async t => {
  if (!mayRunProgram(t, '/usr/bin/curl')) return
  const installation = new Installation(t, 'http://127.0.0.1:9')
  const shells = shellsOf(t)
  const runs = CASES.flatMap((entry, at) => {
    const plain = { ...entry, shell: shells[at % shells.length]!, vectors: 'prefixd', expected: entry.vector }
    return entry.extended === undefined
      ? [plain]
      : [plain, { ...plain, vectors: 'extended', expected: entry.extended }]
  })

  const found = await each(runs, ({ report, ip = '192.0.2.1', direction = 'incoming', shell, vectors }) =>
    told(installation, report, [ip, direction, '9', 'ban'], shell, { FLOODWARDEN_VECTORS: vectors }),
  )

  for (const [at, { is, expected, ports, shell }] of runs.entries()) {
    assert.equal(found[at]?.vector, expected, `${is} under ${shell.name}`)
    assert.deepEqual(found[at]?.top_dst_ports, ports, `${is} under ${shell.name}`)
  }
})

test('our own reports, which have the same words, are read alike', async t => {
  if (!mayRunProgram(t, '/usr/bin/curl')) return
  const installation = new Installation(t, 'http://127.0.0.1:9')
  const attack = exampleAttack()
  const packets = examplePackets(40)
  const flows = flowsFrom(packets, '192.0.2.1', { incoming: 3000, outgoing: 0 }, 21)
  const style = {
    recordCount: 20,
    addressForm: 'canonical',
    localTime: () => '2026-01-15 12:00:00.000000',
  } as const
  const texts = [
    banText(reportOf({ attack, flows, packets: [] }), style),
    detailsText(reportOf({ attack, flows: [], packets }), style),
    headText(reportOf({ attack, flows, packets }), style),
  ]

  const found = await each(texts, text =>
    told(installation, text, ['192.0.2.1', 'incoming', '40000', 'ban'], shellsOf(t)[0]!),
  )

  assert.deepEqual(new Set(found.map(({ vector }) => vector)), new Set(['udp_flood']))
  assert.deepEqual(new Set(found.map(ports => JSON.stringify(ports.top_dst_ports))).size, 1)
})

/** Numbers that are always the same, so that a failure can be seen again. */
function* numbers(seed: number): Generator<number> {
  for (let state = seed; ; ) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    yield state >>> 8
  }
}

/** What FastNetMon calls it: a kind needs more than nine tenths of all packets, the protocol is the largest of three. */
function namesOf(speeds: Required<Omit<Speeds, 'other'>>): { type: string; protocol: string } {
  const { tcp, syn, udp, icmp, fragments } = speeds
  const most = totalOf(speeds) * 0.9
  const kinds = { syn_flood: syn, icmp_flood: icmp, ip_fragmentation: fragments, udp_flood: udp }
  const type = Object.entries(kinds).find(([, packets]) => packets > most)?.[0] ?? 'unknown'
  return { type, protocol: tcp >= udp && tcp >= icmp ? 'tcp' : udp >= icmp ? 'udp' : 'icmp' }
}

function expectedOf({ tcp, syn, udp, icmp }: Required<Omit<Speeds, 'other'>>): string {
  if (tcp >= udp && tcp >= icmp) return syn * 2 >= tcp ? 'syn_flood' : 'ack_flood'
  return udp >= icmp ? 'udp_flood' : 'icmp_flood'
}

test('whatever the speeds are, the vector is that of most packets, with or without the names of FastNetMon', async t => {
  if (!mayRunProgram(t, '/usr/bin/curl')) return
  const installation = new Installation(t, 'http://127.0.0.1:9')
  const shells = shellsOf(t)
  const random = numbers(2026)
  const below = (most: number): number => (random.next().value as number) % (most + 1)
  const runs = times(24, at => {
    const tcp = below(3) ? below(50_000) : 0
    const udp = below(3) ? below(50_000) : 0
    const speeds = { tcp, syn: below(tcp), udp, icmp: 1 + below(9000), fragments: below(udp) }
    return { speeds, head: at % 2 === 0, named: at % 3 !== 0, shell: shells[at % shells.length]! }
  })

  const found = await each(runs, ({ speeds, head, named, shell }) => {
    const names = named ? namesOf(speeds) : {}
    return told(
      installation,
      reportText({ ...names, speeds, head }),
      ['192.0.2.1', 'incoming', '9', 'ban'],
      shell,
    )
  })

  for (const [at, { speeds }] of runs.entries()) {
    assert.equal(found[at]?.vector, expectedOf(speeds), JSON.stringify(runs[at]))
  }
})

/** All bytes, text of all lengths, and what is not UTF-8: cut, overlong, a surrogate, too large. */
const BYTES = Buffer.concat([
  Uint8Array.from({ length: 256 }, (_, at) => at),
  Buffer.from('tab\there "quoted" back\\slash \u007f é € 😀 \u{10ffff}\r\n'),
  Uint8Array.of(0xe2, 0x82, 0x41, 0xc0, 0xaf, 0xed, 0xa0, 0x80, 0xf4, 0x90, 0x80, 0x80, 0xf0, 0x9f, 0x98),
])
const decoded = (bytes: Uint8Array): string =>
  new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes).replaceAll('\0', '\ufffd')

test('the report arrives byte for byte, and what is not UTF-8 is marked, under every shell and awk', async t => {
  if (!mayRunProgram(t, '/usr/bin/curl')) return
  const installation = new Installation(t, 'http://127.0.0.1:9')
  const random = numbers(7)
  const noise = Uint8Array.from({ length: 3000 }, () => random.next().value as number)
  const runs = shellsOf(t).flatMap(shell => [BYTES, noise].map(bytes => ({ shell, bytes })))

  const found = await each(runs, ({ shell, bytes }) =>
    told(installation, bytes, ['192.0.2.1', 'incoming', '9', 'ban'], shell),
  )

  for (const [at, { bytes }] of runs.entries()) assert.equal(found[at]?.raw_details.raw, decoded(bytes))
})
