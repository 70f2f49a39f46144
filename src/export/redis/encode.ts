// An attack as FastNetMon writes it to Redis: `IP_information` in JSON, flows and packets as text.

import type { Metric } from '#3-traffic/metric.ts'
import type { Attack } from '#4-detection/attack.ts'
import type { PacketRecord } from '#5-evidence/evidence.ts'
import { protocolName, tcpFlagNames } from '#5-evidence/protocol-name.ts'
import { reportOf } from '#5-evidence/report.ts'
import { addressText, detailsText, flowDumpText, type TextStyle } from '#5-evidence/report-text.ts'

export type RedisKey = 'information' | 'flow_dump' | 'packets_dump'

type Json = string | number | boolean | readonly Json[] | { readonly [name: string]: Json }
/** Numbers beside each other, in the order of their names. */
type Numbers = Readonly<Record<string, number>>

/** FastNetMon has no other. */
const NO_UUID = '00000000-0000-0000-0000-000000000000'

/** `[prefix_]IP_information` and so on. */
export function keyOf(attack: Attack, key: RedisKey, prefix: string, form: TextStyle['addressForm']): string {
  return `${prefix === '' ? '' : `${prefix}_`}${addressText(attack.host, form)}_${key}`
}

/** `packets`: of the newest form, which has them here; `undefined` for the classic one. */
export function informationJson(
  attack: Attack,
  packets: readonly PacketRecord[] | undefined,
  form: TextStyle['addressForm'],
): string {
  const details: Record<string, Json> = {
    attack_uuid: NO_UUID,
    host_group: packets === undefined ? '' : attack.hostgroup,
    protocol_version: attack.family === 4 ? 'IPv4' : 'IPv6',
    ...totals(attack),
    ...Object.assign({}, ...PARTS.map(([name, bytes, count]) => part(attack, name, bytes, count))),
  }
  return JSON.stringify({
    action: 'ban',
    alert_scope: attack.scope,
    attack_details: Object.fromEntries(Object.entries(details).sort(byName)),
    ip: addressText(attack.host, form),
    ...(packets === undefined || packets.length === 0
      ? {}
      : { packet_dump_detailed: packets.map(packetJson) }),
  })
}

/** Empty when there were no flows. */
export const flowDump = (attack: Attack, flows: Parameters<typeof reportOf>[0]['flows'], style: TextStyle) =>
  flowDumpText(reportOf({ attack, flows, packets: [] }), style)

export const packetsDump = (attack: Attack, packets: readonly PacketRecord[], style: TextStyle): string =>
  detailsText(reportOf({ attack, flows: [], packets }), style)

const PARTS: readonly (readonly [name: string, bytes: Metric, packets: Metric])[] = [
  ['dropped', 'droppedBytes', 'droppedPackets'],
  ['ip_fragmented', 'fragmentBytes', 'fragmentPackets'],
  ['tcp', 'tcpBytes', 'tcpPackets'],
  ['syn_tcp', 'synBytes', 'synPackets'],
  ['udp', 'udpBytes', 'udpPackets'],
  ['icmp', 'icmpBytes', 'icmpPackets'],
]

function totals({ speeds }: Attack): Numbers {
  const of = (direction: 'incoming' | 'outgoing'): Numbers => ({
    [`total_${direction}_traffic`]: Math.floor(speeds[direction].bytes),
    [`total_${direction}_traffic_bits`]: Math.floor(speeds[direction].bytes) * 8,
    [`total_${direction}_pps`]: Math.floor(speeds[direction].packets),
    [`total_${direction}_flows`]: Math.floor(speeds[direction].flows),
  })
  return { ...of('incoming'), ...of('outgoing') }
}

function part({ speeds }: Attack, name: string, bytes: Metric, packets: Metric): Numbers {
  const of = (direction: 'incoming' | 'outgoing'): Numbers => ({
    [`${direction}_${name}_traffic`]: Math.floor(speeds[direction][bytes]),
    [`${direction}_${name}_traffic_bits`]: Math.floor(speeds[direction][bytes]) * 8,
    [`${direction}_${name}_pps`]: Math.floor(speeds[direction][packets]),
  })
  return { ...of('incoming'), ...of('outgoing') }
}

/** What is not known of a packet from a mirror port (interfaces, systems, countries) is left out. */
function packetJson(packet: PacketRecord): Json {
  const protocol = protocolName(packet.protocol)
  const hasPorts = protocol === 'tcp' || protocol === 'udp'
  return {
    ...(hasPorts ? { destination_port: packet.targetPort } : {}),
    destination_ip: packet.target,
    fragmentation: packet.isFragment,
    ip_version: packet.source.includes(':') ? 'ipv6' : 'ipv4',
    length: packet.bytes,
    packets: 1,
    protocol: hasPorts || protocol === 'icmp' ? protocol : 'unknown',
    sample_ratio: packet.sampleRatio,
    source_ip: packet.source,
    ...(hasPorts ? { source_port: packet.sourcePort } : {}),
    ...(protocol === 'tcp' ? { tcp_flags: tcpFlagNames(packet.tcpFlags).join(',') } : {}),
    timestamp: Math.floor(packet.timeMicros / 1e6),
    ttl: packet.ttl,
  }
}

const byName = ([a]: readonly [string, Json], [b]: readonly [string, Json]): number => (a < b ? -1 : 1)
