// What proves an attack: packets seen around the crossing, and the flows they belong to.

import type { AttackProtocol } from '#4-detection/attack.ts'

/** One packet of the attack, with text where people read it. */
export interface PacketRecord {
  /** Wall clock in microseconds since 1970 UTC. */
  readonly timeMicros: number
  readonly source: string
  readonly target: string
  readonly sourcePort: number
  readonly targetPort: number
  readonly protocol: number
  readonly tcpFlags: number
  readonly isFragment: boolean
  readonly ttl: number
  /** Bytes as counted (wire length of the frame, or IP length by option). */
  readonly bytes: number
  /** How many packets this one stands for in counts made from samples (1: every packet was taken). */
  readonly weight: number
  /** Rate of the telemetry itself (1 for a mirror port). */
  readonly sampleRatio: number
  /**
   * Present when no packet was seen, but a flow record that told of so many: the bytes are a header made up from it, and
   * `bytes` the mean length.
   */
  readonly recordPackets?: number
  /** As captured, link layer first; cut at the snap length. */
  readonly bytesCaptured: Uint8Array
  readonly linkType: number
}

/** Packets of one conversation of the host among those that were kept: what it had at least. */
export interface FlowRecord {
  readonly protocol: Extract<AttackProtocol, 'tcp' | 'udp'> | 'other'
  readonly direction: 'incoming' | 'outgoing'
  readonly host: string
  readonly hostPort: number
  readonly remote: string
  readonly remotePort: number
  readonly bytes: number
  readonly packets: number
}

/** Flows of one direction and protocol: `count` comes from the sketch, `flows` from the samples. */
export interface FlowSection {
  readonly direction: 'incoming' | 'outgoing'
  readonly protocol: 'tcp' | 'udp'
  readonly count: number
  readonly flows: readonly FlowRecord[]
}
