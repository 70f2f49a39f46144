// Floods of packets that honest peers send as well: no rule on headers takes one and leaves the other.
//
// Each is made by what makes the honest packets of its kind, for senders nobody has seen before.

import type { Draw } from '../vectors/draw.ts'
import type { InseparableCase } from './case.ts'
import { queryOctets } from './chatter.ts'
import { type Flood, packetsOf } from './floods.ts'
import { ACK, cut, icmp, PROTOCOL, PSH, portless, SYN, tcp, udp } from './packets.ts'
import { forgedWell, ownPort, type Sender } from './sender.ts'
import { SERVICE_PORTS, tunnelled } from './servers-gateways.ts'
import { opening, quicInitial } from './talks.ts'

const anyPort = (draw: Draw): number => draw.between(1024, 65_535)

/** A flood of packets that anybody may send. */
const everybody = (make: (draw: Draw, from: Sender) => ReturnType<typeof udp>): Flood =>
  packetsOf(draw => make(draw, forgedWell(draw)))

const CALL = 46

export const INSEPARABLE_CASES: readonly InseparableCase[] = [
  {
    kind: 'inseparable',
    name: 'syn-flood, ordinary options',
    on: 'web',
    vectors: ['syn-flood'],
    flood: everybody((draw, from) => opening(draw, from, 443)),
    why: 'every visitor begins with such a packet',
  },
  {
    kind: 'inseparable',
    name: 'syn-flood, on a mail server',
    on: 'mail',
    vectors: ['syn-flood'],
    flood: everybody((draw, from) => opening(draw, from, 25)),
    why: 'every sender of mail begins with such a packet',
  },
  {
    kind: 'inseparable',
    name: 'syn-flood, on a host for log-ins',
    on: 'bastion',
    vectors: ['syn-flood'],
    flood: everybody((draw, from) => opening(draw, from, 22)),
    why: 'every log-in begins with such a packet',
  },
  {
    kind: 'inseparable',
    name: 'ack-flood',
    on: 'web',
    vectors: ['ack-flood'],
    flood: everybody((draw, from) => tcp(from, ownPort(draw, from), 443, { flags: ACK })),
    why: 'most of what visitors send is this',
  },
  {
    kind: 'inseparable',
    name: 'ack-flood with payload, as requests',
    on: 'web',
    vectors: ['ack-flood'],
    flood: everybody((draw, from) =>
      tcp(from, ownPort(draw, from), 443, { flags: PSH | ACK, payload: draw.between(180, 1448) }),
    ),
    why: 'requests look like this',
  },
  {
    kind: 'inseparable',
    name: 'dns-water-torture',
    on: 'authority',
    vectors: ['dns-water-torture'],
    flood: everybody((draw, from) => udp(from, anyPort(draw), 53, queryOctets(draw))),
    why: 'resolvers send such queries; names are not seen by routers',
  },
  {
    kind: 'inseparable',
    name: 'queries to a resolver',
    on: 'resolver',
    vectors: ['udp-flood'],
    flood: everybody((draw, from) => udp(from, ownPort(draw, from), 53, queryOctets(draw))),
    why: 'customers send such queries',
  },
  {
    kind: 'inseparable',
    name: 'icmp-echo-flood, on a resolver that everybody pings',
    on: 'resolver',
    vectors: ['icmp-echo-flood'],
    flood: everybody((draw, from) => icmp(from, 8, 0, draw.isOneIn(4) ? 32 : 56)),
    why: 'three honest packets in a hundred are such pings',
  },
  {
    kind: 'inseparable',
    name: 'udp-flood, as QUIC begins',
    on: 'quic',
    vectors: ['udp-flood'],
    flood: everybody((draw, from) => udp(from, ownPort(draw, from), 443, quicInitial(draw))),
    why: 'every connection over QUIC begins with such a packet',
  },
  {
    kind: 'inseparable',
    name: 'quic-amplification, on a host that fetches over QUIC',
    on: 'download',
    vectors: ['quic-amplification'],
    flood: everybody((draw, from) =>
      udp(
        from,
        443,
        draw.between(32_768, 65_535),
        draw.isOneIn(6) ? draw.between(24, 800) : draw.pick([1250, 1350]),
      ),
    ),
    why: 'servers it asks answer like this',
  },
  {
    kind: 'inseparable',
    name: 'ack-flood, as answers from port 443',
    on: 'download',
    vectors: ['ack-flood'],
    flood: everybody((draw, from) =>
      tcp(from, 443, draw.between(32_768, 60_999), {
        flags: draw.isOneIn(12) ? PSH | ACK : ACK,
        payload: 1448 - (from.trait < 0.4 ? 8 : 0),
      }),
    ),
    why: 'files come like this',
  },
  {
    kind: 'inseparable',
    name: 'syn-ack-reflection, behind a shared address',
    on: 'eyeballs',
    vectors: ['syn-ack-reflection'],
    flood: everybody((draw, from) =>
      tcp(from, draw.pick(SERVICE_PORTS), draw.between(32_768, 60_999), {
        flags: SYN | ACK,
        options: from.system.synOptions,
      }),
    ),
    why: 'every connection of theirs is answered like this',
  },
  {
    kind: 'inseparable',
    name: 'udp-flood, as peers that share files',
    on: 'eyeballs',
    vectors: ['udp-flood'],
    flood: everybody((draw, from) =>
      udp(
        from,
        anyPort(draw),
        anyPort(draw),
        draw.isOneIn(3) ? draw.between(1000, 1400) : draw.between(20, 90),
      ),
    ),
    why: 'ports and lengths of such peers are drawn at random too',
  },
  {
    kind: 'inseparable',
    name: 'esp-flood, on a concentrator',
    on: 'vpn',
    vectors: ['esp-flood'],
    flood: everybody((draw, from) => portless(from, PROTOCOL.esp, 4 * Math.ceil((tunnelled(draw) + 36) / 4))),
    why: 'tunnels look like this',
  },
  {
    kind: 'inseparable',
    name: 'udp-flood, as WireGuard',
    on: 'vpn',
    vectors: ['udp-flood'],
    flood: everybody((draw, from) =>
      udp(from, anyPort(draw), 51_820, 32 + 16 * Math.ceil(tunnelled(draw) / 16)),
    ),
    why: 'tunnels look like this',
  },
  {
    kind: 'inseparable',
    name: 'fragment-flood, as tunnels that are cut',
    on: 'vpn',
    vectors: ['fragment-flood'],
    flood: () => [
      {
        share: 100_000,
        atOnce: 1,
        begin: draw => {
          const whole = udp(forgedWell(draw), anyPort(draw), 4500, draw.between(1473, 1540))
          return cut(whole)[Symbol.iterator]()
        },
      },
    ],
    why: 'packets that do not fit into their tunnel are cut like this',
  },
  {
    kind: 'inseparable',
    name: 'gre-flood, on an end of tunnels',
    on: 'tunnels',
    vectors: ['gre-flood'],
    flood: everybody((draw, from) => portless(from, PROTOCOL.gre, tunnelled(draw))),
    why: 'tunnels look like this',
  },
  {
    kind: 'inseparable',
    name: 'udp-flood, as calls',
    on: 'voice',
    vectors: ['udp-fixed-length-flood'],
    flood: everybody((draw, from) =>
      udp(
        { ...from, dscp: draw.below(10) < 6 ? CALL : from.dscp },
        draw.between(1024, 32_767) * 2,
        10_000 + 2 * draw.below(5000),
        172,
      ),
    ),
    why: 'most speech comes in packets of 200 octets to these ports',
  },
  {
    kind: 'inseparable',
    name: 'udp-flood, as players',
    on: 'game',
    vectors: ['udp-flood'],
    flood: everybody((draw, from) => {
      const port = draw.isOneIn(5) ? 27_005 : ownPort(draw, from)
      const usual = 30 + Math.floor(from.trait * 60) + draw.below(45)
      return udp(from, port, 27_015, draw.isOneIn(12) ? draw.between(90, 330) : usual)
    }),
    why: 'players send this',
  },
  {
    kind: 'inseparable',
    name: 'udp-flood, as clients that ask the time',
    on: 'clock',
    vectors: ['udp-fixed-length-flood'],
    flood: everybody((draw, from) =>
      udp(from, from.trait < 0.2 ? 123 : anyPort(draw), 123, from.trait > 0.99 ? 68 : 48),
    ),
    why: 'that is what a time server is there for',
  },
]
