// Kinds of traffic by FastNetMon's names, and where a snapshot has them.

import type { Metric } from '#3-traffic/metric.ts'
import { ROW } from '#3-traffic/metric.ts'
import { isIpv6 } from './address-text.ts'
import type { NetworkColumns } from './snapshot.ts'

/** Field, its metric in rows of networks, and its column in those of hosts. What is dropped by routers hosts do not tell. */
export const CLASSES: readonly (readonly [field: string, metric: Metric, column: number])[] = [
  ['dropped', 'droppedPackets', -1],
  ['fragmented', 'fragmentPackets', 8],
  ['icmp', 'icmpPackets', 6],
  ['tcp', 'tcpPackets', 2],
  ['tcp_syn', 'synPackets', 4],
  ['udp', 'udpPackets', 0],
]

/** Whole bytes as bits. */
export const bitsOf = (bytes: number): number => Math.floor(bytes) * 8

/** Sum over the widest networks of an IP version: each packet of ours once. */
export function sumOf(networks: NetworkColumns, family: 4 | 6, side: 0 | 1, metric: number): number {
  let sum = 0
  for (const [network, prefix] of networks.prefixes.entries()) {
    if (networks.widest[network] === 1 && isIpv6(prefix) === (family === 6))
      sum += networks.rows[(network * 2 + side) * ROW + metric]!
  }
  return sum
}
