// Datagrams of flow export as generators send them: full ones, each record another source, numbers to be written in place.

import {
  type FieldBytes,
  ipfix,
  netflow5,
  netflow9,
  optionsTemplate,
  optionsTemplate9,
  set,
  template,
  UPTIME_MS,
} from '#2-decode/flow-exports-for-tests.ts'
import { type Bytes, ethernet, filled, u16, u32, udp } from '#2-decode/frame/frames-for-tests.ts'
import { ETHER_TYPE } from '#2-decode/frame/layer.ts'
import { flowSample, header, sflow } from '#2-decode/sflow/sflow-for-tests.ts'
import { Random } from '../random.ts'

export const PROTOCOLS = ['netflow5', 'netflow9', 'ipfix', 'sflow'] as const
export type ExportProtocol = (typeof PROTOCOLS)[number]

export interface ExportShape {
  readonly protocol: ExportProtocol
  /** First IPv4 address the records are for, as a number, and how many follow it; taken in turn. */
  readonly target: number
  readonly targets: number
  /** What exporters state. */
  readonly samplingRate: number
  /** Of each record; a sample is one packet. */
  readonly packets: number
  readonly durationMs: number
  readonly seed: number
}

/** One kind of datagram and how its numbers go on. */
export interface Kind {
  readonly records: number
  /** Byte of the sequence number, and by how much a datagram raises it. */
  readonly sequenceAt: number
  readonly sequenceStep: number
  /** Bytes where records are numbered too: samples of sFlow. */
  readonly samplesAt: number
  readonly sampleBytes: number
  data(first: number): number[]
  /** What must be told before; it raises the sequence number by one. */
  readonly announcement: number[] | undefined
}

const PACKET_BYTES = 498
const SOURCES = 0xc612_0000
const SEEN_BYTES = 128
const RECORDS = 30
const SAMPLES = 7
const PORT = 80

/** The fields of a simple router: addresses, ports, protocol, flags, sums, interfaces, end and begin. */
const FIELDS: readonly FieldBytes[] = [
  [8, 4],
  [12, 4],
  [7, 2],
  [11, 2],
  [4, 1],
  [6, 1],
  [1, 4],
  [2, 4],
  [10, 4],
  [14, 4],
  [21, 4],
  [22, 4],
]

/** Addresses and ports of one record. */
interface Ends {
  readonly source: Bytes
  readonly target: Bytes
  readonly port: number
}

export function kindOf(shape: ExportShape): Kind {
  const seconds = Math.floor(Date.now() / 1000)
  const random = new Random(shape.seed)
  const ends = (index: number): Ends => ({
    source: u32(SOURCES + (random.next() & 0xffff)),
    target: u32(shape.target + (index % shape.targets)),
    port: 1024 + ((random.next() >>> 0) % 60_000),
  })
  const many = (count: number, first: number, make: (ends: Ends, at: number) => number[]) =>
    Array.from({ length: count }, (_, at) => make(ends(first + at), at))
  const flow = { samplesAt: 0, sampleBytes: 0, records: RECORDS } as const
  const { samplingRate } = shape
  switch (shape.protocol) {
    case 'netflow5': {
      const head = { seconds, sampling: samplingRate > 1 ? 0x4000 | samplingRate : 0 }
      const data = (first: number) =>
        netflow5(
          many(RECORDS, first, one => record5(one, shape)),
          head,
        )
      return { ...flow, sequenceAt: 16, sequenceStep: RECORDS, data, announcement: undefined }
    }
    case 'netflow9': {
      const data = (first: number) =>
        netflow9(
          [
            set(
              256,
              many(RECORDS, first, one => record(one, shape)),
            ),
          ],
          { seconds },
        )
      const told = [
        set(0, [template(256, FIELDS)]),
        set(1, [optionsTemplate9(257, [[1, 4]], [[34, 4]])], 2),
        set(257, [[...u32(0), ...u32(samplingRate)]]),
      ]
      return { ...flow, sequenceAt: 12, sequenceStep: 1, data, announcement: netflow9(told, { seconds }) }
    }
    case 'ipfix': {
      const data = (first: number) =>
        ipfix(
          [
            set(
              256,
              many(RECORDS, first, one => record(one, shape)),
            ),
          ],
          { seconds },
        )
      const told = [
        set(2, [template(256, FIELDS)]),
        set(3, [optionsTemplate(257, [[149, 4]], [[34, 4]])], 2),
        set(257, [[...u32(7), ...u32(samplingRate)]]),
      ]
      return { ...flow, sequenceAt: 8, sequenceStep: RECORDS, data, announcement: ipfix(told, { seconds }) }
    }
    case 'sflow': {
      const sample = (one: Ends) => flowSample([header(seen(one), SEEN_LENGTHS)], { rate: samplingRate })
      const data = (first: number) => sflow(many(SAMPLES, first, sample))
      const sampleBytes = sample(ends(0)).length
      return {
        records: SAMPLES,
        ...{ sequenceAt: 16, sequenceStep: 1, samplesAt: SFLOW_HEAD_BYTES + SAMPLE_HEAD_BYTES, sampleBytes },
        ...{ data, announcement: undefined },
      }
    }
  }
}

const SFLOW_HEAD_BYTES = 28
const SAMPLE_HEAD_BYTES = 8
const SEEN_LENGTHS = { frameLength: PACKET_BYTES + 18, stripped: 4 } as const

/** The first bytes of the packet a sample is of. */
function seen({ source, target, port }: Ends): number[] {
  const head = [0x45, 0, ...u16(PACKET_BYTES), 0, 0, 0x40, 0, 60, 17, 0, 0, ...source, ...target]
  return ethernet(ETHER_TYPE.ipv4, [...head, ...udp(port, PORT, filled(SEEN_BYTES, 0))]).slice(0, SEEN_BYTES)
}

const record = ({ source, target, port }: Ends, { packets, durationMs }: ExportShape): number[] => [
  ...source,
  ...target,
  ...u16(port),
  ...u16(PORT),
  ...[17, 0],
  ...u32(packets * PACKET_BYTES),
  ...u32(packets),
  ...u32(1),
  ...u32(2),
  ...u32(UPTIME_MS),
  ...u32(UPTIME_MS - durationMs),
]

const record5 = ({ source, target, port }: Ends, { packets, durationMs }: ExportShape): number[] => [
  ...source,
  ...target,
  ...u32(0),
  ...u16(1),
  ...u16(2),
  ...u32(packets),
  ...u32(packets * PACKET_BYTES),
  ...u32(UPTIME_MS - durationMs),
  ...u32(UPTIME_MS),
  ...u16(port),
  ...u16(PORT),
  ...[0, 0, 17, 0],
  ...u16(64_500),
  ...u16(64_501),
  ...[24, 24, 0, 0],
]
