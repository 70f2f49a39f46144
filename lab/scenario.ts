// Attacks and ordinary traffic by name. Our networks are 10.10.0.0/16 and 2001:db8:10::/48; the rest is outside.

import { parsePrefix } from '#lib/ip/prefix.ts'
import { LABEL_LENGTHS, labelOf, questionHex, ZONE } from './dns/question.ts'
import type { FrameSize, Traffic, TrafficPart } from './traffic.ts'

/** What a scenario attacks and where it comes from, unless told otherwise (RFC 2544, RFC 3849). */
export const VICTIM = { ipv4: '10.10.10.10', ipv6: '2001:db8:10::10' } as const
export const OUR_NETWORKS = ['10.10.0.0/16', '2001:db8:10::/48'] as const
const OUTSIDE = { ipv4: '198.18.0.0/15', ipv6: '2001:db8:ffff::/96' } as const

export interface Scenario {
  readonly title: string
  /** False for ordinary traffic, which no detector should call an attack. */
  readonly isAttack: boolean
  readonly traffic: Traffic
}

/** Changes to a scenario's traffic. A target or sources of one family change the parts of that family. */
export interface ScenarioChanges {
  readonly target?: string | undefined
  readonly sources?: string | undefined
  readonly rate?: Traffic['rate'] | undefined
  readonly seconds?: number | undefined
  readonly packets?: number | undefined
  readonly bytes?: FrameSize | undefined
}

const IN4 = { share: 1, sources: OUTSIDE.ipv4, targets: VICTIM.ipv4 } as const
const IN6 = { share: 1, sources: OUTSIDE.ipv6, targets: VICTIM.ipv6 } as const
const UDP4: TrafficPart = { ...IN4, protocol: 'udp', bytes: 512 }
const UDP6: TrafficPart = { ...IN6, protocol: 'udp', bytes: 512 }
const SHORT4: TrafficPart = { ...UDP4, sources: '45.0.0.0/16', targets: '10.10.1.0/24', bytes: 60 }
const SYN4: TrafficPart = { ...IN4, protocol: 'tcp', flags: ['syn'], bytes: 54 }
const ICMP4: TrafficPart = { ...IN4, protocol: 'icmp', bytes: 98 }
const FRAGMENT4: TrafficPart = {
  ...IN4,
  protocol: 'udp',
  bytes: 1514,
  fragment: { offset: 1480, more: true },
}
/** Header of a DNS answer with one question and ten answers; of an NTP private-mode answer (monlist). */
const DNS_ANSWER = '1a2b81800001000a00000000'
const NTP_MONLIST = 'd700032a0006004800000000'
/** Of Ethernet, IPv4 and UDP. */
const HEADERS_BYTES = 42

const attack = (title: string, ...parts: readonly TrafficPart[]): Scenario => ({
  title,
  isAttack: true,
  traffic: { rate: 50_000, seconds: 10, parts },
})

const ordinary = (title: string, rate: number, ...parts: readonly TrafficPart[]): Scenario => ({
  title,
  isAttack: false,
  traffic: { rate, seconds: 10, parts },
})

export const SCENARIOS = {
  'udp-flood': attack('UDP from spoofed sources to one host', UDP4),
  'syn-flood': attack('TCP SYN from spoofed sources to a web server', SYN4),
  'ack-flood': attack('TCP ACK of no connection', { ...IN4, protocol: 'tcp', flags: ['ack'], bytes: 54 }),
  'icmp-flood': attack('ICMP echo requests', ICMP4),
  'fragment-flood': attack(
    'first and later fragments of UDP datagrams that are never complete',
    { ...FRAGMENT4, fragment: { offset: 0, more: true } },
    FRAGMENT4,
  ),
  'dns-amplification': attack(
    'answers of open resolvers, with their fragments',
    {
      ...UDP4,
      sources: '198.18.16.0/22',
      sourcePort: 53,
      targetPort: [1024, 65535],
      bytes: 1400,
      payload: DNS_ANSWER,
    },
    { ...FRAGMENT4, sources: '198.18.16.0/22', share: 0.5 },
  ),
  'ntp-amplification': attack('monlist answers of open time servers', {
    ...UDP4,
    sources: '198.18.32.0/22',
    sourcePort: 123,
    bytes: 482,
    payload: NTP_MONLIST,
  }),
  'gre-flood': attack('GRE packets', { ...IN4, protocol: 'gre', bytes: 554 }),
  'esp-flood': attack('IPsec ESP packets', { ...IN4, protocol: 'esp', bytes: 554 }),
  'ipv6-udp-flood': attack('UDP over IPv6', UDP6),
  'ipv6-syn-flood': attack('TCP SYN over IPv6', { ...IN6, protocol: 'tcp', flags: ['syn'], bytes: 74 }),
  'ipv6-extension-flood': attack(
    'UDP over IPv6 behind extension headers',
    { ...UDP6, extensions: [{ kind: 'destination-options' }] },
    {
      ...UDP6,
      extensions: [{ kind: 'hop-by-hop' }, { kind: 'routing' }, { kind: 'destination-options' }],
    },
    { ...UDP6, fragment: { offset: 0, more: true } },
  ),
  'mpls-udp-flood': attack('UDP under two MPLS labels', {
    ...UDP4,
    tags: [
      { kind: 'mpls', label: 16 },
      { kind: 'mpls', label: 24001 },
    ],
  }),
  'vlan-udp-flood': attack('UDP in a VLAN', { ...UDP4, tags: [{ kind: 'vlan', id: 100 }] }),
  'qinq-udp-flood': attack('UDP in a customer VLAN inside a service VLAN', {
    ...UDP4,
    tags: [
      { kind: 'vlan', id: 200, service: true },
      { kind: 'vlan', id: 100 },
    ],
  }),
  'pppoe-udp-flood': attack('UDP in a PPPoE session', { ...UDP4, tags: [{ kind: 'pppoe', session: 17 }] }),
  'outgoing-udp-flood': attack('one of our hosts floods another network', {
    ...UDP4,
    sources: VICTIM.ipv4,
    targets: '198.18.77.7/32',
  }),
  'resolver-flood': attack('UDP of one length to the port of a resolver', {
    ...UDP4,
    targetPort: 53,
    bytes: 1266,
  }),
  'resolver-reflection': attack(
    'answers of other resolvers to the port of a resolver, with their fragments',
    { ...UDP4, sources: '198.18.16.0/22', sourcePort: 53, targetPort: 53, bytes: 1400, payload: DNS_ANSWER },
    { ...FRAGMENT4, sources: '198.18.16.0/22', share: 0.5 },
  ),
  'resolver-questions': attack(
    'ordinary questions to a resolver, as its clients ask them',
    ...LABEL_LENGTHS.map((length, at): TrafficPart => {
      const payload = questionHex(`${labelOf(at, length)}.${ZONE}`)
      return { ...UDP4, targetPort: 53, bytes: HEADERS_BYTES + payload.length / 2, payload }
    }),
  ),
  mixed: attack(
    'UDP, SYN, ICMP and fragments at once, over both families',
    { ...UDP4, share: 40, bytes: 'imix' },
    { ...SYN4, share: 30 },
    { ...ICMP4, share: 10 },
    { ...FRAGMENT4, share: 5 },
    { ...UDP6, share: 15, bytes: 'imix' },
  ),
  carpet: attack('UDP spread over a whole /24, little for each host', { ...UDP4, targets: '10.10.20.0/24' }),
  'carpet-ipv6': attack(
    'UDP spread over a whole IPv6 /48, to addresses that never come again',
    ...Array.from({ length: 32 }, (_, site) => ({
      ...UDP6,
      targets: `2001:db8:10:${(site << 11).toString(16)}::/96`,
    })),
  ),
  'throughput-60': attack('the shortest packets to 256 hosts, to find the limit of a machine', SHORT4),
  'throughput-vlan': attack('the same in a VLAN', {
    ...SHORT4,
    bytes: 64,
    tags: [{ kind: 'vlan', id: 100 }],
  }),
  'throughput-fragment': attack('the same as later fragments', {
    ...SHORT4,
    fragment: { offset: 1480, more: true },
  }),
  'throughput-ipv6': attack('the same over IPv6', {
    ...UDP6,
    sources: '3fff:45::/112',
    targets: '2001:db8:10::/120',
    bytes: 62,
  }),
  'throughput-imix': attack(
    'UDP, SYN and ICMP of mixed lengths to 256 hosts',
    { ...UDP4, share: 70, sources: '45.0.0.0/16', targets: '10.10.1.0/24', bytes: 'imix' },
    { ...SYN4, share: 20, sources: '45.0.0.0/16', targets: '10.10.1.0/24' },
    { ...ICMP4, share: 10, sources: '45.0.0.0/16', targets: '10.10.1.0/24' },
  ),
  web: ordinary('visitors of web servers', 2000, ...webParts()),
  download: ordinary('one of our hosts fetches a large file', 4000, ...downloadParts()),
  resolver: ordinary('our resolvers ask and are answered', 500, ...resolverParts()),
  'office-ipv6': ordinary('a network at work over IPv6', 1000, ...officeParts()),
  'busy-network': ordinary(
    'a /20 of customers: few have most of the traffic, and they answer',
    300_000,
    ...busyParts(),
  ),
} as const satisfies Record<string, Scenario>

export type ScenarioName = keyof typeof SCENARIOS

export const isScenarioName = (name: string): name is ScenarioName => Object.hasOwn(SCENARIOS, name)

/** A scenario's traffic with changes; parts of the other address family keep their own target and sources. */
export function scenarioTraffic(name: ScenarioName, changes: ScenarioChanges = {}): Traffic {
  const { traffic }: Scenario = SCENARIOS[name]
  const packets = changes.packets ?? traffic.packets
  return {
    rate: changes.rate ?? traffic.rate,
    seconds: changes.seconds ?? traffic.seconds,
    ...(packets === undefined ? {} : { packets }),
    parts: traffic.parts.map(part => ({
      ...part,
      targets: sameFamily(changes.target, part.targets) ?? part.targets,
      sources: sameFamily(changes.sources, part.sources) ?? part.sources,
      bytes: changes.bytes ?? part.bytes,
    })),
  }
}

function sameFamily(wanted: string | undefined, present: string): string | undefined {
  return wanted !== undefined && parsePrefix(wanted)?.family === parsePrefix(present)?.family
    ? wanted
    : undefined
}

function webParts(): TrafficPart[] {
  const visitor = {
    sources: '198.19.0.0/22',
    sourcePort: [40000, 40015],
    targets: '10.10.30.0/29',
    targetPort: 443,
  } as const
  const server = {
    sources: visitor.targets,
    sourcePort: 443,
    targets: visitor.sources,
    targetPort: visitor.sourcePort,
  } as const
  return [
    { share: 3, protocol: 'tcp', flags: ['syn'], bytes: 74, ...visitor },
    { share: 37, protocol: 'tcp', flags: ['ack'], bytes: 66, ...visitor },
    { share: 10, protocol: 'tcp', flags: ['psh', 'ack'], bytes: 500, ...visitor },
    { share: 3, protocol: 'tcp', flags: ['syn', 'ack'], bytes: 74, ...server },
    { share: 47, protocol: 'tcp', flags: ['ack'], bytes: 1514, ...server },
  ]
}

function downloadParts(): TrafficPart[] {
  const server = {
    sources: '198.19.200.1/32',
    sourcePort: 443,
    targets: '10.10.40.4/32',
    targetPort: 51000,
  } as const
  const client = {
    sources: server.targets,
    sourcePort: 51000,
    targets: server.sources,
    targetPort: 443,
  } as const
  return [
    { share: 2, protocol: 'tcp', flags: ['ack'], bytes: 1514, ...server },
    { share: 1, protocol: 'tcp', flags: ['ack'], bytes: 66, ...client },
  ]
}

function resolverParts(): TrafficPart[] {
  const asked = {
    sources: '10.10.50.0/31',
    sourcePort: [20000, 20999],
    targets: '198.19.64.0/20',
    targetPort: 53,
  } as const
  const answered = {
    sources: asked.targets,
    sourcePort: 53,
    targets: asked.sources,
    targetPort: asked.sourcePort,
  } as const
  return [
    { share: 1, protocol: 'udp', bytes: 84, ...asked },
    { share: 1, protocol: 'udp', bytes: 180, ...answered },
  ]
}

/** A Zipf of 4,096 hosts: each of 13 prefixes, from one host to the whole /20, gets as much as any other. */
function busyParts(): TrafficPart[] {
  const outside = { sources: '198.19.128.0/20', sourcePort: 443, targetPort: [40_000, 40_015] } as const
  return Array.from({ length: 13 }, (_, narrower): TrafficPart[] => {
    const customers = `10.10.16.0/${20 + narrower}`
    return [
      { share: 2, protocol: 'udp', bytes: 1292, ...outside, targets: customers },
      {
        share: 1,
        protocol: 'udp',
        bytes: 90,
        sources: customers,
        sourcePort: outside.targetPort,
        targets: outside.sources,
        targetPort: 443,
      },
    ]
  }).flat()
}

function officeParts(): TrafficPart[] {
  const outside = '2001:db8:fffe::/120'
  const desks = '2001:db8:10:1::/122'
  return [
    {
      share: 6,
      protocol: 'udp',
      bytes: 1292,
      sources: outside,
      sourcePort: 443,
      targets: desks,
      targetPort: [50000, 50007],
    },
    {
      share: 3,
      protocol: 'udp',
      bytes: 90,
      sources: desks,
      sourcePort: [50000, 50007],
      targets: outside,
      targetPort: 443,
    },
    { share: 1, protocol: 'icmp', icmpType: 135, bytes: 86, ttl: 255, sources: outside, targets: desks },
  ]
}
