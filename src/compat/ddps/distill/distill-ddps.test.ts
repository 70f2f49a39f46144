import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { DistillInput, DistillSample } from '#5-evidence/distill/distillation.ts'
import { readDump } from '#compat/fastnetmon/dump/read-dump.ts'
import { matches } from '#lib/flowspec/matches.ts'
import { printFlow } from '#lib/flowspec/print.ts'
import { parseAddress } from '#lib/ip/address.ts'
import { prefixOf } from '#lib/ip/prefix.ts'
import { writeRule } from '../from-rule.ts'
import type { DdpsRule } from '../rule.ts'
import { convertRule } from '../to-rule.ts'
import { DDPS_ACTIONS } from '../words.ts'
import { distillDdps } from './distill-ddps.ts'
import { DDPS_DESCRIPTION, DDPS_DISTILLING, DDPS_SECONDS, type DdpsDistilling } from './settings.ts'

interface Line {
  readonly source?: string
  readonly sourcePort?: number
  readonly port?: number
  readonly protocol?: string
  readonly flags?: string
  readonly frag?: 0 | 1
  readonly size?: number
}

const VICTIM = '10.0.0.5'

function lineOf({ source = '198.51.100.1', sourcePort = 4242, port = 53, ...line }: Line): string {
  const { protocol = 'udp', flags, frag = 0, size = 60 } = line
  const flagText = flags === undefined ? '' : ` flags: ${flags}`
  return `2026-11-20 10:11:49.883663 ${source}:${sourcePort} > ${VICTIM}:${port} protocol: ${protocol}${flagText} frag: ${frag}  packets: 1 size: ${size} bytes ttl: 64 sample ratio: 1  `
}

const samplesOf = (lines: readonly Line[]): DistillSample[] =>
  readDump(lines.map(lineOf).join('\n'), 'ip').packets.map(({ sample }) => sample)

const inputOf = (attack: readonly DistillSample[]): DistillInput => ({
  family: 4,
  target: prefixOf(parseAddress(VICTIM)!, 32),
  attack,
  normal: [],
  vectors: [],
  action: { kind: 'discard' },
  rulesMax: 3,
})

function keysOf(attack: readonly DistillSample[], settings: Partial<DdpsDistilling> = {}): Partial<DdpsRule> {
  const distilled = distillDdps(inputOf(attack), { ...DDPS_DISTILLING, ...settings })
  assert.ok(distilled.kind === 'rules')
  const rule = distilled.rules[0]?.rule
  assert.ok(rule)
  const written = writeRule(rule, { seconds: DDPS_SECONDS, description: DDPS_DESCRIPTION })
  assert.ok(written.kind === 'keys', written.kind === 'problem' ? written.problem : '')
  const taken = convertRule(written.rule, { actions: DDPS_ACTIONS, mayTouch: () => true })
  assert.equal(taken.kind, 'rule', taken.kind === 'refused' ? taken.text : '')
  return Object.fromEntries(Object.entries(written.rule).filter(([, text]) => text !== ''))
}

const COMMON = {
  durationminutes: '10',
  destinationprefix: `${VICTIM}/32`,
  thenaction: 'discard',
  description: 'API mitigation (fastnetmon)',
}

const sources = (count: number) => Array.from({ length: count }, (_, at) => `198.51.100.${at + 1}`)

test('four lines of UDP from different sources: exact port and length', () => {
  const lines = sources(4).map((source, at) => ({ source, sourcePort: 1024 + at * 9000 }))

  assert.deepEqual(keysOf(samplesOf(lines)), {
    ...COMMON,
    ipprotocol: '=17',
    destinationport: '=53',
    packetlength: '=60',
  })
})

test('four lines of TCP from one source: ranges are an AND of both ends', () => {
  const lines = [
    { port: 80, size: 60, flags: 'syn' },
    { port: 443, size: 1500, flags: 'syn' },
    { port: 80, size: 700, flags: 'syn,ack' },
    { port: 443, size: 60, flags: 'syn' },
  ].map(line => ({ ...line, protocol: 'tcp', source: '198.51.100.1' }))

  assert.deepEqual(keysOf(samplesOf(lines)), {
    ...COMMON,
    sourceprefix: '198.51.100.1/32',
    ipprotocol: '=6',
    destinationport: '>=80&<=443',
    sourceport: '=4242',
    packetlength: '>=60&<=1500',
    tcpflags: 'syn',
  })
})

test('four lines of ICMP have no ports', () => {
  const lines = sources(4).map(source => ({ source, protocol: 'icmp', port: 0, sourcePort: 0 }))

  assert.deepEqual(keysOf(samplesOf(lines)), { ...COMMON, ipprotocol: '=1', packetlength: '=60' })
})

test('lengths begin with no seed, and an end DDPS cannot write is left open', () => {
  const sizes = (...lengths: number[]) => keysOf(samplesOf(lengths.map(size => ({ size })))).packetlength

  assert.equal(sizes(900, 900, 1400), '>=900&<=1400')
  assert.equal(sizes(40, 900, 1400), '<=1400')
  assert.equal(sizes(900, 900, 9500), '>=900')
  assert.equal(sizes(40, 40, 40), '<=60')
  assert.equal(sizes(28, 40, 9500), undefined)
})

test('flags are those of every line, in the words of DDPS', () => {
  const flags = (...texts: string[]) =>
    keysOf(samplesOf(texts.map(text => ({ protocol: 'tcp', flags: text })))).tcpflags

  assert.equal(flags('psh,ack', 'psh,ack', 'psh,ack'), 'push ack')
  assert.equal(flags('urg', 'fin,urg', 'urg,psh'), 'urgent')
  assert.equal(flags('syn', 'ack', 'rst'), undefined)
  assert.equal(flags('-', '-', '-'), undefined)
})

test('fragments are a word, and no ports stand beside it', () => {
  const later = { frag: 1, port: 0, sourcePort: 0 } as const
  const fragments = keysOf(samplesOf([later, later, { frag: 0 }]))
  const first = keysOf(samplesOf([later, { frag: 1 }, { frag: 1 }]))
  const few = keysOf(samplesOf([{ frag: 1 }, {}, {}, {}]))

  assert.equal(fragments.fragmentencoding, 'is-fragment')
  assert.equal(fragments.destinationport, undefined)
  assert.equal(first.fragmentencoding, 'is-fragment first-fragment')
  assert.equal(few.fragmentencoding, undefined)
  assert.equal(few.destinationport, '=53')
})

test('the protocol is that of most lines, and the other fields are of these lines', () => {
  const mixed = [...Array<Line>(6).fill({ port: 80 }), ...Array<Line>(3).fill({ protocol: 'tcp', port: 22 })]
  const even = [...Array<Line>(3).fill({ port: 80 }), ...Array<Line>(3).fill({ protocol: 'tcp', port: 22 })]

  assert.equal(keysOf(samplesOf(mixed)).ipprotocol, '=17')
  assert.equal(keysOf(samplesOf(mixed)).destinationport, '=80')
  assert.equal(keysOf(samplesOf(even)).ipprotocol, undefined)
  assert.equal(keysOf(samplesOf(even)).destinationport, '>=22&<=80')
  assert.equal(keysOf(samplesOf(mixed), { protocolShare: 0.9 }).ipprotocol, undefined)
})

test('source ports of clients are no range, those of services are', () => {
  const ports = (...list: number[]) => keysOf(samplesOf(list.map(sourcePort => ({ sourcePort })))).sourceport

  assert.equal(ports(53, 53, 53), '=53')
  assert.equal(ports(1024, 40_000, 60_000), undefined)
  assert.equal(ports(1033, 1040, 1103), undefined)
  assert.equal(ports(161, 162, 161), '>=161&<=162')
})

test('two lines make no rule, and how many are needed can be set', () => {
  const two = samplesOf([{}, {}])

  assert.deepEqual(distillDdps(inputOf(two)), { kind: 'too-few', samples: 2, needed: 3 })
  assert.equal(distillDdps(inputOf(two), { ...DDPS_DISTILLING, linesMin: 2 }).kind, 'rules')
})

test('reduced lines give addresses and ports, and still an action and a description', () => {
  const text = [
    'UDP flows: 3',
    ...[1, 2, 3].map(at => `${VICTIM}:80 < 198.51.100.${at}:53 800 bytes 4 packets`),
  ]
  const samples = readDump(text.join('\n'), 'ip').packets.map(({ sample }) => sample)

  assert.deepEqual(keysOf(samples), {
    ...COMMON,
    ipprotocol: '=17',
    destinationport: '=80',
    sourceport: '=53',
  })
})

test('the refinement takes the values that come most often when they are enough', () => {
  const lines = [
    ...Array<Line>(50).fill({ port: 80 }),
    ...Array<Line>(40).fill({ port: 443 }),
    ...Array.from({ length: 10 }, (_, at) => ({ port: 10_000 + at * 997 })),
  ]
  const spread = Array.from({ length: 200 }, (_, at) => ({ port: 1024 + at * 300 }))
  const values = { fields: 'values', valuesMax: 2 } as const

  assert.equal(keysOf(samplesOf(lines), values).destinationport, '=80 =443')
  assert.equal(keysOf(samplesOf(lines), { ...values, valuesShare: 0.95 }).destinationport, undefined)
  // Ten of two hundred values are five per cent, and more than ten are needed.
  assert.equal(keysOf(samplesOf(spread), { fields: 'values' }).destinationport, undefined)
  assert.equal(
    keysOf(samplesOf(spread), { fields: 'values', valuesShare: 0.04 }).destinationport?.split(' ').length,
    10,
  )
})

test('ranges match each line of the protocol, and what is written is what is meant', () => {
  const anyLine = fc.record({
    source: fc.constantFrom(...sources(3)),
    sourcePort: fc.integer({ min: 1, max: 65_535 }),
    port: fc.integer({ min: 1, max: 65_535 }),
    protocol: fc.constantFrom('udp', 'udp', 'tcp'),
    flags: fc.constantFrom('syn', 'ack', 'psh,ack'),
    size: fc.integer({ min: 20, max: 9500 }),
  })
  fc.assert(
    fc.property(fc.array(anyLine, { minLength: 3, maxLength: 20 }), lines => {
      const samples = samplesOf(lines)

      const distilled = distillDdps(inputOf(samples))

      assert.ok(distilled.kind === 'rules')
      const rule = distilled.rules[0]?.rule
      assert.ok(rule)
      const named = rule.components.find(({ type }) => type === 'protocol')
      const missed = samples.filter(({ packet }) => !matches(rule, packet))
      if (named === undefined) assert.deepEqual(missed, [], printFlow(rule))
      else assert.ok(missed.length * 2 < samples.length, printFlow(rule))
      const written = writeRule(rule, { seconds: DDPS_SECONDS, description: DDPS_DESCRIPTION })
      assert.equal(written.kind, 'keys')
    }),
  )
})
