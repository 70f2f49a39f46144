// Tables by IP protocol number, made anew for each hot module that holds them.

import { CLASS } from './host-tables.ts'

const [ICMP, TCP, UDP, DCCP, ICMPV6, SCTP, UDP_LITE] = [1, 6, 17, 33, 58, 132, 136] as const

/** Class of each protocol; TCP with SYN is told apart where flags are read. */
export function classByProtocol(): Uint8Array {
  const classes = new Uint8Array(256)
  classes[UDP] = CLASS.udp
  classes[TCP] = CLASS.tcp
  classes[ICMP] = CLASS.icmp
  classes[ICMPV6] = CLASS.icmp
  return classes
}

/** 1 for protocols whose header begins with ports. */
export function portsByProtocol(): Uint8Array {
  const has = new Uint8Array(256)
  for (const protocol of [TCP, UDP, DCCP, SCTP, UDP_LITE]) has[protocol] = 1
  return has
}

/** 1 for protocols whose header follows that of most IPv6 packets at once. */
export function plainAfterIpv6(): Uint8Array {
  const plain = new Uint8Array(256)
  for (const protocol of [TCP, UDP, ICMPV6]) plain[protocol] = 1
  return plain
}
