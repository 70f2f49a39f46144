// Random attacks for the properties of distilled rules: floods with something in common, or nothing, among honest traffic.

import fc from 'fast-check'
import { VECTORS } from '#4-detection/vectors.ts'
import type { Packet } from '#lib/flowspec/matches.ts'
import { ROUTER_PROFILES } from '#lib/flowspec/router-profile/profile.ts'
import type { Action } from '#lib/flowspec/rule.ts'
import { type Address, bitsOf, parseAddress } from '#lib/ip/address.ts'
import { type Prefix, parsePrefix, prefixOf } from '#lib/ip/prefix.ts'
import type { DistillInput, DistillSample, Legitimate } from './distillation.ts'

/** Every target lies in these, and no source does. */
export const OURS_FOR_TESTS = ['203.0.113.0/24', '2001:db8:113::/48'] as const
const OUTSIDE = { 4: '198.18.0.0/15', 6: '2001:db8:ffff::/64' } as const

type Fields = Omit<Packet, 'source' | 'target'>
/** What packets of one kind have; drawn anew for each packet. */
type Kind = fc.Arbitrary<Fields>

const between = (min: number, max: number) => fc.integer({ min, max })
const clientPort = between(1024, 65_535)
const plain = { dscp: 0, fragment: 0 }
const fields = (model: { [Key in keyof Fields]: fc.Arbitrary<Fields[Key]> | Fields[Key] }): Kind =>
  fc.record(
    Object.fromEntries(
      Object.entries(model).map(([name, value]) => [
        name,
        typeof value === 'number' ? fc.constant(value) : value,
      ]),
    ) as unknown as { [Key in keyof Fields]: fc.Arbitrary<Fields[Key]> },
    { noNullPrototype: true },
  ) as Kind

const lengths = fc
  .tuple(between(60, 1400), fc.constantFrom(0, 0, 8, 200))
  .map(([from, width]) => between(from, Math.min(1500, from + width)))

const REFLECTING = [17, 19, 53, 111, 123, 161, 389, 1900, 3702, 11_211] as const
const SERVICES = [25, 53, 80, 123, 443, 853, 5060, 27_015] as const

/** What servers get. */
const HONEST: Kind = fc.oneof(
  fields({
    ...plain,
    protocol: 6,
    sourcePort: clientPort,
    targetPort: 443,
    tcpFlags: fc.constantFrom(2, 16, 24, 17),
    length: fc.constantFrom(40, 52, 60, 580, 1500),
  }),
  fields({
    ...plain,
    protocol: 17,
    sourcePort: clientPort,
    targetPort: 53,
    length: between(60, 110),
  }),
  fields({
    ...plain,
    protocol: 17,
    sourcePort: fc.constantFrom(53, 123),
    targetPort: clientPort,
    length: between(76, 500),
  }),
  fields({
    ...plain,
    protocol: 1,
    icmpType: fc.constantFrom(0, 3, 8),
    icmpCode: 0,
    length: between(60, 100),
  }),
)

/** Kinds of floods: what is the same in all packets of one is drawn once. */
const FLOODS: readonly fc.Arbitrary<Kind>[] = [
  fc
    .tuple(fc.constantFrom(...REFLECTING), lengths)
    .map(([sourcePort, length]) =>
      fields({ ...plain, protocol: 17, sourcePort, targetPort: clientPort, length }),
    ),
  fc
    .tuple(fc.oneof(fc.constantFrom(...SERVICES), between(1, 65_535)), lengths)
    .map(([targetPort, length]) =>
      fields({ ...plain, protocol: 17, sourcePort: clientPort, targetPort, length }),
    ),
  fc
    .tuple(fc.constantFrom(0, 1, 2, 4, 16, 18, 3, 41, 63, 24), fc.constantFrom(...SERVICES), lengths)
    .map(([tcpFlags, targetPort, length]) =>
      fields({ ...plain, protocol: 6, sourcePort: clientPort, targetPort, tcpFlags, length }),
    ),
  fc
    .tuple(fc.constantFrom(0, 3, 8, 11, 13, 128, 129), between(0, 3), lengths)
    .map(([icmpType, icmpCode, length]) => fields({ ...plain, protocol: 1, icmpType, icmpCode, length })),
  fc
    .tuple(fc.constantFrom(0, 2, 4, 47, 50, 132, 255), lengths)
    .map(([protocol, length]) => fields({ ...plain, protocol, length })),
  fc
    .tuple(fc.constantFrom(2, 10), lengths)
    .map(([fragment, length]) => fields({ dscp: 0, fragment, protocol: 17, length })),
  fc.tuple(between(1, 63), lengths).map(([dscp, length]) =>
    fields({
      dscp,
      fragment: 0,
      protocol: 17,
      sourcePort: clientPort,
      targetPort: between(1, 65_535),
      length,
    }),
  ),
]

/** The same of IPv6, where ICMP has another number and no packet is shorter than its header. */
const asFamily = (packet: Fields, family: 4 | 6): Fields =>
  family === 4
    ? packet
    : { ...packet, protocol: packet.protocol === 1 ? 58 : packet.protocol, length: packet.length + 20 }

const within = (prefix: Prefix): fc.Arbitrary<Address> =>
  fc
    .bigInt({ min: 0n, max: (1n << BigInt(bitsOf(prefix.family) - prefix.length)) - 1n })
    .map(host => ({ family: prefix.family, value: prefix.value | host }))

/** A few hosts, or any of a network. */
const sourcesOf = (family: 4 | 6): fc.Arbitrary<fc.Arbitrary<Address>> => {
  const outside = within(parsed(OUTSIDE[family]))
  return fc.oneof(
    { arbitrary: fc.constant(outside), weight: 3 },
    {
      arbitrary: fc.array(outside, { minLength: 1, maxLength: 5 }).map(hosts => fc.constantFrom(...hosts)),
      weight: 1,
    },
  )
}

interface Ends {
  readonly family: 4 | 6
  readonly target: Prefix
  /** Of an outgoing attack the host of ours. */
  readonly source?: Prefix
}

const hostOf = (prefix: Prefix) => within(prefix).map(address => prefixOf(address, bitsOf(prefix.family)))

const anyEnds: fc.Arbitrary<Ends> = fc.constantFrom<4 | 6>(4, 6).chain(family => {
  const ours = parsed(OURS_FOR_TESTS[family === 4 ? 0 : 1])
  const incoming = hostOf(ours).map(target => ({ family, target }))
  const outgoing = fc
    .tuple(hostOf(ours), hostOf(parsed(OUTSIDE[family])))
    .map(([source, target]) => ({ family, target, source }))
  return fc.oneof({ arbitrary: incoming, weight: 5 }, { arbitrary: outgoing, weight: 1 })
})

const samplesOf = (
  kind: Kind,
  { family, target, source }: Ends,
  sources: fc.Arbitrary<Address>,
  [minLength, maxLength]: readonly [number, number],
): fc.Arbitrary<DistillSample[]> => {
  const from = source === undefined ? sources : within(source)
  const packet = fc.tuple(kind, from, within(target)).map(([found, of, to]): DistillSample => {
    return { packet: { ...asFamily(found, family), source: of, target: to }, weight: 1 }
  })
  return fc.array(packet, { minLength, maxLength })
}

const legitimate: fc.Arbitrary<Legitimate> = fc.constantFrom<Legitimate>(
  { udp: [{ from: 53, to: 53 }], tcp: [{ from: 53, to: 53 }] },
  { tcp: [80, 443].map(port => ({ from: port, to: port })) },
  { udp: [{ from: 27_015, to: 27_030 }] },
  {},
)

const action = fc.constantFrom<Action>(
  { kind: 'discard' },
  { kind: 'discard' },
  { kind: 'rate-bytes', bytesPerSecond: 125_000, asn: 0 },
  { kind: 'rate-packets', packetsPerSecond: 1000, asn: 0 },
)

const names = VECTORS.map(({ name }) => name)
const routers = Object.values(ROUTER_PROFILES).filter(({ isEnforcing }) => isEnforcing)

/** One flood or two, with honest traffic among it, and calm traffic that is known or not. */
export const anyInput: fc.Arbitrary<DistillInput> = anyEnds.chain(ends =>
  fc
    .tuple(fc.array(fc.oneof(...FLOODS), { minLength: 1, maxLength: 2 }), sourcesOf(ends.family))
    .chain(([kinds, sources]) =>
      fc.record(
        {
          attack: fc
            .tuple(
              ...kinds.map(kind => samplesOf(kind, ends, sources, [30, 80])),
              samplesOf(HONEST, ends, sources, [0, 10]),
            )
            .map(parts => parts.flat()),
          normal: fc.oneof(fc.constant<DistillSample[]>([]), samplesOf(HONEST, ends, sources, [60, 160])),
          normalRate: fc.double({ min: 0.001, max: 0.5, noNaN: true }),
          legitimate,
          vectors: fc.subarray(names, { maxLength: 2 }),
          action,
          rulesMax: fc.integer({ min: 1, max: 4 }),
          router: fc.constantFrom(...routers),
        },
        {
          noNullPrototype: true,
          requiredKeys: ['attack', 'normal', 'vectors', 'action', 'rulesMax'],
        },
      ),
    )
    .map(drawn => ({ ...ends, ...drawn }) as DistillInput),
)

function parsed(text: string): Prefix {
  const prefix = parsePrefix(text)
  if (prefix === undefined) throw new Error(text)
  return prefix
}

/** Addresses near a prefix, and far from it, none of them in it. */
export const outsideOf = (prefix: Prefix): Address[] => {
  const width = 1n << BigInt(bitsOf(prefix.family) - prefix.length)
  const near = [
    prefix.value - 1n,
    prefix.value + width,
    prefix.value ^ (width << 1n),
    prefix.value ^ (width << 7n),
  ]
  const far = parseAddress(prefix.family === 4 ? '192.0.2.77' : '3fff::77')
  return [...near.map(value => ({ family: prefix.family, value })), ...(far === undefined ? [] : [far])]
}
