// What reading a flow record or a sample costs, by protocol and shape of template: datagrams in memory, as full as Ethernet allows.
//
// Figures are the best of several rounds: other work on the machine can only make a round slower. The datagrams lie one
// after the other in 1 MB, as a batch of a socket does; records are given to one taker that adds up what it gets.

import { ExporterState } from '#2-decode/exporter.ts'
import { decodeFlowExport } from '#2-decode/flow-decoder.ts'
import {
  type FieldBytes,
  IPV4_FIELDS,
  ipfix,
  ipv4Record,
  netflow5,
  netflow9,
  number,
  record5,
  set,
  template,
  variable,
} from '#2-decode/flow-exports-for-tests.ts'
import { FlowRecord } from '#2-decode/flow-record.ts'
import {
  ethernet,
  filled,
  ipv4,
  ipv6,
  SOURCE_V4,
  SOURCE_V6,
  TARGET_V4,
  TARGET_V6,
  tcp,
  udp,
  udpFrame,
} from '#2-decode/frame/frames-for-tests.ts'
import { ETHER_TYPE } from '#2-decode/frame/layer.ts'
import {
  discardSample,
  expandedSample,
  flowSample,
  gatewayData,
  header,
  routerData,
  sflow,
  switchData,
} from '#2-decode/sflow/sflow-for-tests.ts'
import { assert } from '#lib/assert.ts'
import { printTable } from './table.ts'

const BUFFER_BYTES = 1 << 20
const NOW_MS = 1_700_000_000_400

interface Kind {
  readonly name: string
  readonly template: readonly number[]
  readonly datagram: readonly number[]
  readonly records: number
  /** The datagram of this index, with numbers that go on; all are alike where it is missing. */
  readonly nth?: (index: number) => readonly number[]
}

export interface Figure {
  readonly name: string
  readonly nanoseconds: number
  /** Of each pass over the buffer. */
  readonly records: number
}

const ipv6Fields: readonly FieldBytes[] = [
  ...([
    [27, 16],
    [28, 16],
    [10, 4],
    [14, 4],
    [2, 8],
    [1, 8],
    [152, 8],
    [153, 8],
  ] as const),
  ...([
    [7, 2],
    [11, 2],
    [4, 1],
    [6, 1],
    [16, 4],
    [17, 4],
    [136, 1],
  ] as const),
]
const ipv6Record = [
  ...[...SOURCE_V6, ...TARGET_V6, ...number(3, 4), ...number(4, 4), ...number(10, 8), ...number(5000, 8)],
  ...[...number(NOW_MS - 3000, 8), ...number(NOW_MS, 8), ...number(1900, 2), ...number(80, 2), 17, 0],
  ...[...number(64_500, 4), ...number(64_501, 4), 1],
]
const shortFields: readonly FieldBytes[] = [
  [8, 4],
  [12, 4],
  [7, 2],
  [11, 2],
  [4, 1],
  [1, 4],
  [2, 4],
]
const shortRecord = [
  ...SOURCE_V4,
  ...TARGET_V4,
  ...number(1, 2),
  ...number(80, 2),
  17,
  ...number(99, 4),
  ...number(1, 4),
]
const sampledFields: readonly FieldBytes[] = [...IPV4_FIELDS, [48, 1], [61, 1], [89, 1]]
const namedFields: readonly FieldBytes[] = [...IPV4_FIELDS, [82, 65_535]]
const frameFields: readonly FieldBytes[] = [
  [10, 4],
  [312, 2],
  [315, 65_535],
]
const repeat = (times: number, record: readonly number[]) => Array.from({ length: times }, () => record)

const v9 = (
  name: string,
  fields: readonly FieldBytes[],
  record: readonly number[],
  records: number,
): Kind => ({
  name: `NetFlow v9, ${name}`,
  template: netflow9([set(0, [template(256, fields)])]),
  datagram: netflow9([set(256, repeat(records, record))]),
  records,
})
const v10 = (
  name: string,
  fields: readonly FieldBytes[],
  record: readonly number[],
  records: number,
): Kind => ({
  name: `IPFIX, ${name}`,
  template: ipfix([set(2, [template(256, fields)])]),
  datagram: ipfix([set(256, repeat(records, record))]),
  records,
})

/** Headers of 128 bytes, as agents send them, of packets of 1514 bytes. */
const first128 = (packet: readonly number[]) =>
  header(packet.slice(0, 128), { frameLength: 1518, stripped: 4 })
const payload = filled(200)
const udp4 = first128(ethernet(ETHER_TYPE.ipv4, ipv4({ protocol: 17, payload: udp(53, 999, payload) })))
const tcp4 = first128(ethernet(ETHER_TYPE.ipv4, ipv4({ protocol: 6, payload: tcp(443, 999, 16, payload) })))
const udp6 = first128(ethernet(ETHER_TYPE.ipv6, ipv6({ next: 17, payload: udp(53, 999, payload) })))
const path = [{ kind: 'sequence', systems: [64_502, 64_503, 64_504] }] as const
const routed = [switchData(7), routerData([192, 0, 2, 1]), gatewayData({ source: 64_501, path }), tcp4]

type Sampled = (fields: { readonly source: number; readonly sequence: number }) => readonly number[]

/** Samples come from as many interfaces as are told, which number them by themselves. */
function sampled(name: string, samples: number, interfaces: number, sample: Sampled): Kind {
  const nth = (index: number) =>
    sflow(
      Array.from({ length: samples }, (_, i) => {
        const sequence = Math.floor((index * samples + i) / interfaces) + 1
        return sample({ source: (i % interfaces) + 1, sequence })
      }),
      { sequence: index + 1 },
    )
  return { name: `sFlow, ${name}`, template: sflow([]), datagram: nth(0), nth, records: samples }
}

const KINDS: readonly Kind[] = [
  sampled('IPv4 and UDP', 6, 6, fields => flowSample([udp4], fields)),
  sampled('IPv4 and TCP', 6, 6, fields => flowSample([tcp4], fields)),
  sampled('IPv6 and UDP', 6, 6, fields => flowSample([udp6], fields)),
  sampled('IPv4 and TCP, expanded', 6, 6, fields => expandedSample([tcp4], fields)),
  sampled('IPv4 and TCP, one interface', 6, 1, fields => flowSample([tcp4], fields)),
  sampled('IPv4 and TCP, switch, router and gateway', 4, 4, fields => flowSample(routed, fields)),
  sampled('discarded IPv4 and TCP', 6, 6, fields => discardSample([tcp4], fields)),
  { name: 'NetFlow v5', template: [], datagram: netflow5(repeat(30, record5())), records: 30 },
  v9('IPv4, 7 fields', shortFields, shortRecord, 60),
  v9('IPv4, 16 fields', IPV4_FIELDS, ipv4Record(), 25),
  v9('IPv4, 16 fields, sampler, direction, status', sampledFields, [...ipv4Record(), 1, 0, 64], 25),
  v10('IPv4, 16 fields', IPV4_FIELDS, ipv4Record(), 25),
  v10('IPv6, 15 fields', ipv6Fields, ipv6Record, 16),
  v10(
    'IPv4, 16 fields and one of variable length',
    namedFields,
    [...ipv4Record(), ...variable(number(1, 6))],
    22,
  ),
  v10('inline frame of variable length', frameFields, [...number(3, 4), 0, 99, ...variable(udpFrame())], 20),
]

/** Reads each kind over and over; `rounds` of them are timed. */
export function measureFlowDecoding(rounds: number, passes: number): readonly Figure[] {
  return KINDS.map(kind => measure(kind, rounds, passes))
}

function measure({ name, template, datagram, nth, records }: Kind, rounds: number, passes: number): Figure {
  const exporter = new ExporterState('192.0.2.1', { override: 0, fallback: 1000 })
  const record = new FlowRecord()
  const count = Math.floor(BUFFER_BYTES / datagram.length)
  const memory = new Uint8Array(new ArrayBuffer(BUFFER_BYTES))
  for (let i = 0; i < count; i++) memory.set(nth?.(i) ?? datagram, i * datagram.length)
  const first = new DataView(Uint8Array.from(template).buffer)
  const view = new DataView(memory.buffer)
  let taken = 0
  let sum = 0
  const take = ({ sample, bytes, rate }: FlowRecord) => {
    taken++
    sum = (sum + sample.targetA + sample.targetPort + bytes * rate) | 0
  }
  decodeFlowExport(first, 0, first.byteLength, exporter, NOW_MS, record, take)
  let best = Number.POSITIVE_INFINITY
  for (let round = 0; round < rounds; round++) {
    const start = performance.now()
    for (let pass = 0; pass < passes; pass++) {
      for (let i = 0, at = 0; i < count; i++, at += datagram.length)
        decodeFlowExport(view, at, at + datagram.length, exporter, NOW_MS, record, take)
    }
    best = Math.min(best, ((performance.now() - start) * 1e6) / (passes * count * records))
  }
  assert(taken === rounds * passes * count * records, `every record of the bench is taken: ${name} ${sum}`)
  return { name, nanoseconds: best, records: count * records }
}

if (import.meta.main) {
  const rows = measureFlowDecoding(12, 8).map(({ name, nanoseconds }) => [
    name,
    nanoseconds.toFixed(1),
    (1000 / nanoseconds).toFixed(1),
  ])
  printTable('flow records in memory', ['kind', 'ns per record', 'M records/s'], rows)
}
