// Datagrams of flow export for tests and benches, built from the RFCs: each function puts a head before what it is given.

import { ExporterState } from './exporter.ts'
import { decodeFlowExport } from './flow-decoder.ts'
import { FlowRecord } from './flow-record.ts'
import { type Bytes, u16, u32 } from './frame/frames-for-tests.ts'

/** An element, its length, and its enterprise if it has one. Length 65535 is variable. */
export type FieldBytes = readonly [element: number, bytes: number, enterprise?: number]

/** Fields in short: `8:4 12:4 82:65535`. */
export const fieldsOf = (text: string): FieldBytes[] =>
  text.split(' ').map(field => {
    const [element = 0, bytes = 0] = field.split(':').map(Number)
    return [element, bytes]
  })

/** A number in so many bytes, big-endian; up to 2^53. */
export const number = (value: number, bytes: number): number[] =>
  Array.from({ length: bytes }, (_, at) => Math.floor(value / 256 ** (bytes - 1 - at)) % 256)

export const EXPORT_SECONDS = 1_700_000_000
export const UPTIME_MS = 5_000_000

export interface HeadFields {
  readonly sequence?: number
  /** Source id of v9, observation domain of IPFIX, engine type and id of v5. */
  readonly domain?: number
  readonly uptime?: number
  readonly seconds?: number
  /** What v5 states as number of records, and IPFIX as length. */
  readonly stated?: number
  readonly sampling?: number
}

export function netflow5(records: readonly Bytes[], head: HeadFields = {}): number[] {
  const { sequence = 0, domain = 0, uptime = UPTIME_MS, seconds = EXPORT_SECONDS, sampling = 0 } = head
  return [
    ...u16(5),
    ...u16(head.stated ?? records.length),
    ...u32(uptime),
    ...u32(seconds),
    ...u32(250_000_000),
    ...u32(sequence),
    ...u16(domain),
    ...u16(sampling),
    ...records.flat(),
  ]
}

interface Record5 {
  readonly protocol?: number
  readonly flags?: number
  readonly ports?: readonly [number, number]
  readonly packets?: number
  readonly bytes?: number
  readonly first?: number
  readonly last?: number
}

export const record5 = (fields: Record5 = {}): number[] => [
  ...[198, 18, 0, 7],
  ...[10, 99, 1, 250],
  ...[1, 1, 1, 1],
  ...u16(3),
  ...u16(4),
  ...u32(fields.packets ?? 10),
  ...u32(fields.bytes ?? 5000),
  ...u32(fields.first ?? UPTIME_MS - 3000),
  ...u32(fields.last ?? UPTIME_MS - 1000),
  ...u16(fields.ports?.[0] ?? 1900),
  ...u16(fields.ports?.[1] ?? 80),
  ...[0, fields.flags ?? 0, fields.protocol ?? 17, 0],
  ...u16(64_500),
  ...u16(64_501),
  ...[24, 16, 0, 0],
]

export function netflow9(sets: readonly Bytes[], head: HeadFields = {}): number[] {
  const { sequence = 0, domain = 7, uptime = UPTIME_MS, seconds = EXPORT_SECONDS } = head
  const count = head.stated ?? sets.length
  return [
    ...u16(9),
    ...u16(count),
    ...u32(uptime),
    ...u32(seconds),
    ...u32(sequence),
    ...u32(domain),
    ...sets.flat(),
  ]
}

export function ipfix(sets: readonly Bytes[], head: HeadFields = {}): number[] {
  const { sequence = 0, domain = 7, seconds = EXPORT_SECONDS } = head
  const content = sets.flat()
  return [
    ...u16(10),
    ...u16(head.stated ?? content.length + 16),
    ...u32(seconds),
    ...u32(sequence),
    ...u32(domain),
    ...content,
  ]
}

/** A set of records; `padding` bytes of zero at its end are within its length. */
export function set(id: number, records: readonly Bytes[], padding = 0): number[] {
  const content = [...records.flat(), ...Array<number>(padding).fill(0)]
  return [...u16(id), ...u16(content.length + 4), ...content]
}

const fieldBytes = ([element, bytes, enterprise]: FieldBytes): number[] =>
  enterprise === undefined
    ? [...u16(element), ...u16(bytes)]
    : [...u16(element | 0x8000), ...u16(bytes), ...u32(enterprise)]

/** A template record, the same in v9 and IPFIX. */
export const template = (id: number, fields: readonly FieldBytes[]): number[] => [
  ...u16(id),
  ...u16(fields.length),
  ...fields.flatMap(fieldBytes),
]

export const optionsTemplate9 = (
  id: number,
  scopes: readonly FieldBytes[],
  fields: readonly FieldBytes[],
): number[] => [
  ...u16(id),
  ...u16(scopes.length * 4),
  ...u16(fields.length * 4),
  ...[...scopes, ...fields].flatMap(fieldBytes),
]

export const optionsTemplate = (
  id: number,
  scopes: readonly FieldBytes[],
  fields: readonly FieldBytes[],
): number[] => [
  ...u16(id),
  ...u16(scopes.length + fields.length),
  ...u16(scopes.length),
  ...[...scopes, ...fields].flatMap(fieldBytes),
]

/** Content of a field of variable length, with the short form of its length or the long one (RFC 7011, 7). */
export const variable = (content: Bytes, isLong = content.length > 254): number[] => [
  ...(isLong ? [255, ...u16(content.length)] : [content.length]),
  ...content,
]

/** The usual fields of a router's IPv4 template, in their order, and a record of it. */
export const IPV4_FIELDS: readonly FieldBytes[] = [
  [8, 4],
  [12, 4],
  [15, 4],
  [10, 4],
  [14, 4],
  [2, 4],
  [1, 4],
  [22, 4],
  [21, 4],
  [7, 2],
  [11, 2],
  [4, 1],
  [5, 1],
  [6, 1],
  [16, 4],
  [17, 4],
]

export const ipv4Record = (
  changes: { packets?: number; bytes?: number; last?: number; first?: number } = {},
): number[] => [
  ...[198, 18, 0, 7],
  ...[10, 99, 1, 250],
  ...[1, 1, 1, 1],
  ...u32(3),
  ...u32(4),
  ...u32(changes.packets ?? 10),
  ...u32(changes.bytes ?? 5000),
  ...u32(changes.first ?? UPTIME_MS - 3000),
  ...u32(changes.last ?? UPTIME_MS - 1000),
  ...u16(1900),
  ...u16(80),
  ...[17, 0, 0],
  ...u32(64_500),
  ...u32(64_501),
]

/** What stands in a record that was taken: numbers only. */
export type Taken = Readonly<Record<string, number>>

/** A collector for tests: datagrams in, records out, in the middle of foreign bytes. */
export class Collector {
  readonly exporter: ExporterState
  readonly record = new FlowRecord()
  readonly taken: Taken[] = []
  nowMs = EXPORT_SECONDS * 1000 + 400
  private readonly poison: number
  private readonly take = (record: FlowRecord): void => {
    const { sample, ...numbers } = record
    this.taken.push({ ...sample, ...numbers })
  }

  constructor(exporter = new ExporterState('192.0.2.1', { override: 0, fallback: 1 }), poison = 0xee) {
    this.exporter = exporter
    this.poison = poison
  }

  /** Decodes a datagram; returns the records it gave. */
  decode(bytes: Bytes): readonly Taken[] {
    const memory = new Uint8Array(bytes.length + 128).fill(this.poison)
    memory.set(bytes, 64)
    const before = this.taken.length
    const view = new DataView(memory.buffer)
    const { exporter, nowMs, record, take } = this
    decodeFlowExport(view, 64, 64 + bytes.length, exporter, nowMs, record, take)
    return this.taken.slice(before)
  }

  /** Decodes a datagram behind which there is no memory: whoever reads on, throws. */
  decodeAtEnd(bytes: Bytes): void {
    const { exporter, nowMs, record, take } = this
    decodeFlowExport(
      new DataView(Uint8Array.from(bytes).buffer),
      0,
      bytes.length,
      exporter,
      nowMs,
      record,
      take,
    )
  }
}
