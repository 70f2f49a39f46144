// The JSON report of an attack as a recording: its packets, from their bytes where it has them; else its flows.

import { parseAddress } from '#lib/ip/address.ts'
import type { PacketRecord } from '../evidence.ts'
import { tcpFlagBits } from '../protocol-name.ts'
import type { ReportJson } from '../report-json.ts'
import { noteOf, type Recorded, type Recording } from './recording.ts'
import { type CountedLengths, recordedOf } from './sample-of-record.ts'

const PROTOCOLS = { tcp: 6, udp: 17 } as const

export function recordingOfReport(report: ReportJson, lengths: CountedLengths): Recording {
  const { attack, finding, packets } = report
  const records = packets.length > 0 ? packets.map(recordOfPacket) : recordsOfFlows(report)
  const recorded = recordedOf(records, { insideTunnels: false, lengths })
  const host = parseAddress(attack.host)
  const { direction, powerPacketsPerSecond } = attack
  return {
    form: 'JSON report',
    tells: packets.length > 0 ? 'packets' : 'flows',
    packets: packets.length > 0 ? recorded : recorded.map(ofFlow),
    head: {
      ...(host === undefined ? {} : { host }),
      ...(direction === 'other' ? {} : { direction }),
      attackType: attack.type,
      ...(finding === null ? {} : { vectors: finding.parts.map(({ vector }) => vector) }),
      ...(powerPacketsPerSecond > 0 ? { packetsPerSecond: powerPacketsPerSecond } : {}),
    },
    notes: noteOf(records.length - recorded.length, 'packet', 'skipped for naming no addresses'),
  }
}

function recordOfPacket(packet: ReportJson['packets'][number]): PacketRecord {
  const { source, sourcePort, target, targetPort, isFragment, ttl, bytes, weight, sampleRatio } = packet
  return {
    timeMicros: timeMicrosOf(packet.time),
    source,
    sourcePort,
    target,
    targetPort,
    protocol: packet.protocol.number,
    tcpFlags: tcpFlagBits(packet.tcpFlags),
    isFragment,
    ttl,
    bytes,
    weight,
    sampleRatio,
    ...(packet.recordPackets === undefined ? {} : { recordPackets: packet.recordPackets }),
    bytesCaptured: bytesOf(packet.header),
    linkType: packet.linkType ?? 1,
  }
}

/** Hexadecimal; what is none is no header. */
const bytesOf = (header: string | undefined): Uint8Array =>
  header !== undefined && /^(?:[0-9a-f]{2})*$/i.test(header) ? Uint8Array.fromHex(header) : new Uint8Array()

/** ISO 8601 with microseconds. */
function timeMicrosOf(text: string): number {
  const ms = Date.parse(text)
  const micros = /\.\d{3}(\d{3})Z$/.exec(text)?.[1] ?? '0'
  return Number.isNaN(ms) ? 0 : ms * 1000 + Number(micros)
}

function recordsOfFlows({ attack: { host }, flows }: ReportJson): PacketRecord[] {
  return flows.flatMap(section =>
    section.flows.map(({ hostPort, remote, remotePort, packets, bytes }) => {
      const isIncoming = section.direction === 'incoming'
      return {
        timeMicros: 0,
        source: isIncoming ? remote : host,
        target: isIncoming ? host : remote,
        sourcePort: isIncoming ? remotePort : hostPort,
        targetPort: isIncoming ? hostPort : remotePort,
        protocol: PROTOCOLS[section.protocol],
        tcpFlags: 0,
        isFragment: false,
        ttl: 0,
        bytes: packets > 0 ? bytes / packets : 0,
        weight: packets,
        sampleRatio: 1,
        recordPackets: Math.max(1, Math.round(packets)),
        bytesCaptured: new Uint8Array(),
        linkType: 1,
      }
    }),
  )
}

/** A flow of one packet tells a length, but neither flags nor whether it was a fragment. */
const ofFlow = ({ record, sample }: Recorded): Recorded => ({
  record,
  sample: {
    ...sample,
    untold: [...new Set([...(sample.untold ?? []), 'packet-length', 'tcp-flags', 'fragment'] as const)],
  },
})
