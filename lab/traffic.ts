// What traffic is made of: a rate, an end, and parts with their shares. Plain values, so scenarios are tables.

import type { ExtensionLayer, FragmentPlace, TagLayer, TcpFlag } from './layer.ts'

/** One port, or the first and the last of a range drawn from at random. */
export type Ports = number | readonly [first: number, last: number]

/** Frame length in bytes without check sequence; `imix` is 60, 590 and 1514 bytes as 7 : 4 : 1. */
export type FrameSize = number | 'imix'

export interface TrafficPart {
  /** Weight among the parts, by packets. */
  readonly share: number
  readonly protocol: 'udp' | 'tcp' | 'icmp' | 'gre' | 'esp'
  /** Shorter ones than the headers are as long as the headers; all are padded to 60. */
  readonly bytes: FrameSize
  /** Prefixes to draw addresses from, both IPv4 or both IPv6. Of a longer IPv6 host part only the last 32 bits vary. */
  readonly sources: string
  readonly targets: string
  /** Defaults: any port from 1024 on to port 80. Only UDP and TCP have ports. */
  readonly sourcePort?: Ports
  readonly targetPort?: Ports
  /** TCP only; default `ack`. */
  readonly flags?: readonly TcpFlag[]
  /** ICMP only; default echo request of the family. */
  readonly icmpType?: number
  readonly ttl?: number
  /** Between Ethernet and IP, outermost first. */
  readonly tags?: readonly TagLayer[]
  /** Between an IPv6 header and the transport. */
  readonly extensions?: readonly ExtensionLayer[]
  /** Makes each packet a fragment; one with an offset has no transport header. */
  readonly fragment?: FragmentPlace
  /** First bytes of the payload in hexadecimal; the rest is zeros. */
  readonly payload?: string
}

export interface Traffic {
  /** Packets per second; `max` is as fast as the generator can (in a pcap file: a million). */
  readonly rate: number | 'max'
  /** Ends after this time or after `packets`, whichever comes first. */
  readonly seconds: number
  readonly packets?: number
  readonly parts: readonly TrafficPart[]
}

/** No run is longer, whatever is asked for: a forgotten generator must not outlive a coffee break. */
export const LONGEST_SECONDS = 120
export const MOST_PACKETS = 500_000_000

/** Ethernet's own end points; by default the target is nobody's MAC address. */
export interface Wire {
  readonly sourceMac?: string
  readonly targetMac?: string
}

/** Seconds and packets a run may take at most: what the traffic says, within the caps. At a rate the packets are exact. */
export function boundsOf(traffic: Traffic): { readonly seconds: number; readonly packets: number } {
  const seconds = Math.min(traffic.seconds, LONGEST_SECONDS)
  const atRate = traffic.rate === 'max' ? MOST_PACKETS : Math.floor(traffic.rate * seconds)
  return { seconds, packets: Math.min(traffic.packets ?? MOST_PACKETS, atRate, MOST_PACKETS) }
}
