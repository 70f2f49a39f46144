// Random rules that a given packet meets about as often as not: each component is drawn around what the packet has.

import fc from 'fast-check'
import { byNumber } from '#lib/flowspec/build.ts'
import type { Packet } from '#lib/flowspec/matches.ts'
import {
  type BitmaskType,
  bitsAllowed,
  type Component,
  LARGEST,
  type NumericType,
  type Operator,
  type Rule,
} from '#lib/flowspec/rule.ts'
import { type Address, bitsOf } from '#lib/ip/address.ts'
import { prefixOf } from '#lib/ip/prefix.ts'

const OPERATORS: readonly Operator[] = ['=', '=', '!=', '<', '<=', '>', '>=', 'true', 'false']
const MOST_COMPONENTS = 3

export function ruleNear(packet: Packet): fc.Arbitrary<Rule> {
  const { family } = packet.target
  const kinds = [
    prefixNear('destination', packet.target),
    prefixNear('source', packet.source),
    ...numericKinds(packet).map(([type, value]) => numericNear(type, value)),
    bitmaskNear('tcp-flags', packet.tcpFlags ?? 2, family),
    bitmaskNear('fragment', packet.fragment, family),
  ]
  return fc
    .subarray(kinds, { minLength: 1, maxLength: MOST_COMPONENTS })
    .chain(chosen => fc.tuple(...chosen))
    .map(components => ({ family, components: components.toSorted(byNumber), actions: [] }))
}

function numericKinds(packet: Packet): (readonly [NumericType, number])[] {
  const { family } = packet.target
  return [
    ['protocol', packet.protocol],
    ['port', packet.sourcePort ?? 53],
    ['destination-port', packet.targetPort ?? 53],
    ['source-port', packet.sourcePort ?? 53],
    ['icmp-type', packet.icmpType ?? 8],
    ['icmp-code', packet.icmpCode ?? 0],
    ['packet-length', packet.length],
    ['dscp', packet.dscp],
    ...(family === 6 ? ([['flow-label', packet.flowLabel ?? 0]] as const) : []),
  ]
}

/** Some offsets in IPv6. Mostly the packet's own address, sometimes its neighbour. */
function prefixNear(type: 'destination' | 'source', address: Address): fc.Arbitrary<Component> {
  const bits = bitsOf(address.family)
  return fc
    .tuple(
      fc.constantFrom(0n, 0n, 0n, 1n),
      fc.constantFrom(0, 8, 24, bits - 3, bits - 1, bits, bits),
      fc.boolean(),
    )
    .map(([flip, length, hasOffset]): Component => {
      const offset = address.family === 6 && hasOffset && length > 8 ? length - 8 : 0
      const prefix = prefixOf({ ...address, value: address.value ^ flip }, length)
      const kept = (1n << BigInt(bits - offset)) - 1n
      return { type, prefix: { ...prefix, value: prefix.value & kept }, offset }
    })
}

function numericNear(type: NumericType, value: number): fc.Arbitrary<Component> {
  const near = fc
    .constantFrom(value, value, value - 1, value + 1, 0, LARGEST[type])
    .map(wanted => Math.min(LARGEST[type], Math.max(0, wanted)))
  const list = fc.array(fc.record({ operator: fc.constantFrom(...OPERATORS), value: near }), {
    minLength: 1,
    maxLength: 2,
  })
  return fc.array(list, { minLength: 1, maxLength: 2 }).map((anyOf): Component => ({ type, anyOf }))
}

function bitmaskNear(type: BitmaskType, value: number, family: 4 | 6): fc.Arbitrary<Component> {
  const allowed = bitsAllowed(type, family)
  const bits = fc
    .oneof(fc.constantFrom(value, value & 2, value & 0x12, 1, 2, 0), fc.integer({ min: 0, max: allowed }))
    .map(wanted => wanted & allowed)
  const list = fc.array(fc.record({ isNot: fc.boolean(), isMatchAll: fc.boolean(), bits }), {
    minLength: 1,
    maxLength: 2,
  })
  return fc.array(list, { minLength: 1, maxLength: 2 }).map((anyOf): Component => ({ type, anyOf }))
}
