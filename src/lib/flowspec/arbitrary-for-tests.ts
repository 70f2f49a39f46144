// Random rules and packets for the properties of this folder.

import fc from 'fast-check'
import { bitsOf } from '#lib/ip/address.ts'
import { byNumber } from './build.ts'
import type { Packet } from './matches.ts'
import {
  type Action,
  type BitmaskComponent,
  type BitmaskType,
  bitsAllowed,
  type Component,
  LARGEST,
  type NumericComponent,
  type NumericType,
  type Operator,
  type PrefixComponent,
  type PrefixType,
  type RouteTarget,
  type Rule,
} from './rule.ts'

/** Objects as literals make them, so that deep equality holds. */
const record = <Value>(model: { [Key in keyof Value]: fc.Arbitrary<Value[Key]> }): fc.Arbitrary<Value> =>
  fc.record(model, { noNullPrototype: true }) as fc.Arbitrary<Value>

const NUMERIC: NumericType[] = [
  'protocol',
  'port',
  'destination-port',
  'source-port',
  'icmp-type',
  'icmp-code',
  'packet-length',
  'dscp',
]
const OPERATORS: Operator[] = ['=', '!=', '<', '<=', '>', '>=', 'true', 'false']

/** Small numbers often, so that rules and packets meet. */
const number = (largest: number) =>
  fc.oneof(fc.integer({ min: 0, max: Math.min(9, largest) }), fc.integer({ min: 0, max: largest }))
const listOf = <Value>(value: fc.Arbitrary<Value>) =>
  fc.array(fc.array(value, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 3 })

const address = (family: 4 | 6) =>
  fc.oneof(fc.bigInt({ min: 0n, max: 3n }), fc.bigInt({ min: 0n, max: (1n << BigInt(bitsOf(family))) - 1n }))

const prefixOf = (family: 4 | 6, type: PrefixType): fc.Arbitrary<PrefixComponent> =>
  fc
    .tuple(address(family), fc.integer({ min: 0, max: bitsOf(family) }), fc.integer({ min: 0, max: 127 }))
    .map(([value, length, wanted]) => {
      const offset = family === 4 || length === 0 ? 0 : wanted % length
      const low = BigInt(bitsOf(family) - length)
      const pattern = (value >> low) & ((1n << BigInt(length - offset)) - 1n)
      return { type, prefix: { family, value: pattern << low, length }, offset }
    })

const numericOf = (type: NumericType): fc.Arbitrary<NumericComponent> =>
  listOf(record({ operator: fc.constantFrom(...OPERATORS), value: number(LARGEST[type]) })).map(anyOf => ({
    type,
    anyOf,
  }))

const bitmaskOf = (type: BitmaskType, family: 4 | 6): fc.Arbitrary<BitmaskComponent> =>
  listOf(
    record({
      isNot: fc.boolean(),
      isMatchAll: fc.boolean(),
      bits: fc.integer({ min: 0, max: LARGEST[type] }).map(bits => bits & bitsAllowed(type, family)),
    }),
  ).map(anyOf => ({ type, anyOf }))

export const componentsOf = (family: 4 | 6): fc.Arbitrary<Component[]> =>
  fc
    .tuple(
      fc.option(prefixOf(family, 'destination'), { nil: undefined }),
      fc.option(prefixOf(family, 'source'), { nil: undefined }),
      fc
        .subarray<NumericType>(family === 6 ? [...NUMERIC, 'flow-label'] : NUMERIC)
        .chain(types => fc.tuple(...types.map(numericOf))),
      fc
        .subarray<BitmaskType>(['tcp-flags', 'fragment'])
        .chain(types => fc.tuple(...types.map(type => bitmaskOf(type, family)))),
    )
    .map(([destination, source, numeric, bitmasks]) =>
      [destination, source, ...numeric, ...bitmasks].filter(part => part !== undefined).sort(byNumber),
    )
    .filter(({ length }) => length > 0)

const anyAddress = fc
  .constantFrom<4 | 6>(4, 6)
  .chain(family => address(family).map(value => ({ family, value })))

const target: fc.Arbitrary<RouteTarget> = fc.oneof(
  record({ kind: fc.constant('as2' as const), asn: number(65_535), number: number(0xffffffff) }),
  record({ kind: fc.constant('as4' as const), asn: number(0xffffffff), number: number(65_535) }),
  record({ kind: fc.constant('address' as const), address: anyAddress, number: number(65_535) }),
)

/** Rates that a float of 32 bits holds. */
const rate = fc.integer({ min: 1, max: 1 << 24 })

export const anyAction: fc.Arbitrary<Action> = fc.oneof(
  fc.constant<Action>({ kind: 'discard' }),
  record({ kind: fc.constant('rate-bytes' as const), bytesPerSecond: rate, asn: number(65_535) }),
  record({ kind: fc.constant('rate-packets' as const), packetsPerSecond: rate, asn: number(65_535) }),
  record({
    kind: fc.constant('traffic-action' as const),
    isSampled: fc.boolean(),
    isTerminal: fc.boolean(),
  }),
  record({ kind: fc.constant('redirect' as const), target }),
  record({ kind: fc.constant('redirect-ip' as const), address: anyAddress, isCopy: fc.boolean() }),
  record({ kind: fc.constant('mark' as const), dscp: number(63) }),
)

const family = fc.constantFrom<4 | 6>(4, 6)

export const ruleOf = (family: 4 | 6): fc.Arbitrary<Rule> =>
  record<Rule>({
    family: fc.constant(family),
    components: componentsOf(family),
    actions: fc.array(anyAction, { maxLength: 3 }),
  })

export const anyRule: fc.Arbitrary<Rule> = family.chain(ruleOf)

export const packetOf = (family: 4 | 6): fc.Arbitrary<Packet> =>
  fc.record(
    {
      source: address(family).map(value => ({ family, value })),
      target: address(family).map(value => ({ family, value })),
      protocol: number(255),
      sourcePort: number(65_535),
      targetPort: number(65_535),
      icmpType: number(255),
      icmpCode: number(255),
      tcpFlags: number(0xfff),
      length: number(65_535),
      dscp: number(63),
      fragment: number(15),
      flowLabel: number(0xfffff),
    },
    { noNullPrototype: true, requiredKeys: ['source', 'target', 'protocol', 'length', 'dscp', 'fragment'] },
  )
