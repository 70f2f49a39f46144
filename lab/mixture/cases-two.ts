// Two vectors at once, in unequal shares.

import type { TellableCase } from './case.ts'
import { timeLists } from './cases-amplified.ts'
import { amplified, datagrams, messages, ofProtocol, segments, together } from './floods.ts'
import { FIN, PSH, SYN, URG } from './packets.ts'

export const TWO_CASES: readonly TellableCase[] = [
  {
    kind: 'two',
    name: 'ntp- and memcached-amplification',
    on: 'web',
    vectors: ['ntp-amplification', 'memcached-amplification'],
    flood: together([60, timeLists(80)], [40, amplified('memcached')]),
    why: 'two source ports',
    byHand: ['protocol =udp source-port =123 packet-length >=100', 'protocol =udp source-port =11211'],
  },
  {
    kind: 'two',
    name: 'dns-amplification with fragments and xmas-flood',
    on: 'web',
    vectors: ['dns-amplification', 'xmas-flood'],
    flood: together(
      [75, amplified('dns', { octets: [1000, 4096] })],
      [25, segments([FIN | PSH | URG], { ports: [443], options: [0, 12] })],
    ),
    why: 'three rules: answers, their fragments, flags',
    byHand: [
      'protocol =udp source-port =53 packet-length >=950',
      'protocol =udp fragment =is-fragment',
      'protocol =tcp tcp-flags =fin+psh+urg',
    ],
  },
  {
    kind: 'two',
    name: 'udp-flood on all ports and gre-flood',
    on: 'web',
    vectors: ['udp-flood', 'gre-flood'],
    flood: together(
      [70, datagrams({ ports: 'any', octets: [1, 1400] })],
      [30, ofProtocol([47, 47], [100, 1400])],
    ),
    why: 'two protocols',
    byHand: ['protocol =udp source-port >=1024', 'protocol =gre'],
  },
  {
    kind: 'two',
    name: 'ssdp-amplification and icmp-large-flood',
    on: 'eyeballs',
    vectors: ['ssdp-amplification', 'icmp-large-flood'],
    flood: together([85, amplified('ssdp')], [15, messages(8, [0], [972, 1472])]),
    why: 'two protocols, the smaller part one packet in seven',
    byHand: ['protocol =udp source-port =1900', 'protocol =icmp packet-length >=500'],
  },
  {
    kind: 'two',
    name: 'chargen-amplification and syn-flood without options',
    on: 'mail',
    vectors: ['chargen-amplification', 'syn-flood'],
    flood: together([55, amplified('chargen')], [45, segments([SYN], { ports: [25] })]),
    why: 'one by its port, the other by its length',
    byHand: ['protocol =udp source-port =19', 'protocol =tcp tcp-flags =syn packet-length =40'],
  },
  {
    kind: 'two',
    name: 'two floods on the port of the game: long and empty packets',
    on: 'game',
    vectors: ['udp-flood', 'udp-null-flood'],
    flood: together(
      [50, datagrams({ ports: [27_015], octets: [800, 1400] })],
      [50, datagrams({ ports: [27_015], octets: [0, 0] })],
    ),
    why: 'lengths on both sides of the honest ones',
    byHand: [
      'protocol =udp destination-port =27015 packet-length >=500',
      'protocol =udp destination-port =27015 packet-length =28',
    ],
  },
  {
    kind: 'two',
    name: 'long packets on the port of a name server and null-flood',
    on: 'authority',
    vectors: ['udp-flood', 'null-flood'],
    flood: together(
      [65, datagrams({ ports: [53], octets: [200, 1400] })],
      [35, segments([0], { ports: [53], payload: [0, 40] })],
    ),
    why: 'one by length, the other by flags',
    byHand: [
      'protocol =udp destination-port =53 packet-length >=110',
      'protocol =tcp tcp-flags !fin+syn+rst+psh+ack+urg',
    ],
  },
  {
    kind: 'two',
    name: 'snmp- and coap-amplification',
    on: 'resolver',
    vectors: ['snmp-amplification', 'coap-amplification'],
    flood: together([50, amplified('snmp')], [50, amplified('coap')]),
    why: 'two source ports, lengths of DNS answers',
    byHand: ['protocol =udp source-port =161', 'protocol =udp source-port =5683'],
  },
]
