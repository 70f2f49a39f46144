// Valid datagrams of every kind, broken in every way: cut, spliced, lengths and counts replaced, bytes turned.
//
// Each input is decoded twice, by two exporters that have seen the same before: among foreign bytes, and at the end of a
// view, where reading on throws. What they make of it must not differ, nothing may throw, and every bound must hold. The
// same seed gives the same inputs.

import { type Domain, EXPORTER_LIMITS, ExporterState } from './exporter.ts'
import { decodeFlowExport } from './flow-decoder.ts'
import * as build from './flow-exports-for-tests.ts'
import { FlowRecord } from './flow-record.ts'
import { type Bytes, SOURCE_V6, TARGET_V6, udpFrame, udpV6 } from './frame/frames-for-tests.ts'
import * as sflow from './sflow/sflow-for-tests.ts'
import { expireExporter } from './templates.ts'

const { IPV4_FIELDS, ipv4Record, netflow9, ipfix, number, set, template, variable } = build
const VARIABLE = 65_535
const MARGIN = 64
const INPUT_BYTES_MAX = 4096
/** A new pair of exporters begins after so many inputs. */
const INPUTS_PER_EXPORTER = 2000
const WORDS = [0, 1, 2, 3, 4, 5, 8, 16, 20, 48, 255, 256, 257, 300, 0x7fff, 0x8000, 0xfffe, 0xffff]

const named: readonly build.FieldBytes[] = [
  [82, VARIABLE],
  ...IPV4_FIELDS,
  [1, 8, 9],
  [2, 8, 29_305],
  [1, 8, 29_305],
]
const namedRecord = [
  ...variable([65, 66]),
  ...ipv4Record(),
  ...number(1, 8),
  ...number(2, 8),
  ...number(99, 8),
]
const frames: readonly build.FieldBytes[] = [
  [318, 4],
  [319, 4],
  [312, 2],
  [315, VARIABLE],
]
const frameRecord = [...number(1000, 4), ...number(10, 4), 5, 0, ...variable(udpFrame())]
const asa: readonly build.FieldBytes[] = [
  [8, 4],
  [12, 4],
  [27, 16],
  [231, 4],
  [232, 4],
  [230, 1],
  [89, 4],
  [34, 4],
]

const header = sflow.header(udpFrame())
const path: readonly sflow.Segment[] = [
  { kind: 'sequence', systems: [64_502, 64_503] },
  { kind: 'set', systems: [64_504] },
]
const sflowSeeds: readonly Bytes[] = [
  sflow.sflow([
    sflow.flowSample([sflow.switchData(7), header, sflow.gatewayData({ source: 64_501, path })]),
    sflow.flowSample([header], { source: 4, output: [1, 258], sequence: 9 }),
  ]),
  sflow.sflow(
    [
      sflow.expandedSample([sflow.header(udpV6(), { protocol: 12 })], { output: [2, 3] }),
      sflow.discardSample([header], { reason: 3 }),
    ],
    { agent: SOURCE_V6, branch: 2 },
  ),
  sflow.sflow([
    sflow.counterSample([sflow.genericCounters(3, 1), sflow.ethernetCounters(5)]),
    sflow.flowSample([sflow.ethernetFields(600), sflow.ipFields(SOURCE_V6, TARGET_V6)]),
    sflow.expandedCounters([sflow.genericCounters(9, 1)]),
  ]),
]

const SEEDS: readonly Bytes[] = [
  ...sflowSeeds,
  build.netflow5([build.record5(), build.record5({ protocol: 1 })], { sampling: 0x4064 }),
  netflow9([set(0, [template(256, IPV4_FIELDS)]), set(256, [ipv4Record(), ipv4Record()], 2)]),
  netflow9([set(256, [ipv4Record(), ipv4Record(), ipv4Record()])], { sequence: 2 }),
  netflow9([
    set(
      1,
      [
        build.optionsTemplate9(
          400,
          [[1, 4]],
          [
            [48, 1],
            [50, 4],
            [36, 2],
          ],
        ),
      ],
      2,
    ),
    set(400, [[0, 0, 0, 1, 1, ...number(100, 4), 0, 60]], 1),
  ]),
  netflow9([set(0, [template(257, asa)]), set(257, [Array<number>(41).fill(1)])]),
  ipfix([set(2, [template(256, named), template(258, frames)]), set(256, [namedRecord, namedRecord], 3)]),
  ipfix([set(258, [frameRecord, frameRecord]), set(256, [namedRecord])]),
  ipfix([
    set(3, [
      build.optionsTemplate(
        401,
        [[302, 8]],
        [
          [304, 2],
          [305, 4],
          [306, 4],
          [335, VARIABLE],
        ],
      ),
    ]),
    set(401, [[...number(1, 8), 0, 1, ...number(1, 4), ...number(99, 4), ...variable([1, 2])]]),
  ]),
  ipfix([set(2, [[1, 0, 0, 0]]), set(3, [[0, 3, 0, 0]])]),
]

/** What one exporter of the pair saw. */
class Witness {
  exporter = new ExporterState('192.0.2.1', { override: 0, fallback: 1 })
  readonly record = new FlowRecord()
  readonly memory: Uint8Array
  /** Depends on every field of every record. */
  sum = 0
  taken = 0
  oddRecords = 0
  /** Where the datagram in hand ends. */
  private end = 0
  private readonly take = (record: FlowRecord): void => {
    const { sample: s, bytes, packets, rate, endMs, durationMs, frameAt, frameLength } = record
    this.taken++
    this.sum = (this.sum * 31 + s.sourceA + s.sourceD + s.targetA + s.targetD + s.protocol) | 0
    this.sum = (this.sum * 31 + s.sourcePort + s.targetPort + s.tcpFlags + bytes + packets + rate + endMs) | 0
    const isFine = s.family !== 0 && packets > 0 && bytes >= 0 && rate >= 1 && rate <= 1 << 24
    const isWithin = frameLength === 0 || (frameAt >= MARGIN && frameAt + frameLength <= this.end)
    if (!(isFine && isWithin && durationMs >= 0 && Number.isFinite(endMs) && Number.isFinite(bytes)))
      this.oddRecords++
    this.sum = (this.sum * 31 + record.isDropped + record.dropReason + record.sampler + frameLength) | 0
    this.sum = (this.sum * 31 + record.inputInterface + record.outputInterface + record.targetAs) | 0
  }

  constructor(poison: number) {
    this.memory = new Uint8Array(new ArrayBuffer(INPUT_BYTES_MAX + 2 * MARGIN)).fill(poison)
  }

  decode(input: Uint8Array, length: number, nowMs: number, poison: number): void {
    this.memory.set(input.subarray(0, length), MARGIN)
    this.memory.fill(poison, MARGIN + length)
    this.end = MARGIN + length
    const view = new DataView(this.memory.buffer, 0, MARGIN + length + (poison === 0 ? MARGIN : 0))
    decodeFlowExport(view, MARGIN, MARGIN + length, this.exporter, nowMs, this.record, this.take)
  }

  /** A claim that does not hold, or nothing. */
  complaint(): string | undefined {
    const { exporter, oddRecords } = this
    const { limits } = exporter
    if (oddRecords > 0) return `${oddRecords} records with numbers that cannot be`
    if (exporter.templates > limits.templates || exporter.templateBytes > limits.templateBytes)
      return 'templates'
    if (exporter.domains.size > limits.domains) return 'domains'
    if (exporter.sources > limits.sources || exporter.interfaces > limits.interfaces) return 'sources'
    const domains = [...exporter.domains.values()]
    const sumOf = (count: (domain: Domain) => number) =>
      domains.reduce((sum, domain) => sum + count(domain), 0)
    if (sumOf(({ templates }) => templates.size) !== exporter.templates) return 'count of templates'
    if (sumOf(({ sources }) => sources.count) !== exporter.sources) return 'count of sources'
    return sumOf(({ interfaces }) => interfaces.size) === exporter.interfaces ? undefined : 'interfaces'
  }
}

export interface MutationResult {
  readonly inputs: number
  readonly taken: number
  readonly malformed: number
  /** The first thing that was wrong, with the input; undefined when nothing was. */
  readonly fault: string | undefined
}

/** Decodes so many broken datagrams. Throws only what a decoder threw. */
export function mutateFlowExports(inputs: number, seed: number): MutationResult {
  const random = randomFrom(seed)
  const pool = SEEDS.map(bytes => Uint8Array.from(bytes))
  const input = new Uint8Array(INPUT_BYTES_MAX)
  const witnesses = [new Witness(0x00), new Witness(0xff)] as const
  const limits = { ...EXPORTER_LIMITS, templates: 64, domains: 16, heldBytes: 16_384, heldMs: 500 }
  const bounds = { ...limits, sources: 32, interfaces: 8 }
  let malformed = 0
  for (let i = 0; i < inputs; i++) {
    const nowMs = 1_700_000_000_000 + i * 7
    if (i % INPUTS_PER_EXPORTER === 0) {
      malformed += witnesses[0].exporter.counters.malformed
      for (const witness of witnesses)
        witness.exporter = new ExporterState('192.0.2.1', { override: 0, fallback: 1 }, bounds)
    }
    const length = makeInput(input, pool, random)
    for (const [index, witness] of witnesses.entries()) {
      witness.decode(input, length, nowMs, index * 255)
      if (i % 100 === 0) expireExporter(witness.exporter, nowMs)
    }
    const [one, other] = witnesses
    const isSame = one.sum === other.sum && one.taken === other.taken
    const fault = isSame ? (i % 64 === 0 ? one.complaint() : undefined) : 'foreign bytes were read'
    if (fault !== undefined)
      return {
        inputs: i + 1,
        taken: one.taken,
        malformed,
        fault: `${fault}: ${[...input.subarray(0, length)]}`,
      }
  }
  malformed += witnesses[0].exporter.counters.malformed
  return { inputs, taken: witnesses[0].taken, malformed, fault: witnesses[0].complaint() }
}

type Random = (below: number) => number

function randomFrom(seed: number): Random {
  let state = seed | 1
  return below => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % below
  }
}

/** Puts one broken datagram into `input`; returns its length. One in eight is left whole, so that templates stay known. */
function makeInput(input: Uint8Array, pool: readonly Uint8Array[], random: Random): number {
  const base = pool[random(pool.length)]!
  input.set(base)
  let length = base.length
  const changes = random(8) === 0 ? 0 : 1 + random(4)
  for (let i = 0; i < changes; i++) length = change(input, length, pool, random)
  return length
}

function change(input: Uint8Array, length: number, pool: readonly Uint8Array[], random: Random): number {
  const at = random(Math.max(length, 1))
  const even = at & ~1
  switch (random(7)) {
    case 0:
      input[at] = random(256)
      return length
    case 1:
      input[at] = (input[at] ?? 0) ^ (1 << random(8))
      return length
    case 2:
    case 3: {
      const word = WORDS[random(WORDS.length)]!
      input[even] = word >> 8
      input[even + 1] = word & 255
      return length
    }
    case 4:
      return at
    case 5: {
      // The rest of another datagram, from the same place: sets of one protocol within the other.
      const other = pool[random(pool.length)]!
      if (at >= other.length) return length
      input.set(other.subarray(at), at)
      return other.length
    }
    default: {
      // A piece once more, right behind itself.
      const bytes = Math.min(1 + random(64), length - at, INPUT_BYTES_MAX - length)
      if (bytes <= 0) return length
      input.copyWithin(at + bytes, at, length)
      return length + bytes
    }
  }
}
