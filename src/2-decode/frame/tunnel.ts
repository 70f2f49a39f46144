// Hot path. Packets within packets: GRE, and IP directly in IP (RFC 2003, RFC 2473, RFC 4213).

import { stepGre } from './gre.ts'
import { ETHER_TYPE, step } from './layer.ts'
import { PROTOCOL } from './transport.ts'

const { ipv4, ipv6 } = ETHER_TYPE
const { gre, ipInIp, ipv6InIp } = PROTOCOL

export const isTunnel = (protocol: number): boolean =>
  protocol === gre || protocol === ipInIp || protocol === ipv6InIp

/** The step from the end of the outer IP headers to what is carried; `protocol` is one of the above. */
export function stepTunnel(frame: DataView, at: number, limit: number, protocol: number): number {
  if (protocol === gre) return stepGre(frame, at, limit)
  return step(0, protocol === ipInIp ? ipv4 : ipv6)
}
