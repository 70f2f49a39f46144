// Names of IP protocols and TCP flags as reports write them (IANA protocol numbers, RFC 9293 section 3.1).

import { FLAG } from '#2-decode/sample.ts'

const NAMES = new Map([
  [0, 'hopopt'],
  [1, 'icmp'],
  [2, 'igmp'],
  [4, 'ipv4'],
  [6, 'tcp'],
  [8, 'egp'],
  [9, 'igp'],
  [17, 'udp'],
  [27, 'rdp'],
  [33, 'dccp'],
  [41, 'ipv6'],
  [43, 'ipv6-route'],
  [44, 'ipv6-frag'],
  [46, 'rsvp'],
  [47, 'gre'],
  [50, 'esp'],
  [51, 'ah'],
  [58, 'ipv6-icmp'],
  [59, 'ipv6-nonxt'],
  [60, 'ipv6-opts'],
  [88, 'eigrp'],
  [89, 'ospfigp'],
  [94, 'ipip'],
  [97, 'etherip'],
  [103, 'pim'],
  [108, 'ipcomp'],
  [112, 'vrrp'],
  [115, 'l2tp'],
  [132, 'sctp'],
  [136, 'udplite'],
  [137, 'mpls-in-ip'],
])

/** Lower-case IANA keyword of the protocol; its number as text where the table has none. */
export const protocolName = (protocol: number): string => NAMES.get(protocol) ?? String(protocol)

const NUMBERS = new Map(Array.from(NAMES, ([number, name]) => [name, number]))

/** The protocol of a name or a number as text; `undefined` when the text is neither. */
export function protocolNumber(text: string): number | undefined {
  const number = /^\d{1,3}$/.test(text) ? Number(text) : NUMBERS.get(text)
  return number === undefined || number > 255 ? undefined : number
}

/** The bits of these flags; names that are none count nothing. */
export const tcpFlagBits = (names: readonly string[]): number =>
  FLAG_NAMES.reduce((bits, [name, bit]) => (names.includes(name) ? bits | bit : bits), 0)

const FLAG_NAMES = Object.entries(FLAG)

/** Names of the flags that are set, in the order fin, syn, rst, psh, ack, urg. */
export const tcpFlagNames = (flags: number): string[] =>
  FLAG_NAMES.filter(([, bit]) => (flags & bit) !== 0).map(([name]) => name)
