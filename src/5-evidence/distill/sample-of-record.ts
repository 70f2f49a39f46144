// Packet records, as evidence keeps them, as samples for the distiller.

import { decodeFrame } from '#2-decode/frame/decode-frame.ts'
import { OUTCOME, Sample } from '#2-decode/sample.ts'
import type { Packet } from '#lib/flowspec/matches.ts'
import { type ComponentType, FRAGMENT_BITS } from '#lib/flowspec/rule.ts'
import { parseAddress } from '#lib/ip/address.ts'
import type { PacketRecord } from '../evidence.ts'
import type { DistillSample } from './distillation.ts'
import { hasPorts, isIcmp, type Looked, packetOfFrame } from './packet-of-frame.ts'

/** What no flow record tells; one of several packets tells a mean length, and the flags of all of them together. */
const UNTOLD_BY_RECORDS: readonly ComponentType[] = ['dscp', 'flow-label']
const UNTOLD_BY_SEVERAL: readonly ComponentType[] = ['packet-length', 'tcp-flags']
const ICMP_TYPES: readonly ComponentType[] = ['icmp-type', 'icmp-code']

/**
 * The samples of these records, in their order. Records that name no addresses are left out. `insideTunnels` as the
 * records were decoded: what a rule looks at is then the packet within.
 */
export function samplesOfRecords(records: Iterable<PacketRecord>, insideTunnels: boolean): DistillSample[] {
  const sample = new Sample()
  const samples: DistillSample[] = []
  for (const record of records) {
    const looked = lookAt(record, insideTunnels, sample)
    if (looked !== undefined) samples.push({ ...asTold(looked, record.recordPackets), weight: record.weight })
  }
  return samples
}

/** From the bytes; from the numbers of the record where the bytes are none or no packet. */
function lookAt(record: PacketRecord, insideTunnels: boolean, sample: Sample): Looked | undefined {
  const { bytesCaptured: bytes, linkType } = record
  const frame = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const outcome = decodeFrame(frame, 0, bytes.length, linkType, insideTunnels, sample)
  if (outcome !== OUTCOME.decoded) return lookAtNumbers(record)
  // Headers that were made up of a flow record end where they end: nothing of them was cut off.
  const wireEnd = record.recordPackets === undefined ? endOnWire(sample, record) : bytes.length
  return packetOfFrame(sample, frame, bytes.length, wireEnd)
}

/** Counted bytes are those of the frame or of the IP packet; where the header states a length, that says it. */
function endOnWire({ ipLength, ipOffset }: Sample, { bytes, bytesCaptured }: PacketRecord): number {
  return Math.max(bytesCaptured.length, ipLength === 0 ? bytes : ipOffset + ipLength)
}

function lookAtNumbers(record: PacketRecord): Looked | undefined {
  const [source, target] = [parseAddress(record.source), parseAddress(record.target)]
  if (source === undefined || target === undefined || source.family !== target.family) return undefined
  const { protocol, isFragment } = record
  // Without its header it is not known which fragment it is; one without ports is a later one.
  const isLater = isFragment && record.sourcePort === 0 && record.targetPort === 0
  const packet: Packet = {
    source,
    target,
    protocol,
    ...(hasPorts(protocol) && !isLater
      ? { sourcePort: record.sourcePort, targetPort: record.targetPort }
      : {}),
    ...(protocol === TCP && !isLater ? { tcpFlags: record.tcpFlags } : {}),
    length: Math.min(LENGTH_MAX, Math.round(record.bytes)),
    dscp: 0,
    fragment: isFragment ? FRAGMENT_BITS[isLater ? 'is-fragment' : 'first'] : 0,
  }
  const icmp = isIcmp(protocol) ? ICMP_TYPES : []
  return { packet, untold: [...UNTOLD_BY_RECORDS, 'packet-length', 'fragment', ...icmp] }
}

const TCP = 6
const LENGTH_MAX = 65_535

/** What a flow record of so many packets leaves untold (`undefined`: the packet was seen): in a header that was made up, zero is what stands where the record says nothing. */
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
