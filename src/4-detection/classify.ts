// What FastNetMon calls an attack: direction, power, protocol and type from the speeds of the host.

import type { Speeds } from '#3-traffic/metric.ts'
import type { AttackProtocol, AttackType, Direction, HostSpeeds } from './attack.ts'

export interface Classification {
  readonly direction: Direction
  readonly power: number
  readonly protocol: AttackProtocol
  readonly type: AttackType
}

/** Below this difference in packets per second, bytes decide the direction. */
const CLOSE_PACKETS = 1000
const DOMINANT_SHARE = 0.9

/** In plain mode to the last word as FastNetMon, which calls a flood that is none of the three TCP. */
export function classify(speeds: HostSpeeds, mode: 'budget' | 'plain'): Classification {
  const direction = directionOf(speeds)
  const dominant = speeds[direction]
  return {
    direction,
    power: Math.floor(dominant.packets),
    protocol: protocolOf(dominant, mode),
    type: typeOf(dominant),
  }
}

/** The larger direction; a tie counts as outgoing. */
function directionOf({ incoming, outgoing }: HostSpeeds): 'incoming' | 'outgoing' {
  const isClose = Math.abs(incoming.packets - outgoing.packets) < CLOSE_PACKETS
  const isIncoming = isClose ? incoming.bytes > outgoing.bytes : incoming.packets > outgoing.packets
  return isIncoming ? 'incoming' : 'outgoing'
}

/**
 * The largest of the three; ties go to TCP, then UDP. With none of them FastNetMon says TCP; in budget mode that is not
 * repeated, because a script that filters what it is told would cut the TCP of a host under a flood of GRE.
 */
function protocolOf(
  { tcpPackets, udpPackets, icmpPackets }: Speeds,
  mode: 'budget' | 'plain',
): AttackProtocol {
  const most = Math.max(tcpPackets, udpPackets, icmpPackets)
  if (most === 0 && mode === 'budget') return 'unknown'
  if (tcpPackets === most) return 'tcp'
  return udpPackets === most ? 'udp' : 'icmp'
}

/** The first kind that makes up more than 90 % of the packets. */
function typeOf(speeds: Speeds): AttackType {
  const isMost = (packets: number) => packets > speeds.packets * DOMINANT_SHARE
  if (isMost(speeds.synPackets)) return 'syn_flood'
  if (isMost(speeds.icmpPackets)) return 'icmp_flood'
  if (isMost(speeds.fragmentPackets)) return 'ip_fragmentation'
  if (isMost(speeds.udpPackets)) return 'udp_flood'
  return 'unknown'
}
