// Plain IPv4 is counted straight from the ring's words, all else through the decoder: nobody may tell which way it went.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { OUTCOME } from '#2-decode/sample.ts'
import { buildFrame } from '../../lab/frame.ts'
import type { ExtensionLayer, Layer, TagLayer, TransportLayer } from '../../lab/layer.ts'
import { type CountingSetup, countingSetup, type TestFrame } from './counting-for-tests.ts'
import { COUNTED_WORDS, ESTIMATE, LINE, PAGE_FREE, STAMP, slotOfLine, TOTAL } from './host-tables.ts'

const HOSTS = ['10.0.0.1', '10.0.0.2', '10.0.7.9', '10.1.0.1']
const STRANGERS = ['198.18.0.7', '198.18.0.8', '10.0.8.1', '10.0.7.16']
const HOSTS_V6 = ['2001:db8::1', '2001:db8::2']
const STRANGERS_V6 = ['3fff::1', '2001:db8:1::1']
const NETWORKS = ['10.0.0.0/24', '10.0.7.8/29', '10.1.0.0/16', '2001:db8::/64']

const port = fc.constantFrom(53, 80, 4000)
const sides = <T>(ours: readonly T[], others: readonly T[]) =>
  fc
    .tuple(fc.constantFrom(...ours), fc.constantFrom(...ours, ...others, ...others), fc.boolean())
    .map(([one, other, isIncoming]) =>
      isIncoming ? { source: other, target: one } : { source: one, target: other },
    )

const transport: fc.Arbitrary<TransportLayer> = fc.oneof(
  fc.record({ kind: fc.constant('udp' as const), sourcePort: port, targetPort: port }),
  fc.record({
    kind: fc.constant('tcp' as const),
    sourcePort: port,
    targetPort: port,
    flags: fc.subarray(['syn', 'ack', 'fin', 'rst', 'psh', 'urg'] as const),
    window: fc.nat(0xffff),
    sequence: fc.nat(),
  }),
  fc.record({ kind: fc.constant('icmp' as const), type: fc.constantFrom(0, 8) }),
  fc.record({ kind: fc.constant('gre' as const) }),
  fc.record({ kind: fc.constant('esp' as const), index: fc.nat() }),
)

const tags: fc.Arbitrary<readonly TagLayer[]> = fc.oneof(
  { weight: 4, arbitrary: fc.constant([]) },
  { weight: 1, arbitrary: fc.constant([{ kind: 'vlan' as const, id: 7 }]) },
  {
    weight: 1,
    arbitrary: fc.constant([
      { kind: 'vlan' as const, id: 7, service: true },
      { kind: 'vlan' as const, id: 8 },
    ]),
  },
  { weight: 1, arbitrary: fc.constant([{ kind: 'mpls' as const, label: 17 }]) },
  { weight: 1, arbitrary: fc.constant([{ kind: 'pppoe' as const, session: 3 }]) },
)

const place = fc.record({ offset: fc.constantFrom(0, 8, 1480), more: fc.boolean() })
const PROTOCOL = { udp: 17, tcp: 6, icmp: 1, icmpv6: 58, gre: 47, esp: 50 } as const

const ipv4 = fc
  .record({
    ends: sides(HOSTS, STRANGERS),
    options: fc.option(fc.constant(new Uint8Array(4)), { freq: 6 }),
    fragment: fc.option(place, { freq: 4 }),
    // SCTP, DCCP, UDP-Lite and one nobody knows, over whatever bytes come.
    protocol: fc.option(fc.constantFrom(132, 33, 136, 200), { freq: 8 }),
    transport,
  })
  .map(({ ends, options, fragment, protocol, transport }): Layer[] => {
    const carried = fragment !== null && fragment.offset > 0 ? [] : [transport]
    return [
      {
        kind: 'ipv4',
        ...ends,
        ...(options === null ? {} : { options }),
        ...(fragment === null ? {} : { fragment }),
        protocol: protocol ?? PROTOCOL[transport.kind],
      },
      ...carried,
    ]
  })

const extensions: fc.Arbitrary<readonly ExtensionLayer[]> = fc.oneof(
  { weight: 3, arbitrary: fc.constant([]) },
  {
    weight: 1,
    arbitrary: fc.constant([{ kind: 'hop-by-hop' as const }, { kind: 'destination-options' as const }]),
  },
)

const ipv6 = fc
  .record({ ends: sides(HOSTS_V6, STRANGERS_V6), extensions, transport })
  .map(({ ends, extensions, transport }): Layer[] => [
    { kind: 'ipv6', ...ends },
    ...extensions,
    transport.kind === 'icmp' ? { kind: 'icmpv6', type: 128 } : transport,
  ])

const frame: fc.Arbitrary<TestFrame> = fc
  .record({
    tags,
    ip: fc.oneof({ weight: 3, arbitrary: ipv4 }, { weight: 1, arbitrary: ipv6 }),
    payload: fc.nat(120),
    snap: fc.oneof({ weight: 4, arbitrary: fc.constant(128) }, { weight: 1, arbitrary: fc.nat(80) }),
    more: fc.nat(9000),
  })
  .map(({ tags, ip, payload, snap, more }) => {
    const bytes = buildFrame([{ kind: 'ethernet' }, ...tags, ...ip, { kind: 'payload', bytes: payload }])
    return { bytes: bytes.slice(0, snap), wire: bytes.length + more }
  })

/** All that was counted: the totals, and each line that is not silent. */
function everything({ tables }: CountingSetup): Record<string, number[]> {
  const { counters, counterFloats, totals, pageKinds } = tables
  const found: Record<string, number[]> = { totals: [...totals] }
  for (let line = 0; line < tables.lines; line++) {
    const at = line * LINE
    if (pageKinds[slotOfLine(line) >> 8] === PAGE_FREE || counters[at + STAMP] === 0) continue
    found[line] = [...counters.subarray(at, at + COUNTED_WORDS), counterFloats[at + ESTIMATE]!]
  }
  return found
}

function clear({ tables }: CountingSetup): void {
  tables.counters.fill(0)
  tables.totals.fill(0)
}

for (const [name, options] of [
  ['plain', {}],
  ['with inner tunnels and IP lengths', { innerTunnels: true, lengthFromIp: true }],
  ['with flows as FastNetMon counts them', { flows: 'tcp-udp-v4' }],
] as const) {
  test(`both ways to count say the same of any mix of packets: ${name}`, async () => {
    const ring = await countingSetup(NETWORKS, { hostsMax: 1024, ...options })
    const replay = await countingSetup(NETWORKS, { hostsMax: 1024, ...options })
    // Pages are given in order of appearance, so each host has its slot before the mixes begin.
    for (const setup of [ring, replay]) {
      for (const host of [...HOSTS, ...HOSTS_V6]) setup.frame({ bytes: firstPacket(host) })
    }
    let decoded = 0

    fc.assert(
      fc.property(fc.array(frame, { minLength: 20, maxLength: 60 }), frames => {
        for (const setup of [ring, replay]) clear(setup)

        ring.block(frames)
        for (const one of frames) replay.frame(one)

        assert.deepEqual(everything(ring), everything(replay))
        decoded += ring.tables.totals[TOTAL.outcome + OUTCOME.decoded]!
      }),
      { numRuns: 50 },
    )
    assert.ok(decoded > 1000, 'the mixes were counted')
  })
}

const firstPacket = (target: string) =>
  buildFrame([
    { kind: 'ethernet' },
    target.includes(':')
      ? { kind: 'ipv6', source: '3fff::9', target }
      : { kind: 'ipv4', source: '9.9.9.9', target },
    { kind: 'udp', sourcePort: 1, targetPort: 2 },
  ])
