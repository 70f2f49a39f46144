// Floods that are sent straight at their victim, each beside honest traffic of the same protocol.

import type { Layer, TcpFlag } from '../layer.ts'
import type { Draw } from './draw.ts'
import { hexOf } from './draw.ts'
import { from, icmp, laterFragment, mixed, type PacketMaker, packet, tcp, to, US6, udp } from './packet.ts'
import type { VectorCase } from './vector-case.ts'

const SPOOFED = 60_000
const spoofed = (draw: Draw) => to(draw.outside(SPOOFED), { ttl: draw.between(40, 250) })

const flags =
  (list: readonly TcpFlag[], bytes = 0): PacketMaker =>
  draw =>
    tcp(spoofed(draw), draw.port(), 80, list, bytes === 0 ? 0 : draw.bytes(bytes))

/** A crowd of clients that each fetch a page: of six packets to us one begins a connection and one ends it. */
const crowd = (syn: readonly TcpFlag[] = ['syn']): PacketMaker =>
  mixed(
    [2, draw => tcp(to(draw.outside(4000)), draw.port(), 443, syn)],
    [6, draw => tcp(to(draw.outside(4000)), draw.port(), 443, ['ack'])],
    [2, draw => tcp(to(draw.outside(4000)), draw.port(), 443, ['psh', 'ack'], draw.bytes(400))],
    [2, draw => tcp(to(draw.outside(4000)), draw.port(), 443, ['fin', 'ack'])],
    [12, draw => tcp(from(draw.outside(4000)), 443, draw.port(), ['ack'], 1400)],
  )

const CROWD = { title: 'a crowd of visitors of a web server', packets: crowd() } as const

const BACKUP = {
  title: 'a backup over TCP from three machines',
  packets: mixed(
    [30, draw => tcp(to(draw.outside(3)), 40_001, 873, ['ack'], draw.bytes(1400))],
    [1, draw => tcp(from(draw.outside(3)), 873, 40_001, ['ack'])],
  ),
} as const satisfies VectorCase['neighbour']

export const CRAWLER = {
  title: 'a crawler of ours that opens many connections',
  packets: mixed(
    [2, draw => tcp(from(draw.outside(2000)), draw.port(), 443, ['syn'])],
    [2, draw => tcp(to(draw.outside(2000)), 443, draw.port(), ['syn', 'ack'])],
    [2, draw => tcp(from(draw.outside(2000)), draw.port(), 443, ['ack'])],
    [1, draw => tcp(to(draw.outside(2000)), 443, draw.port(), ['ack'], draw.bytes(900))],
  ),
} as const satisfies VectorCase['neighbour']

const DOWNLOAD = {
  title: 'pages and files a host of ours fetches',
  packets: mixed(
    [
      9,
      draw =>
        tcp(to(draw.outside(20)), 80, draw.port(), ['ack'], draw.payload(hexOf('HTTP/1.1 200 OK'), 1400)),
    ],
    [4, draw => tcp(from(draw.outside(20)), draw.port(), 80, ['ack'])],
  ),
} as const satisfies VectorCase['neighbour']

const REFUSED = {
  title: 'servers that refuse the connections we try',
  packets: mixed(
    [1, draw => tcp(from(draw.outside(40)), draw.port(), 25, ['syn'])],
    [1, draw => tcp(to(draw.outside(40)), 25, draw.port(), ['rst', 'ack'])],
  ),
} as const satisfies VectorCase['neighbour']

export const TCP_CASES: readonly VectorCase[] = [
  { vector: 'syn-flood', attack: flags(['syn']), neighbour: CROWD },
  {
    vector: 'syn-ecn-flood',
    attack: flags(['syn', 'ece', 'cwr']),
    neighbour: { title: 'a crowd of visitors whose systems use ECN', packets: crowd(['syn', 'ece', 'cwr']) },
  },
  {
    vector: 'syn-scan',
    attack: (draw, at) => tcp(to(draw.outside(1)), 51_000, 1 + ((at * 7919) % 65_000), ['syn']),
    neighbour: CROWD,
  },
  {
    vector: 'syn-ack-reflection',
    attack: draw => tcp(to(draw.outside(5000)), draw.pick([80, 443, 22]), draw.port(), ['syn', 'ack']),
    neighbour: CRAWLER,
  },
  {
    vector: 'tcp-middlebox-reflection',
    attack: draw =>
      tcp(
        to(draw.outside(3000)),
        80,
        draw.port(),
        ['psh', 'ack'],
        draw.payload(hexOf('HTTP/1.1 403 Forbidden'), 1300),
      ),
    neighbour: DOWNLOAD,
  },
  { vector: 'ack-flood', attack: flags(['ack']), neighbour: BACKUP },
  { vector: 'rst-flood', attack: flags(['rst']), neighbour: REFUSED },
  { vector: 'fin-flood', attack: flags(['fin', 'ack']), neighbour: CROWD },
  { vector: 'null-flood', attack: flags([]), neighbour: CROWD },
  { vector: 'xmas-flood', attack: flags(['fin', 'psh', 'urg']), neighbour: CROWD },
  { vector: 'impossible-flags-flood', attack: flags(['syn', 'fin']), neighbour: CROWD },
]

const VOICE = {
  title: 'telephone calls: one length, both ways',
  packets: mixed(
    [1, draw => udp(to(draw.outside(30)), 16_000, 16_002, draw.payload('8000', 172))],
    [1, draw => udp(from(draw.outside(30)), 16_002, 16_000, draw.payload('8000', 172))],
  ),
} as const satisfies VectorCase['neighbour']

const KEEPALIVE = {
  title: 'empty packets that keep translations of addresses alive',
  packets: mixed(
    [1, draw => udp(to(draw.outside(300)), 4500, 4500)],
    [1, draw => udp(from(draw.outside(300)), 4500, 4500)],
  ),
} as const satisfies VectorCase['neighbour']

const QUIC_SERVER = {
  title: 'a large download over QUIC',
  packets: mixed(
    [20, draw => udp(to(draw.outside(2)), 443, 51_000, draw.payload('4c', draw.between(900, 1230)))],
    [1, draw => udp(from(draw.outside(2)), 51_000, 443, draw.payload('41', 40))],
  ),
} as const satisfies VectorCase['neighbour']

/** A query: header, labels, type and class. */
function query(draw: Draw, first: string, parent: readonly string[]): Uint8Array {
  const labels = [first, ...parent].map(label => label.length.toString(16).padStart(2, '0') + hexOf(label))
  return draw.payload(`1a2b01000001000000000000${labels.join('')}0000010001`, 0)
}

const random = (draw: Draw): string => Array.from({ length: 12 }, () => draw.below(36).toString(36)).join('')

/** Servers and switches that send a collector of ours their messages; nothing ever goes back. */
const COLLECTOR = {
  title: 'a collector that forty servers send their syslog to',
  isOneWay: true,
  packets: draw => {
    const [priority, sender] = [draw.pick([30, 134, 189]), draw.below(40)]
    const text = `<${priority}>1 2026-11-20T10:11:49.533Z server-${sender} sshd ${draw.port()} - - `
    return udp(to(draw.outside(40)), 514, 514, draw.payload(hexOf(text), draw.between(90, 600)))
  },
} as const satisfies VectorCase['neighbour']

export const UDP_CASES: readonly VectorCase[] = [
  {
    vector: 'udp-flood',
    attack: draw => udp(spoofed(draw), draw.port(), draw.port(), draw.bytes(draw.between(64, 1400))),
    neighbour: QUIC_SERVER,
  },
  {
    vector: 'udp-flood',
    attack: draw => udp(spoofed(draw), draw.port(), 514, draw.bytes(draw.between(64, 1400))),
    neighbour: COLLECTOR,
  },
  {
    vector: 'udp-fixed-length-flood',
    attack: draw => udp(spoofed(draw), 40_000 + draw.below(2000), 80, draw.bytes(512)),
    neighbour: VOICE,
  },
  {
    vector: 'udp-null-flood',
    attack: draw => udp(spoofed(draw), 40_000 + draw.below(2000), 80),
    neighbour: KEEPALIVE,
  },
  {
    vector: 'dns-water-torture',
    attack: draw =>
      udp(to(draw.outside(2000)), draw.port(), 53, query(draw, random(draw), ['victim', 'example'])),
    neighbour: {
      title: 'an authoritative server that is asked and answers',
      packets: mixed(
        [
          1,
          draw =>
            udp(
              to(draw.outside(2000)),
              draw.port(),
              53,
              query(draw, `w${draw.below(40)}`, ['shop', 'example']),
            ),
        ],
        [
          1,
          draw =>
            udp(from(draw.outside(2000)), 53, draw.port(), draw.payload('1a2b84000001000100000000', 120)),
        ],
      ),
    },
  },
  {
    vector: 'fragment-flood',
    attack: mixed(
      [
        1,
        draw =>
          udp(to(draw.outside(SPOOFED), { fragment: { offset: 0, more: true } }), 4000, 80, draw.bytes(1472)),
      ],
      [3, draw => laterFragment(to(draw.outside(SPOOFED)), { offset: 1480, more: true }, 1480)],
    ),
    neighbour: {
      title: 'files over NFS on UDP, in fragments, both ways',
      packets: mixed(
        [
          1,
          draw =>
            udp(to(draw.outside(4), { fragment: { offset: 0, more: true } }), 2049, 800, draw.bytes(1472)),
        ],
        [4, draw => laterFragment(to(draw.outside(4)), { offset: 1480, more: true }, 1480)],
        [1, draw => udp(from(draw.outside(4)), 800, 2049, draw.bytes(150))],
      ),
    },
  },
]

const MONITOR = {
  title: 'a monitor of ours that pings and is answered',
  packets: mixed(
    [1, draw => icmp(from(draw.outside(300)), 8, 56)],
    [1, draw => icmp(to(draw.outside(300)), 0, 56)],
  ),
} as const satisfies VectorCase['neighbour']

export const ICMP_CASES: readonly VectorCase[] = [
  { vector: 'icmp-echo-flood', attack: draw => icmp(spoofed(draw), 8, 56), neighbour: MONITOR },
  { vector: 'icmp-large-flood', attack: draw => icmp(spoofed(draw), 8, 1400), neighbour: MONITOR },
  { vector: 'icmp-reply-flood', attack: draw => icmp(to(draw.outside(5000)), 0, 56), neighbour: MONITOR },
  {
    vector: 'icmp-other-flood',
    attack: draw => icmp(spoofed(draw), 3, 28, 3),
    neighbour: {
      title: 'errors of the network among ordinary traffic',
      packets: mixed([1, draw => icmp(to(draw.outside(40)), 11, 28)], [20, crowd()]),
    },
  },
]

/** Packets of a protocol between gateways, both ways. */
const between = (gateways: number, ...layers: readonly Layer[]): PacketMaker =>
  mixed(
    [1, draw => packet(to(draw.outside(gateways)), ...layers)],
    [1, draw => packet(from(draw.outside(gateways)), ...layers)],
  )

const raw =
  (protocol: number): PacketMaker =>
  draw =>
    packet({ ...spoofed(draw), protocol }, { kind: 'payload', bytes: 500 })

const tunnel = (vector: string, title: string, number: number, ...layers: readonly Layer[]): VectorCase => ({
  vector,
  attack: raw(number),
  neighbour: { title, packets: between(30, ...layers, { kind: 'payload', bytes: 700 }) },
})

/** Hop-by-hop options are next header 0 of IPv6: the one honest use of that number. */
const LISTENERS = {
  title: 'a router that asks hosts for their groups, all behind next header 0 of IPv6',
  packets: mixed(
    [1, draw => listening({ source: US6, target: draw.outside6(60) }, 130)],
    [2, draw => listening({ source: draw.outside6(60), target: US6 }, 143)],
  ),
} as const satisfies VectorCase['neighbour']

function listening(
  ends: { readonly source: string; readonly target: string },
  type: number,
): readonly Layer[] {
  return packet(ends, { kind: 'hop-by-hop' }, { kind: 'icmpv6', type }, { kind: 'payload', bytes: 24 })
}

/** IGMP, IP in IP, GRE, ESP, AH, EIGRP, OSPF, EtherIP, PIM, VRRP, L2TP and SCTP. */
const GATEWAY_PROTOCOLS = [2, 4, 47, 50, 51, 88, 89, 97, 103, 112, 115, 132] as const
const gatewayPacket = (draw: Draw, ends: ReturnType<typeof to>): readonly Layer[] =>
  packet(
    { ...ends, protocol: draw.pick([...GATEWAY_PROTOCOLS]) },
    { kind: 'payload', bytes: draw.between(40, 700) },
  )

const GATEWAY = {
  title: 'a gateway that speaks a dozen protocols with its neighbours, OSPF, PIM and VRRP among them',
  packets: mixed(
    [1, draw => gatewayPacket(draw, to(draw.outside(12)))],
    [1, draw => gatewayPacket(draw, from(draw.outside(12)))],
  ),
} as const satisfies VectorCase['neighbour']

const EXTENSIONS: readonly Layer[] = [{ kind: 'hop-by-hop' }, { kind: 'destination-options' }]

export const PROTOCOL_CASES: readonly VectorCase[] = [
  tunnel('gre-flood', 'tunnels of GRE to offices', 47, { kind: 'gre' }),
  tunnel('esp-flood', 'a concentrator of VPNs', 50, { kind: 'esp', index: 7 }),
  {
    ...tunnel('ah-flood', 'authenticated packets between gateways', 51),
    neighbour: {
      title: 'authenticated packets between gateways',
      packets: mixed(
        [1, draw => packet(to(draw.outside(30), { protocol: 51 }), { kind: 'payload', bytes: 300 })],
        [1, draw => packet(from(draw.outside(30), { protocol: 51 }), { kind: 'payload', bytes: 300 })],
      ),
    },
  },
  tunnel('ipip-flood', 'IP in IP to a load balancer', 4, {
    kind: 'ipv4',
    source: '192.0.2.1',
    target: '203.0.113.1',
  }),
  {
    vector: 'protocol-zero-flood',
    attack: raw(0),
    neighbour: LISTENERS,
  },
  {
    vector: 'random-protocol-flood',
    attack: draw =>
      packet({ ...spoofed(draw), protocol: draw.between(61, 250) }, { kind: 'payload', bytes: 400 }),
    neighbour: GATEWAY,
  },
  {
    vector: 'other-protocol-flood',
    attack: raw(132),
    neighbour: {
      title: 'an association of SCTP',
      packets: mixed(
        [1, draw => packet(to(draw.outside(3), { protocol: 132 }), { kind: 'payload', bytes: 300 })],
        [1, draw => packet(from(draw.outside(3), { protocol: 132 }), { kind: 'payload', bytes: 300 })],
      ),
    },
  },
  {
    vector: 'ipv6-extension-flood',
    attack: draw =>
      packet(
        { source: draw.outside6(SPOOFED), target: US6 },
        ...EXTENSIONS,
        { kind: 'udp', sourcePort: draw.port(), targetPort: 80 },
        { kind: 'payload', bytes: 400 },
      ),
    neighbour: {
      title: 'hosts that report their groups, and talk',
      packets: mixed(
        [
          1,
          draw =>
            packet(
              { source: draw.outside6(9), target: US6 },
              { kind: 'hop-by-hop' },
              { kind: 'icmpv6', type: 143 },
            ),
        ],
        [
          4,
          draw =>
            packet(
              { source: draw.outside6(9), target: US6 },
              { kind: 'udp', sourcePort: 443, targetPort: 5000 },
              { kind: 'payload', bytes: draw.payload('4c', 900) },
            ),
        ],
        [
          2,
          draw =>
            packet(
              { source: US6, target: draw.outside6(9) },
              { kind: 'udp', sourcePort: 5000, targetPort: 443 },
              { kind: 'payload', bytes: draw.payload('41', 40) },
            ),
        ],
      ),
    },
  },
]
