// Floods of answers from abused servers, each on a host that has honest traffic of the same ports, lengths or both.

import type { TellableCase } from './case.ts'
import { amplified, type Flood, segments } from './floods.ts'
import { ACK, PSH, SYN, udp } from './packets.ts'
import { Crowd } from './sender.ts'
import { each } from './traffic.ts'

/** Lists of peers of NTP: six entries of 72 octets in each packet but the last of a list. */
export const timeLists =
  (...targets: readonly number[]): Flood =>
  draw => {
    const servers = new Crowd(draw, 1800)
    return [
      each(100_000, now => {
        const entries = now.below(100) < 86 ? 6 : now.between(1, 5)
        const target = targets[now.below(targets.length)] ?? now.between(1024, 65_535)
        return udp(
          servers.next(now),
          123,
          now.isOneIn(3) ? target : now.between(1024, 65_535),
          8 + 72 * entries,
        )
      }),
    ]
  }

const REFLECTED_PORTS: readonly [number, ...number[]] = [80, 443, 22, 25, 8080, 21, 179]

export const AMPLIFIED_CASES: readonly TellableCase[] = [
  {
    kind: 'separable',
    name: 'dns-amplification, with fragments',
    on: 'web',
    vectors: ['dns-amplification'],
    flood: amplified('dns', { octets: [1000, 4096] }),
    why: 'the host resolves names, but its answers are short and never cut',
    byHand: ['protocol =udp source-port =53 packet-length >=950', 'protocol =udp fragment =is-fragment'],
  },
  {
    kind: 'separable',
    name: 'dns-amplification, with fragments, on a resolver',
    on: 'resolver',
    vectors: ['dns-amplification'],
    flood: amplified('dns', { octets: [1300, 4096] }),
    why: 'a quarter of its honest packets come from port 53, but it asks for 1,232 octets at most',
    byHand: ['protocol =udp source-port =53 packet-length >=1300', 'protocol =udp fragment =is-fragment'],
  },
  {
    kind: 'separable',
    name: 'dns-amplification, lengths that occur honestly',
    on: 'eyeballs',
    vectors: ['dns-amplification'],
    flood: amplified('dns', { octets: [1100, 1472] }),
    why: 'one honest packet in three thousand is such an answer',
    byHand: ['protocol =udp source-port =53 packet-length >=1100'],
  },
  {
    kind: 'separable',
    name: 'ntp-amplification',
    on: 'web',
    vectors: ['ntp-amplification'],
    flood: timeLists(80, 443),
    why: 'honest time is told in 76 octets',
    byHand: ['protocol =udp source-port =123 packet-length >=100'],
  },
  {
    kind: 'separable',
    name: 'ntp-amplification, on a time server',
    on: 'clock',
    vectors: ['ntp-amplification'],
    flood: timeLists(123),
    why: 'a fifth of those who ask it do so from port 123, in 76 octets or 96',
    byHand: ['protocol =udp source-port =123 packet-length >=100'],
  },
  {
    kind: 'separable',
    name: 'ntp-amplification, behind a shared address',
    on: 'eyeballs',
    vectors: ['ntp-amplification'],
    flood: timeLists(),
    why: 'honest time is told in 76 octets',
    byHand: ['protocol =udp source-port =123 packet-length >=100'],
  },
  {
    kind: 'separable',
    name: 'ssdp-amplification',
    on: 'eyeballs',
    vectors: ['ssdp-amplification'],
    flood: amplified('ssdp'),
    why: 'port 1900 comes up honestly only by chance',
    byHand: ['protocol =udp source-port =1900'],
  },
  {
    kind: 'separable',
    name: 'cldap-amplification, with fragments',
    on: 'mail',
    vectors: ['cldap-amplification'],
    flood: amplified('cldap', { octets: [1300, 3100] }),
    why: 'nobody answers a mail server from port 389',
    byHand: ['protocol =udp source-port =389', 'protocol =udp fragment =is-fragment'],
  },
  {
    kind: 'separable',
    name: 'memcached-amplification',
    on: 'web',
    vectors: ['memcached-amplification'],
    flood: amplified('memcached', { octets: [1392, 1400] }),
    why: 'nobody answers a web server from port 11211',
    byHand: ['protocol =udp source-port =11211'],
  },
  {
    kind: 'separable',
    name: 'chargen-amplification',
    on: 'mail',
    vectors: ['chargen-amplification'],
    flood: amplified('chargen', { octets: [74, 1472] }),
    why: 'port 19; the lengths are those of DNS answers',
    byHand: ['protocol =udp source-port =19'],
  },
  {
    kind: 'separable',
    name: 'snmp-amplification, with fragments',
    on: 'bastion',
    vectors: ['snmp-amplification'],
    flood: amplified('snmp', { octets: [900, 2400] }),
    why: 'nobody answers it from port 161, and nothing comes cut',
    byHand: ['protocol =udp source-port =161', 'protocol =udp fragment =is-fragment'],
  },
  {
    kind: 'separable',
    name: 'ws-discovery-amplification',
    on: 'game',
    vectors: ['ws-discovery-amplification'],
    flood: amplified('ws-discovery', {
      targets: draw => (draw.isOneIn(2) ? 27_015 : draw.between(1024, 65_535)),
    }),
    why: 'port 3702; half of it goes to the port of the game',
    byHand: ['protocol =udp source-port =3702'],
  },
  {
    kind: 'separable',
    name: 'srcds-amplification, on a game server',
    on: 'game',
    vectors: ['srcds-amplification'],
    flood: amplified('srcds', { targets: () => 27_015 }),
    why: 'from and to the port of the game, in lengths players send, but they do not send from it',
    byHand: ['protocol =udp source-port =27015'],
  },
  {
    kind: 'separable',
    name: 'portmap-amplification',
    on: 'download',
    vectors: ['portmap-amplification'],
    flood: amplified('portmap', { octets: [68, 486] }),
    why: 'port 111',
    byHand: ['protocol =udp source-port =111'],
  },
  {
    kind: 'separable',
    name: 'coap-amplification',
    on: 'eyeballs',
    vectors: ['coap-amplification'],
    flood: amplified('coap'),
    why: 'port 5683 comes up honestly only by chance',
    byHand: ['protocol =udp source-port =5683'],
  },
  {
    kind: 'separable',
    name: 'stun-amplification, among calls',
    on: 'eyeballs',
    vectors: ['stun-amplification'],
    flood: amplified('stun', { octets: [92, 108] }),
    why: 'media of honest calls come from the same port in all lengths, seldom in these',
    byHand: ['protocol =udp source-port =3478 packet-length >=119&<=136'],
  },
  {
    kind: 'separable',
    name: 'sip-amplification, on a telephone exchange',
    on: 'voice',
    vectors: ['sip-amplification'],
    flood: amplified('sip', { targets: draw => draw.between(1024, 65_535) }),
    why: 'honest signalling from port 5060 goes to port 5060',
    byHand: ['protocol =udp source-port =5060 destination-port !=5060'],
  },
  {
    kind: 'separable',
    name: 'rdpeudp-amplification',
    on: 'vpn',
    vectors: ['rdpeudp-amplification'],
    flood: amplified('rdpeudp', {
      targets: draw => draw.pick([500, 4500, 51_820, draw.between(1024, 65_535)]),
    }),
    why: 'port 3389, mostly to ports of the tunnels, in a length they use',
    byHand: ['protocol =udp source-port =3389'],
  },
  {
    kind: 'separable',
    name: 'ard-amplification',
    on: 'authority',
    vectors: ['ard-amplification'],
    flood: amplified('ard', { targets: draw => (draw.isOneIn(3) ? 53 : draw.between(1024, 65_535)) }),
    why: 'port 3283, and 1,034 octets; resolvers ask from all ports, in short',
    byHand: ['protocol =udp source-port =3283'],
  },
  {
    kind: 'separable',
    name: 'tp240-amplification',
    on: 'authority',
    vectors: ['tp240-amplification'],
    flood: amplified('tp240', { targets: () => 53 }),
    why: 'port 10074 to port 53 in lengths of queries; resolvers ask from all ports, each seldom',
    byHand: ['protocol =udp source-port =10074'],
  },
  {
    kind: 'separable',
    name: 'quic-amplification',
    on: 'web',
    vectors: ['quic-amplification'],
    flood: amplified('quic'),
    why: 'the host asks nobody by QUIC',
    byHand: ['protocol =udp source-port =443'],
  },
  {
    kind: 'separable',
    name: 'syn-ack-reflection',
    on: 'web',
    vectors: ['syn-ack-reflection'],
    flood: draw => {
      const reflectors = new Crowd(draw, 8000)
      return segments([SYN | ACK], {
        ports: 'any',
        options: [4, 12, 20],
        who: now => reflectors.next(now),
        sources: REFLECTED_PORTS,
      })(draw)
    },
    why: 'a web server opens few connections',
    byHand: ['protocol =tcp tcp-flags =syn+ack'],
  },
  {
    kind: 'separable',
    name: 'tcp-middlebox-reflection',
    on: 'web',
    vectors: ['tcp-middlebox-reflection'],
    flood: draw => {
      const reflectors = new Crowd(draw, 3000)
      return segments([PSH | ACK, PSH | ACK, ACK], {
        ports: 'any',
        payload: [300, 1448],
        who: now => reflectors.next(now),
        sources: [80],
      })(draw)
    },
    why: 'a web server fetches little from port 80',
    byHand: ['protocol =tcp source-port =80'],
  },
]
