// Names of values, as operators write them.

import { type BitmaskType, FRAGMENT_BITS, TCP_FLAG_BITS } from './rule.ts'

/** Protocols that rules are about often (IANA registry "Protocol Numbers"). */
export const PROTOCOLS: Readonly<Record<string, number>> = {
  icmp: 1,
  igmp: 2,
  tcp: 6,
  udp: 17,
  gre: 47,
  esp: 50,
  ah: 51,
  'ipv6-icmp': 58,
  sctp: 132,
}

export const BIT_NAMES: Readonly<Record<BitmaskType, Readonly<Record<string, number>>>> = {
  'tcp-flags': TCP_FLAG_BITS,
  fragment: FRAGMENT_BITS,
}

export const protocolName = (value: number): string =>
  Object.keys(PROTOCOLS).find(name => PROTOCOLS[name] === value) ?? String(value)

/** Names joined by `joint`; what has no name as a number at the end. */
export function bitNames(type: BitmaskType, bits: number, joint: string): string {
  const named = Object.entries(BIT_NAMES[type]).filter(([, bit]) => (bits & bit) !== 0)
  const rest = named.reduce((left, [, bit]) => left & ~bit, bits)
  const names = named.map(([name]) => name)
  return [...names, ...(rest !== 0 || names.length === 0 ? [`0x${rest.toString(16)}`] : [])].join(joint)
}
