// Datagrams of sFlow for tests and benches, built from the specification: each function puts a head before what it is given.

import { type Bytes, filled, u16, u32 } from '#2-decode/frame/frames-for-tests.ts'
import { RECORD, SAMPLE } from './formats.ts'

export const UPTIME_MS = 7_000_000

interface HeadFields {
  /** Four or sixteen bytes; none for an address that is not told. */
  readonly agent?: Bytes
  /** Number of the sub-agent. */
  readonly branch?: number
  readonly sequence?: number
  readonly uptime?: number
  /** Number of samples, when it is to differ from the real one. */
  readonly stated?: number
}

/** An address behind its kind. */
export const address = (bytes: Bytes): number[] => [
  ...u32(bytes.length === 0 ? 0 : bytes.length === 4 ? 1 : 2),
  ...bytes,
]

export function sflow(samples: readonly Bytes[], head: HeadFields = {}): number[] {
  const { agent = [192, 0, 2, 9], branch = 0, sequence = 1, uptime = UPTIME_MS } = head
  return [
    ...u32(5),
    ...address(agent),
    ...u32(branch),
    ...u32(sequence),
    ...u32(uptime),
    ...u32(head.stated ?? samples.length),
    ...samples.flat(),
  ]
}

/** Opaque bytes behind their length and before their padding to words. */
export const opaque = (content: Bytes, stated = content.length): number[] => [
  ...u32(stated),
  ...content,
  ...filled((4 - (content.length % 4)) % 4, 0),
]

/** A sample, or a record within one, of any format. */
export const structure = (format: number, content: Bytes, stated?: number): number[] => [
  ...u32(format),
  ...opaque(content, stated),
]

export interface SampleFields {
  readonly sequence?: number
  readonly sourceClass?: number
  readonly source?: number
  readonly rate?: number
  readonly pool?: number
  readonly drops?: number
  /** Interfaces as form and value. */
  readonly input?: readonly [form: number, value: number]
  readonly output?: readonly [form: number, value: number]
  readonly reason?: number
  /** Number of records, when it is to differ from the real one. */
  readonly stated?: number
  /** Bytes behind the last record. */
  readonly padding?: number
}

const compact = ([form, value]: readonly [number, number]) => u32(((form << 30) | value) >>> 0)
const expanded = ([form, value]: readonly [number, number]) => [...u32(form), ...u32(value)]
const recordsOf = (records: readonly Bytes[], fields: SampleFields) => [
  ...u32(fields.stated ?? records.length),
  ...records.flat(),
  ...filled(fields.padding ?? 0, 0),
]

export function flowSample(records: readonly Bytes[], fields: SampleFields = {}): number[] {
  const { sequence = 1, sourceClass = 0, source = 3, rate = 1000, pool = 0, drops = 0 } = fields
  return structure(SAMPLE.flow, [
    ...u32(sequence),
    ...u32(((sourceClass << 24) | source) >>> 0),
    ...u32(rate),
    ...u32(pool),
    ...u32(drops),
    ...compact(fields.input ?? [0, 3]),
    ...compact(fields.output ?? [0, 4]),
    ...recordsOf(records, fields),
  ])
}

export function expandedSample(records: readonly Bytes[], fields: SampleFields = {}): number[] {
  const { sequence = 1, sourceClass = 0, source = 3, rate = 1000, pool = 0, drops = 0 } = fields
  return structure(SAMPLE.expandedFlow, [
    ...u32(sequence),
    ...u32(sourceClass),
    ...u32(source),
    ...u32(rate),
    ...u32(pool),
    ...u32(drops),
    ...expanded(fields.input ?? [0, 3]),
    ...expanded(fields.output ?? [0, 4]),
    ...recordsOf(records, fields),
  ])
}

export function discardSample(records: readonly Bytes[], fields: SampleFields = {}): number[] {
  const { sequence = 1, sourceClass = 0, source = 3, drops = 0, reason = 256 } = fields
  return structure(SAMPLE.discard, [
    ...u32(sequence),
    ...u32(sourceClass),
    ...u32(source),
    ...u32(drops),
    ...u32(fields.input?.[1] ?? 3),
    ...u32(fields.output?.[1] ?? 0),
    ...u32(reason),
    ...recordsOf(records, fields),
  ])
}

export const counterSample = (records: readonly Bytes[], fields: SampleFields = {}): number[] =>
  structure(SAMPLE.counters, [
    ...u32(fields.sequence ?? 1),
    ...u32((((fields.sourceClass ?? 0) << 24) | (fields.source ?? 3)) >>> 0),
    ...recordsOf(records, fields),
  ])

export const expandedCounters = (records: readonly Bytes[], fields: SampleFields = {}): number[] =>
  structure(SAMPLE.expandedCounters, [
    ...u32(fields.sequence ?? 1),
    ...u32(fields.sourceClass ?? 0),
    ...u32(fields.source ?? 3),
    ...recordsOf(records, fields),
  ])

interface HeaderFields {
  readonly protocol?: number
  readonly frameLength?: number
  readonly stripped?: number
  /** Length of the header, when it is to differ from the real one. */
  readonly stated?: number
}

/** The first bytes of a packet; of Ethernet unless told otherwise, with the checksum stripped. */
export const header = (packet: Bytes, fields: HeaderFields = {}): number[] =>
  structure(RECORD.header, [
    ...u32(fields.protocol ?? 1),
    ...u32(fields.frameLength ?? packet.length + 4),
    ...u32(fields.stripped ?? 4),
    ...opaque(packet, fields.stated),
  ])

/** Addresses of Ethernet are padded to words. */
const mac = [2, 0, 0, 0, 0, 1, 0, 0]

export const ethernetFields = (length: number, etherType = 0x0800): number[] =>
  structure(RECORD.ethernet, [...u32(length), ...mac, ...mac, ...u32(etherType)])

interface IpFields {
  readonly length?: number
  readonly protocol?: number
  readonly ports?: readonly [number, number]
  readonly flags?: number
}

/** Content of sampled_ipv4 and sampled_ipv6, by the length of the addresses. */
export const ipContent = (source: Bytes, target: Bytes, fields: IpFields = {}): number[] => [
  ...u32(fields.length ?? 500),
  ...u32(fields.protocol ?? 17),
  ...source,
  ...target,
  ...u32(fields.ports?.[0] ?? 1900),
  ...u32(fields.ports?.[1] ?? 80),
  ...u32(fields.flags ?? 0),
  ...u32(0),
]

export const ipFields = (source: Bytes, target: Bytes, fields: IpFields = {}): number[] =>
  structure(source.length === 4 ? RECORD.ipv4 : RECORD.ipv6, ipContent(source, target, fields))

export const switchData = (sourceVlan: number, targetVlan = sourceVlan): number[] =>
  structure(RECORD.switch, [...u32(sourceVlan), ...u32(0), ...u32(targetVlan), ...u32(0)])

export const routerData = (nextHop: Bytes): number[] =>
  structure(RECORD.router, [...address(nextHop), ...u32(24), ...u32(16)])

export interface Segment {
  readonly kind: 'set' | 'sequence'
  readonly systems: readonly number[]
  /** Number of systems, when it is to differ from the real one. */
  readonly stated?: number
}

interface GatewayFields {
  readonly nextHop?: Bytes
  readonly own?: number
  readonly source?: number
  readonly path?: readonly Segment[]
  readonly statedSegments?: number
}

export function gatewayData(fields: GatewayFields = {}): number[] {
  const { nextHop = [192, 0, 2, 1], own = 64_500, source = 0, path = [] } = fields
  return structure(RECORD.gateway, [
    ...address(nextHop),
    ...u32(own),
    ...u32(source),
    ...u32(64_999),
    ...u32(fields.statedSegments ?? path.length),
    ...path.flatMap(({ kind, systems, stated }) => [
      ...u32(kind === 'set' ? 1 : 2),
      ...u32(stated ?? systems.length),
      ...systems.flatMap(u32),
    ]),
    // Two communities, and the local preference.
    ...[...u32(2), ...u32(0xfde8_0001), ...u32(0xfde8_0002), ...u32(100)],
  ])
}

/** Tags that were taken off, each as type and content. */
export const vlanStack = (format: number, tags: readonly number[]): number[] =>
  structure(format, [...u32(tags.length), ...tags.flatMap(tag => [...u16(0x8100), ...u16(tag)])])

/** Counters of an interface: `from`, `from` + 1 and so on, in the order of the structure. */
export function genericCounters(index: number, from: number): number[] {
  const word = (i: number) => u32(from + i)
  return structure(1, [
    ...[...u32(index), ...u32(6), ...u32(2), ...u32(0x540b_e400), ...u32(1), ...u32(3)],
    ...[...u32(1), ...word(0), ...word(1), ...word(2), ...word(3), ...word(4), ...word(5), ...word(6)],
    ...[...u32(0), ...word(7), ...word(8), ...word(9), ...word(10), ...word(11), ...word(12)],
    ...u32(2),
  ])
}

export const ethernetCounters = (from: number): number[] =>
  structure(2, Array.from({ length: 13 }, (_, i) => u32(from + i)).flat())
