// One case for each countermeasure that needs no connections: its parameters, packets of an attacker and of honest people,
// and how many of them arrive.

import type { Parameters } from '#7-mitigation/protection/profile.ts'
import type { Hook } from '#8-enforcement/nftables/place.ts'
import type { TcpFlag, TransportLayer } from '../../lab/layer.ts'
import type { Family, Packet, Stream } from './crafted-traffic.ts'

/** How many arrive; or what passes at once and what each second. */
type Arrives = number | { readonly burst: number; readonly perSecond: number }

export interface CaseStream extends Stream {
  /** 0: the first victim of the case, 1: the one after it. */
  readonly to?: 0 | 1
  readonly arrives: Arrives
  /** The kernel itself takes no such packet: so it arrives nowhere, and only these hooks see it before. */
  readonly martianAt?: readonly Hook[]
  /** The countermeasure does not get to see it. */
  readonly isSpared?: true
}

export interface Case {
  readonly name: string
  readonly countermeasure: keyof Parameters
  readonly parameters: Parameters
  streams(family: Family): readonly CaseStream[]
}

const tcp = (
  flags: readonly TcpFlag[],
  more: Partial<Extract<TransportLayer, { kind: 'tcp' }>> = {},
): Packet => ({
  transport: { kind: 'tcp', sourcePort: 2000, targetPort: 80, flags, sequence: 1, ...more },
})
const udp = (targetPort = 80, payloadBytes = 100, sourcePort = 2000): Packet => ({
  transport: { kind: 'udp', sourcePort, targetPort },
  payloadBytes,
})
const from = (source: string): Packet => ({ ...udp(), source })
/** Two fragments that make one datagram. */
const DATAGRAM: readonly Packet[] = [
  { ...udp(80, 1272), fragment: { offset: 0, more: true } },
  { fragment: { offset: 1280, more: false }, payloadBytes: 100 },
]
/** Names an MSS of 1460. */
const OPTIONS = Uint8Array.of(2, 4, 5, 180)
/** Linux itself would pass these on, and not the others. */
const IMPOSSIBLE = { 4: ['0.1.2.3', '240.0.0.1'], 6: [] } as const
const MARTIAN = { 4: ['127.0.0.1'], 6: ['::1', 'ff02::5'] } as const

const WRONG_HEADERS: readonly Packet[] = [
  tcp([]),
  tcp(['fin', 'syn']),
  tcp(['syn', 'rst']),
  tcp(['fin', 'rst']),
  tcp(['fin']),
  tcp(['psh']),
  tcp(['urg']),
  tcp(['ack'], { sourcePort: 0 }),
  tcp(['ack'], { targetPort: 0 }),
  udp(0),
  tcp(['syn'], { options: OPTIONS, sequence: 0 }),
  tcp(['syn']),
]
const RIGHT_HEADERS: readonly Packet[] = [
  tcp(['syn'], { options: OPTIONS }),
  tcp(['syn', 'ece', 'cwr'], { options: OPTIONS }),
  tcp(['ack']),
  tcp(['psh', 'ack']),
  tcp(['fin', 'ack']),
  tcp(['rst']),
  udp(),
  // Where a header would stand this one has zeros: no flags, port 0.
  ...DATAGRAM,
]

const drop = (match: string) => ({ verdict: 'drop', match }) as const
const pass = (match: string) => ({ verdict: 'pass', match }) as const
const both = (match: string): [string, string] => [match, `ipv6 ${match}`]
const FRIENDS = { 4: '198.51.100.9', 6: '2001:db8:1::9' } as const
const ATTACKERS = ['198.18.0.0/16', '2001:db8:ffff::/48']

export const MANAGEMENT = ['192.0.2.0/28', '2001:db8:aaaa::/48']

export const CASES: readonly Case[] = [
  {
    name: 'header-sanity takes what nobody honest sends',
    countermeasure: 'header-sanity',
    parameters: { 'header-sanity': {} },
    streams: family => [
      { from: 1, packets: WRONG_HEADERS, times: 5, arrives: 0 },
      { from: 2, packets: RIGHT_HEADERS, times: 5, arrives: 5 * RIGHT_HEADERS.length },
      { from: 3, packets: IMPOSSIBLE[family].map(from), times: 5, arrives: 0 },
      {
        ...{ from: 4, packets: MARTIAN[family].map(from), times: 5, arrives: 0 },
        martianAt: family === 4 ? ['prerouting', 'ingress'] : ['ingress'],
      },
    ],
  },
  {
    name: 'fragments takes all of them at 0, and nothing whole',
    countermeasure: 'fragments',
    parameters: { fragments: { packetsPerSecond: 0 } },
    streams: () => [
      { from: 1, packets: DATAGRAM, times: 20, arrives: 0 },
      { from: 2, packets: [udp()], times: 20, arrives: 20 },
    ],
  },
  {
    name: 'fragments takes those above its rate',
    countermeasure: 'fragments',
    parameters: { fragments: { packetsPerSecond: 20 } },
    streams: () => [
      { from: 1, packets: DATAGRAM, times: 100, overSeconds: 1, arrives: { burst: 20, perSecond: 20 } },
    ],
  },
  {
    name: 'rate-limit lets a rate of packets through',
    countermeasure: 'rate-limit',
    parameters: { 'rate-limit': { packetsPerSecond: 20 } },
    streams: () => [
      { from: 1, packets: [udp()], times: 400, overSeconds: 1, arrives: { burst: 2, perSecond: 20 } },
    ],
  },
  {
    name: 'rate-limit lets a rate of bits through',
    countermeasure: 'rate-limit',
    // 1500 bytes at once, then 1000 a second; each packet has 500 or so.
    parameters: { 'rate-limit': { bitsPerSecond: 8000 } },
    streams: () => [
      { from: 1, packets: [udp(80, 450)], times: 200, overSeconds: 1, arrives: { burst: 2, perSecond: 3 } },
    ],
  },
  {
    name: 'target-rate-limit limits one target and not the other',
    countermeasure: 'target-rate-limit',
    parameters: { 'target-rate-limit': { packetsPerSecond: 100 } },
    streams: () => [
      { from: 1, packets: [udp()], times: 1000, overSeconds: 1, arrives: { burst: 10, perSecond: 100 } },
      { from: 2, to: 1, packets: [udp()], times: 8, arrives: 8 },
    ],
  },
  {
    name: 'filter does what distilled rules say',
    countermeasure: 'filter',
    parameters: {
      filter: {
        rules: [
          ...both('protocol =udp source-port =123 packet-length >=400&<=600 then discard'),
          ...both('protocol =udp destination-port =9 then rate 1000 bytes/s'),
          ...both('protocol =tcp tcp-flags =syn&!ack then discard'),
        ],
      },
    },
    streams: () => [
      { from: 1, packets: [udp(4000, 440, 123)], times: 20, arrives: 0 },
      {
        from: 2,
        packets: [udp(4000, 48, 123), udp(4000, 440, 53), tcp(['syn', 'ack'])],
        times: 20,
        arrives: 60,
      },
      { from: 3, packets: [udp(9, 450)], times: 200, overSeconds: 1, arrives: { burst: 2, perSecond: 3 } },
      { from: 4, packets: [tcp(['syn'])], times: 20, arrives: 0 },
    ],
  },
  {
    name: 'acl: the first rule that matches decides',
    countermeasure: 'acl',
    parameters: {
      acl: {
        rules: [
          ...both('protocol =udp destination-port =53').map(pass),
          ...both('protocol =udp').map(drop),
          ...both('protocol =tcp tcp-flags =syn&!ack').map(drop),
        ],
      },
    },
    streams: () => [
      { from: 1, packets: [udp(53), tcp(['ack']), tcp(['syn', 'ack'])], times: 10, arrives: 30 },
      { from: 2, packets: [udp(80), tcp(['syn'])], times: 10, arrives: 0 },
    ],
  },
  {
    name: 'connection-rate lists who opens too many connections, and takes all else of them as well',
    countermeasure: 'connection-rate',
    parameters: { 'connection-rate': { perSecond: 5, ttlSeconds: 60 } },
    streams: () => [
      { from: 1, packets: [tcp(['syn'])], times: 200, overSeconds: 0.5, arrives: { burst: 5, perSecond: 5 } },
      { from: 2, packets: [tcp(['syn'])], times: 5, overSeconds: 1, arrives: 5 },
      { from: 3, packets: [tcp(['ack']), udp()], times: 50, overSeconds: 0.2, arrives: 100 },
    ],
  },
  {
    name: 'source-limit by bits, for each pair of source and target',
    countermeasure: 'source-limit',
    parameters: { 'source-limit': { bitsPerSecond: 80_000, per: 'source-and-target', ttlSeconds: 60 } },
    streams: () => [
      // 10,000 bytes at once, of 500 or so.
      {
        from: 1,
        packets: [udp(80, 450)],
        times: 200,
        overSeconds: 0.5,
        arrives: { burst: 18, perSecond: 21 },
      },
      { from: 1, to: 1, packets: [udp(80, 450)], times: 15, overSeconds: 1, arrives: 15 },
      { from: 2, packets: [udp(80, 450)], times: 15, overSeconds: 1, arrives: 15 },
    ],
  },
  {
    name: 'blacklist takes whoever is told',
    countermeasure: 'blacklist',
    parameters: { blacklist: { prefixes: ATTACKERS } },
    streams: family => [
      { from: 1, packets: [udp(), tcp(['ack'])], times: 10, arrives: 0 },
      {
        ...{ from: 2, times: 10, arrives: 10 },
        packets: [from(FRIENDS[family])],
      },
    ],
  },
  {
    name: 'whitelist lets whoever is told pass by all the others',
    countermeasure: 'acl',
    parameters: {
      whitelist: { prefixes: Object.values(FRIENDS) },
      acl: { rules: both('protocol =udp').map(drop) },
    },
    streams: family => [
      { from: 1, packets: [udp()], times: 10, arrives: 0 },
      { from: 2, packets: [from(FRIENDS[family])], times: 10, arrives: 10, isSpared: true },
    ],
  },
  {
    name: 'management and BGP pass through what takes all',
    countermeasure: 'acl',
    parameters: { acl: { rules: both('protocol >=0').map(drop) } },
    streams: family => [
      { from: 1, packets: [udp(), tcp(['ack'])], times: 10, arrives: 0 },
      { from: 2, packets: [tcp(['ack'], { targetPort: 179 })], times: 10, arrives: 10, isSpared: true },
      {
        ...{ from: 3, times: 10, arrives: 10, isSpared: true },
        packets: [from(family === 4 ? '192.0.2.7' : '2001:db8:aaaa::7')],
      },
    ],
  },
]
