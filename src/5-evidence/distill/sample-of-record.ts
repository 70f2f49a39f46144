// Packet records, as evidence keeps them, as samples for the distiller.

import { decodeFrame } from '#2-decode/frame/decode-frame.ts'
import { OUTCOME, Sample } from '#2-decode/sample.ts'
import type { Packet } from '#lib/flowspec/matches.ts'
import { type ComponentType, FRAGMENT_BITS } from '#lib/flowspec/rule.ts'
import { parseAddress } from '#lib/ip/address.ts'
import type { PacketRecord } from '../evidence.ts'
import type { DistillSample } from './distillation.ts'
import { hasPorts, isIcmp, type Looked, packetOfFrame } from './packet-of-frame.ts'
import type { Recorded } from './recording.ts'

/** What no flow record tells; one of several packets tells a mean length, and the flags of all of them together. */
const UNTOLD_BY_RECORDS: readonly ComponentType[] = ['dscp', 'flow-label']
const UNTOLD_BY_SEVERAL: readonly ComponentType[] = ['packet-length', 'tcp-flags']
const ICMP_TYPES: readonly ComponentType[] = ['icmp-type', 'icmp-code']

export interface RecordOptions {
  /** As the records were decoded: what a rule looks at is then the packet within. */
  readonly insideTunnels: boolean
  /** What `bytes` of records without a header count; default `untold`. */
  readonly lengths?: CountedLengths
}

/** What the bytes of a record count: frames with an Ethernet header, IP packets, or who knows. */
export type CountedLengths = 'frame' | 'ip' | 'untold'

/** The samples of these records, in their order. Records that name no addresses are left out. */
export const samplesOfRecords = (records: Iterable<PacketRecord>, insideTunnels: boolean): DistillSample[] =>
  recordedOf(records, { insideTunnels }).map(({ sample }) => sample)

/** The same, with the record each sample comes from. */
export function recordedOf(records: Iterable<PacketRecord>, options: RecordOptions): Recorded[] {
  const reused = new Sample()
  const recorded: Recorded[] = []
  for (const record of records) {
    const sample = sampleOf(record, options, reused)
    if (sample !== undefined) recorded.push({ record, sample })
  }
  return recorded
}

/** From the numbers of a record alone; `undefined` when it names no addresses. */
export function sampleOfNumbers(record: PacketRecord, lengths: CountedLengths): DistillSample | undefined {
  const looked = lookAtNumbers(record, lengths)
  return looked && { ...asTold(looked, record.recordPackets), weight: record.weight }
}

/** From the bytes; from the numbers where the bytes are none or no packet. */
function sampleOf(record: PacketRecord, options: RecordOptions, reused: Sample): DistillSample | undefined {
  const { bytesCaptured: bytes, linkType, weight, recordPackets } = record
  const frame = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const outcome = decodeFrame(frame, 0, bytes.length, linkType, options.insideTunnels, reused)
  if (outcome !== OUTCOME.decoded) return sampleOfNumbers(record, options.lengths ?? 'untold')
  // Headers that were made up of a flow record end where they end: nothing of them was cut off.
  const wireEnd = recordPackets === undefined ? endOnWire(reused, record) : bytes.length
  return { ...asTold(packetOfFrame(reused, frame, bytes.length, wireEnd), recordPackets), weight }
}

/** Counted bytes are those of the frame or of the IP packet; where the header states a length, that says it. */
function endOnWire({ ipLength, ipOffset }: Sample, { bytes, bytesCaptured }: PacketRecord): number {
  return Math.max(bytesCaptured.length, ipLength === 0 ? bytes : ipOffset + ipLength)
}

function lookAtNumbers(record: PacketRecord, lengths: CountedLengths): Looked | undefined {
  const [source, target] = [parseAddress(record.source), parseAddress(record.target)]
  if (source === undefined || target === undefined || source.family !== target.family) return undefined
  const { protocol, isFragment, sourcePort, targetPort, tcpFlags } = record
  // Without its header it is not known which fragment it is; one without ports is a later one.
  const isLater = isFragment && sourcePort === 0 && targetPort === 0
  const length = ipLengthOf(record, lengths)
  const untold: ComponentType[] = [...UNTOLD_BY_RECORDS]
  if (length === undefined) untold.push('packet-length')
  // Whether a whole packet may be fragmented is not told.
  if (!isFragment) untold.push('fragment')
  if (isIcmp(protocol)) untold.push(...ICMP_TYPES)
  const packet: Packet = {
    source,
    target,
    protocol,
    ...(hasPorts(protocol) && !isLater ? { sourcePort, targetPort } : {}),
    ...(protocol === TCP && !isLater ? { tcpFlags } : {}),
    length: Math.min(LENGTH_MAX, Math.round(length ?? record.bytes)),
    dscp: 0,
    fragment: isFragment ? FRAGMENT_BITS[isLater ? 'is-fragment' : 'first'] : 0,
  }
  return { packet, untold }
}

/** A frame of the shortest length may be padded, so its packet may be shorter. */
function ipLengthOf({ bytes, recordPackets }: PacketRecord, lengths: CountedLengths): number | undefined {
  if (lengths === 'ip') return bytes
  // Flow records count IP packets, whatever is counted else.
  if (lengths === 'frame' && recordPackets !== undefined) return bytes
  return lengths === 'frame' && bytes > SHORTEST_FRAME ? bytes - ETHERNET_BYTES : undefined
}

const [SHORTEST_FRAME, ETHERNET_BYTES] = [60, 14] as const
const TCP = 6
const LENGTH_MAX = 65_535

/**
 * What a flow record of so many packets leaves untold; `undefined`: the packet was seen. In a header that was made up, zero is
 * what stands where the record says nothing.
 */
export function asTold(looked: Looked, recordPackets: number | undefined): Looked {
  if (recordPackets === undefined) return looked
  const { packet } = looked
  // Of a later fragment the record does not tell whether it was the last.
  const fragment = packet.fragment & ~FRAGMENT_BITS.last
  const untold = new Set<ComponentType>([
    ...(looked.untold ?? []),
    ...UNTOLD_BY_RECORDS,
    ...(recordPackets > 1 ? UNTOLD_BY_SEVERAL : []),
    ...(packet.tcpFlags === 0 ? (['tcp-flags'] as const) : []),
    ...(packet.icmpType === 0 && packet.icmpCode === 0 ? ICMP_TYPES : []),
    ...(fragment === 0 ? (['fragment'] as const) : []),
  ])
  return { packet: { ...packet, fragment }, untold: [...untold] }
}
