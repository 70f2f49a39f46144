// Rules that have every component and action that both BIRD and GoBGP show, and what BIRD says of each. Our canonical
// form has bits in another order than the text.

import { VICTIM } from '../../lab/routers/topology.ts'

export interface Shown {
  readonly rule: string
  /** Of `show route table flow4tab all`. */
  readonly flow: string
  readonly communities: string
}

const TO4 = `destination ${VICTIM.ipv4}/32`
const TO6 = `destination ${VICTIM.ipv6}/128`
const DISCARD = '(generic, 0x80060000, 0x0)'

/** Two words for each community; a rate is a float of 32 bits in the second (RFC 8955, section 7). */
export const EVERYTHING: readonly Shown[] = [
  {
    rule: `${TO4} protocol =tcp,=udp port =123,=1900 then rate 1000000 bytes/s as 65001`,
    flow: `flow4 { dst ${VICTIM.ipv4}/32; proto 6,17; port 123,1900; }`,
    communities: '(generic, 0x8006fde9, 0x49742400)',
  },
  {
    rule: `${TO4} protocol =udp destination-port >=80&<=443 source-port =53,=123 then rate 1000 packets/s`,
    flow: `flow4 { dst ${VICTIM.ipv4}/32; proto 17; dport 80..443; sport 53,123; }`,
    communities: '(generic, 0x800c0000, 0x447a0000)',
  },
  {
    rule: `${TO4} protocol =icmp icmp-type =8 icmp-code =0 then discard`,
    flow: `flow4 { dst ${VICTIM.ipv4}/32; proto 1; icmp type 8; icmp code 0; }`,
    communities: DISCARD,
  },
  {
    rule: `${TO4} tcp-flags =syn&!ack then discard, action sample`,
    flow: `flow4 { dst ${VICTIM.ipv4}/32; tcp flags !0x10/0x10 && 0x2/0x2; }`,
    communities: '(generic, 0x80070000, 0x2) (generic, 0x80060000, 0x0)',
  },
  {
    rule: `${TO4} packet-length =64,>=1000&<=1500 dscp =46 then mark 10`,
    flow: `flow4 { dst ${VICTIM.ipv4}/32; length 64,1000..1500; dscp 46; }`,
    communities: '(generic, 0x80090000, 0xa)',
  },
  {
    rule: `${TO4} fragment =is-fragment,!dont-fragment then discard`,
    flow: `flow4 { dst ${VICTIM.ipv4}/32; fragment !dont_fragment || is_fragment; }`,
    communities: DISCARD,
  },
  {
    rule: `${TO4} source 198.51.100.0/24 then redirect 65001:100`,
    flow: `flow4 { dst ${VICTIM.ipv4}/32; src 198.51.100.0/24; }`,
    communities: '(generic, 0x8008fde9, 0x64)',
  },
  {
    rule: `${TO6} source 2001:db8:ffff::/48 protocol =udp source-port =53 then discard`,
    flow: `flow6 { dst ${VICTIM.ipv6}/128; src 2001:db8:ffff::/48; next header 17; sport 53; }`,
    communities: DISCARD,
  },
  {
    rule: `${TO6} fragment =first flow-label =5 then rate 9600 bytes/s`,
    flow: `flow6 { dst ${VICTIM.ipv6}/128; fragment first_fragment; label 5; }`,
    communities: '(generic, 0x80060000, 0x46160000)',
  },
]
