// The report as text, in the grammar of FastNetMon 1.2.4: the scripts of operators read it line by line.
//
// Spaces at line ends, doubled spaces and empty lines belong to the grammar. One error is put right: the first line
// names IPv6 hosts too, where FastNetMon writes 0.0.0.0.

import type { Metric } from '#3-traffic/metric.ts'
import type { HostSpeeds } from '#4-detection/attack.ts'
import { formatPadded, parseAddress } from '#lib/ip/address.ts'
import type { FlowRecord, FlowSection, PacketRecord } from './evidence.ts'
import { protocolName, tcpFlagNames } from './protocol-name.ts'
import type { Report } from './report.ts'

export type AddressForm = 'canonical' | 'padded'

export interface TextStyle {
  /** As FastNetMon's ban_details_records_count: of each kind of flow one more than this is shown. */
  readonly recordCount: number
  readonly addressForm: AddressForm
  /** Local time with microseconds (`2026-11-20 10:11:49.883663`) of microseconds since 1970 UTC. */
  readonly localTime: (micros: number) => string
}

/** What a script reads when a host is banned: counters, then flows. */
export function banText(report: Report, style: TextStyle): string {
  return countersText(report, style) + flowDumpText(report, style)
}

/** What stands behind the counters: flows, empty when there are none, or who ordered the ban. */
export function flowDumpText({ attack, flows }: Report, style: TextStyle): string {
  return attack.origin === 'manual' ? 'manually triggered attack' : flowsText(flows, style)
}

/** What a script reads when packets have been collected: counters, then packets. Without packets, counters only. */
export function detailsText(report: Report, style: TextStyle): string {
  if (report.packets.length === 0) return countersText(report, style)
  const packets = report.packets.map(packet => packetLine(packet, style))
  return `${countersText(report, style)}\n\n${packets.join('')}`
}

/** What the newest FastNetMon writes for its only `ban` call: fewer counters, then packets, then flows. */
export function headText(report: Report, style: TextStyle): string {
  const { attack } = report
  const lines = [
    ...openingLines(attack, style.addressForm),
    ...totalLines('Total', attack.speeds),
    ...partLines('ip fragmented', attack.speeds, 'fragmentBytes', 'fragmentPackets'),
    ...partLines('dropped', attack.speeds, 'droppedBytes', 'droppedPackets'),
    ...protocolLines(attack.speeds),
  ]
  const counters = `${lines.join('\n')}\n\n`
  if (attack.origin === 'manual') return `${counters}manually triggered attack`
  const packets = report.packets.map(packet => packetLine(packet, style)).join('')
  return `${counters}\n\nAttack traffic dump\n\n${packets}\n\nFlow dump\n\n${flowsText(report.flows, style)}`
}

/** An address as text in argv and reports. */
export function addressText(address: string, form: AddressForm): string {
  const parsed = form === 'padded' ? parseAddress(address) : undefined
  return parsed === undefined ? address : formatPadded(parsed)
}

/** Counters alone: how every report begins. */
export function countersText(report: Report, style: Pick<TextStyle, 'addressForm'>): string {
  const { attack, packetBytes } = report
  const lines = [
    ...openingLines(attack, style.addressForm),
    ...totalLines('Total', attack.speeds),
    ...totalLines('Average', attack.averages),
    ...partLines('ip fragmented', attack.speeds, 'fragmentBytes', 'fragmentPackets'),
    ...protocolLines(attack.speeds),
    '',
    `Average packet size for incoming traffic: ${packetBytes.incoming.toFixed(1)} bytes `,
    `Average packet size for outgoing traffic: ${packetBytes.outgoing.toFixed(1)} bytes `,
  ]
  return `${lines.join('\n')}\n`
}

const openingLines = (attack: Report['attack'], form: AddressForm): string[] => [
  `IP: ${addressText(attack.host, form)}`,
  `Attack type: ${attack.type}`,
  `Initial attack power: ${Math.floor(attack.power)} packets per second`,
  `Peak attack power: ${Math.floor(attack.peak)} packets per second`,
  `Attack direction: ${attack.direction}`,
  `Attack protocol: ${attack.protocol}`,
]

const protocolLines = (speeds: HostSpeeds): string[] => [
  ...partLines('tcp', speeds, 'tcpBytes', 'tcpPackets'),
  ...partLines('syn tcp', speeds, 'synBytes', 'synPackets'),
  ...partLines('udp', speeds, 'udpBytes', 'udpPackets'),
  ...partLines('icmp', speeds, 'icmpBytes', 'icmpPackets'),
]

const mbps = (bytes: number): string => `${Math.floor((bytes * 8) / 1e6)} mbps`
const pps = (packets: number): string => `${Math.floor(packets)} packets per second`

function totalLines(name: 'Total' | 'Average', { incoming, outgoing }: HostSpeeds): string[] {
  return [
    `${name} incoming traffic: ${mbps(incoming.bytes)}`,
    `${name} outgoing traffic: ${mbps(outgoing.bytes)}`,
    `${name} incoming pps: ${pps(incoming.packets)}`,
    `${name} outgoing pps: ${pps(outgoing.packets)}`,
    `${name} incoming flows: ${Math.floor(incoming.flows)} flows per second`,
    `${name} outgoing flows: ${Math.floor(outgoing.flows)} flows per second`,
  ]
}

function partLines(
  name: string,
  { incoming, outgoing }: HostSpeeds,
  bytes: Metric,
  packets: Metric,
): string[] {
  return [
    `Incoming ${name} traffic: ${mbps(incoming[bytes])}`,
    `Outgoing ${name} traffic: ${mbps(outgoing[bytes])}`,
    `Incoming ${name} pps: ${pps(incoming[packets])}`,
    `Outgoing ${name} pps: ${pps(outgoing[packets])}`,
  ]
}

function flowsText(sections: readonly FlowSection[], style: TextStyle): string {
  return (['incoming', 'outgoing'] as const)
    .map(direction => {
      const own = sections.filter(section => section.direction === direction && section.count > 0)
      if (own.length === 0) return ''
      const heading = direction === 'incoming' ? 'Incoming\n\n' : 'Outgoing\n\n'
      return heading + own.map(section => sectionText(section, style)).join('')
    })
    .join('')
}

function sectionText(section: FlowSection, style: TextStyle): string {
  const shown = section.flows.slice(0, style.recordCount + 1)
  const lines = [`${section.protocol.toUpperCase()} flows: ${section.count}`]
  for (const flow of shown) lines.push(flowLine(flow, style.addressForm))
  if (section.count > shown.length) lines.push('Flows have cropped due to very long list.')
  return `${lines.join('\n')}\n\n`
}

function flowLine(flow: FlowRecord, form: AddressForm): string {
  const host = endpointText(flow.host, flow.hostPort, form)
  const remote = endpointText(flow.remote, flow.remotePort, form)
  const arrow = flow.direction === 'incoming' ? '<' : '>'
  return `${host} ${arrow} ${remote} ${flow.bytes} bytes ${flow.packets} packets`
}

function packetLine(packet: PacketRecord, style: TextStyle): string {
  const source = endpointText(packet.source, packet.sourcePort, style.addressForm)
  const target = endpointText(packet.target, packet.targetPort, style.addressForm)
  const protocol = protocolName(packet.protocol)
  const flags = protocol === 'tcp' ? ` flags: ${tcpFlagNames(packet.tcpFlags).join(',') || '-'}` : ''
  const fragment = packet.isFragment ? 1 : 0
  // Of a flow record FastNetMon tells all its packets and bytes.
  const { recordPackets = 1 } = packet
  return (
    `${style.localTime(packet.timeMicros)} ${source} > ${target} protocol: ${protocol}${flags} frag: ${fragment}` +
    `  packets: ${recordPackets} size: ${packet.bytes * recordPackets} bytes ttl: ${packet.ttl} sample ratio: ${packet.sampleRatio}  \n`
  )
}

/** FastNetMon writes IPv6 endpoints without brackets; the canonical form has them (RFC 5952, section 6). */
function endpointText(address: string, port: number, form: AddressForm): string {
  if (form === 'canonical' && address.includes(':')) return `[${address}]:${port}`
  return `${addressText(address, form)}:${port}`
}
