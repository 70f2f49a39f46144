// Hot path. Packets within packets: GRE, and IP directly in IP (RFC 2003, RFC 2473, RFC 4213).

import { OUTCOME } from '#2-decode/sample.ts'
import { stepGre } from './gre.ts'
import { ETHER_TYPE, step } from './layer.ts'
import { PROTOCOL } from './transport.ts'

const { ipv4, ipv6 } = ETHER_TYPE
const { notIp } = OUTCOME
const { gre, ipInIp, ipv6InIp } = PROTOCOL

export const isTunnel = (protocol: number): boolean =>
  protocol === gre || protocol === ipInIp || protocol === ipv6InIp

/** The step from the end of the outer IP headers to what is carried. */
export function stepTunnel(frame: DataView, at: number, limit: number, protocol: number): number {
  switch (protocol) {
    case ipInIp:
      return step(0, ipv4)
    case ipv6InIp:
      return step(0, ipv6)
    case gre:
      return stepGre(frame, at, limit)
    default:
      return -notIp
  }
}
