// The bytes of a FlowSpec NLRI (RFC 8955, section 4; RFC 8956, section 3). Its input is one that `flowProblems` accepts.

import { assert } from '#lib/assert.ts'
import { bitsOf } from '#lib/ip/address.ts'
import {
  type BitmaskComponent,
  COMPONENT_NUMBERS,
  type Component,
  type Flow,
  isBitmaskComponent,
  isPrefixComponent,
  type NumericComponent,
  type Operator,
  type PrefixComponent,
} from './rule.ts'

export const END_OF_LIST = 0x80
export const AND = 0x40
export const NOT = 2
export const MATCH_ALL = 1

/** Bits of a numeric operator: less than 4, greater than 2, equal 1. */
export const OPERATOR_BITS: Readonly<Record<Operator, number>> = {
  false: 0,
  '=': 1,
  '>': 2,
  '>=': 3,
  '<': 4,
  '<=': 5,
  '!=': 6,
  true: 7,
}

/** From this length on, two octets hold it. */
const LONG_LENGTH = 240
const LARGEST_LENGTH = 4095

/** Length and components. A flow of more than 4,095 octets cannot be written, and `flowProblems` says so. */
export function encodeNlri(flow: Flow): Uint8Array {
  const body = flow.components.flatMap(component => [
    COMPONENT_NUMBERS[component.type],
    ...encodeValue(component),
  ])
  assert(body.length <= LARGEST_LENGTH, 'a flow that was checked fits a NLRI')
  const length = body.length < LONG_LENGTH ? [body.length] : [0xf0 | (body.length >> 8), body.length & 255]
  return Uint8Array.from([...length, ...body])
}

/** Octets of the NLRI without its length. Each decision asks, so nothing is encoded for it. */
export function nlriLength({ components }: Flow): number {
  let octets = 0
  for (const component of components) octets += 1 + valueLength(component)
  return octets
}

/** Octets that `encodeValue` gives. */
function valueLength(component: Component): number {
  if (isPrefixComponent(component)) {
    const { prefix, offset } = component
    return (prefix.family === 4 ? 1 : 2) + Math.ceil((prefix.length - offset) / 8)
  }
  let octets = 0
  if (isBitmaskComponent(component)) {
    for (const tests of component.anyOf) for (const { bits } of tests) octets += octetsOf(bits)
    return octets
  }
  if (component.type === 'flow-label') return component.anyOf.flat().length * 5
  for (const tests of component.anyOf) for (const { value } of tests) octets += octetsOf(value)
  return octets
}

/** Of a test: its operator and its value. */
const octetsOf = (value: number): 2 | 3 => (value < 256 ? 2 : 3)

/** A component without its type octet. */
export function encodeValue(component: Component): number[] {
  if (isPrefixComponent(component)) return encodePrefix(component)
  if (isBitmaskComponent(component)) return encodeBitmask(component)
  return encodeNumeric(component)
}

function encodePrefix({ prefix: { family, value, length }, offset }: PrefixComponent): number[] {
  const bits = length - offset
  const octets = Math.ceil(bits / 8)
  const pattern = (value >> BigInt(bitsOf(family) - length)) & ((1n << BigInt(bits)) - 1n)
  const padded = pattern << BigInt(octets * 8 - bits)
  const header = family === 4 ? [length] : [length, offset]
  return [
    ...header,
    ...Array.from({ length: octets }, (_, at) => Number((padded >> BigInt(8 * (octets - 1 - at))) & 255n)),
  ]
}

function encodeNumeric({ type, anyOf }: NumericComponent): number[] {
  const tests = anyOf.flatMap(list =>
    list.map(({ operator, value }, at) => ({
      operator: OPERATOR_BITS[operator] | (at > 0 ? AND : 0),
      value,
    })),
  )
  // A flow label always takes four octets (RFC 8956, section 3.7).
  return encodeTests(tests, type === 'flow-label' ? 4 : 1)
}

function encodeBitmask({ anyOf }: BitmaskComponent): number[] {
  const tests = anyOf.flatMap(list =>
    list.map(({ isNot, isMatchAll, bits }, at) => ({
      operator: (isNot ? NOT : 0) | (isMatchAll ? MATCH_ALL : 0) | (at > 0 ? AND : 0),
      value: bits,
    })),
  )
  return encodeTests(tests, 1)
}

function encodeTests(tests: readonly { operator: number; value: number }[], least: 1 | 4): number[] {
  return tests.flatMap(({ operator, value }, at) => {
    const end = at === tests.length - 1 ? END_OF_LIST : 0
    if (least === 4)
      return [end | operator | 0x20, value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255]
    return value < 256 ? [end | operator, value] : [end | operator | 0x10, value >> 8, value & 255]
  })
}
