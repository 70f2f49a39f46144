// Reads a FlowSpec NLRI (RFC 8955, section 4; RFC 8956, section 3) from bytes that anyone may have written.

import { bitsOf } from '#lib/ip/address.ts'
import { AND, END_OF_LIST, MATCH_ALL, NOT, OPERATOR_BITS } from './encode.ts'
import {
  type BitmaskTest,
  type BitmaskType,
  bitsAllowed,
  COMPONENT_NUMBERS,
  type Component,
  type ComponentType,
  type Flow,
  LARGEST,
  type NumericTest,
  type NumericType,
  type Operator,
  type PrefixType,
} from './rule.ts'

/** `next` is where the next NLRI begins; `offset` is the octet that cannot be, from the start of the bytes. */
export type Decoded = { readonly kind: 'flow'; readonly flow: Flow; readonly next: number } | Malformed

export interface Malformed {
  readonly kind: 'malformed'
  readonly what: string
  readonly offset: number
}

type Part<Value> = { readonly kind: 'part'; readonly value: Value; readonly next: number } | Malformed
/** One operator and value, as they are on the wire. */
interface Pair {
  readonly operator: number
  readonly value: number
}

const TYPES: ReadonlyMap<number, ComponentType> = new Map(
  // The names are the keys of the table, which `Object.entries` forgets.
  (Object.keys(COMPONENT_NUMBERS) as ComponentType[]).map(type => [COMPONENT_NUMBERS[type], type]),
)
const OPERATORS: readonly Operator[] = (Object.keys(OPERATOR_BITS) as Operator[]).sort(
  (a, b) => OPERATOR_BITS[a] - OPERATOR_BITS[b],
)

/** Never throws. What the RFCs want ignored (reserved bits, padding, the first and-bit) is ignored. */
export function decodeNlri(bytes: Uint8Array, family: 4 | 6, start = 0): Decoded {
  const first = bytes[start]
  if (first === undefined) return malformed('no length', start)
  const isLong = first >= 0xf0
  if (isLong && start + 1 >= bytes.length) return malformed('half a length', start)
  const from = start + (isLong ? 2 : 1)
  const length = isLong ? ((first & 15) << 8) | (bytes[start + 1] ?? 0) : first
  if (length === 0) return malformed('no components', start)
  if (from + length > bytes.length) return malformed(`length ${length} beyond the end`, start)
  const components = decodeComponents(bytes.subarray(0, from + length), family, from)
  if (components.kind === 'malformed') return components
  return { kind: 'flow', flow: { family, components: components.value }, next: components.next }
}

function decodeComponents(bytes: Uint8Array, family: 4 | 6, from: number): Part<Component[]> {
  const components: Component[] = []
  let last = 0
  let at = from
  while (at < bytes.length) {
    const number = bytes[at] ?? 0
    const type = TYPES.get(number)
    if (type === undefined || (type === 'flow-label' && family === 4))
      return malformed(`component type ${number} is unknown`, at)
    if (number === last) return malformed(`component ${type} comes twice`, at)
    if (number < last) return malformed(`component ${type} is out of order`, at)
    const part = decodeComponent(bytes, family, type, at + 1)
    if (part.kind === 'malformed') return part
    components.push(part.value)
    last = number
    at = part.next
  }
  return { kind: 'part', value: components, next: at }
}

function decodeComponent(bytes: Uint8Array, family: 4 | 6, type: ComponentType, at: number): Part<Component> {
  switch (type) {
    case 'destination':
    case 'source':
      return decodePrefix(bytes, family, type, at)
    case 'tcp-flags':
    case 'fragment':
      return decodeBitmask(bytes, family, type, at)
    default:
      return decodeNumeric(bytes, type, at)
  }
}

function decodePrefix(bytes: Uint8Array, family: 4 | 6, type: PrefixType, at: number): Part<Component> {
  const length = bytes[at]
  const offset = family === 4 ? 0 : bytes[at + 1]
  if (length === undefined || offset === undefined) return malformed('the prefix is cut off', at)
  const width = bitsOf(family)
  if (length > width) return malformed(`prefix length ${length} is above ${width}`, at)
  if (offset >= length && !(offset === 0 && length === 0))
    return malformed(`offset ${offset} is not below prefix length ${length}`, at + 1)
  const from = at + (family === 4 ? 1 : 2)
  const bits = length - offset
  const octets = Math.ceil(bits / 8)
  if (from + octets > bytes.length) return malformed('the prefix is cut off', from)
  let pattern = 0n
  for (const octet of bytes.subarray(from, from + octets)) pattern = (pattern << 8n) | BigInt(octet)
  const value = (pattern >> BigInt(octets * 8 - bits)) << BigInt(width - length)
  return { kind: 'part', value: { type, prefix: { family, value, length }, offset }, next: from + octets }
}

function decodeNumeric(bytes: Uint8Array, type: NumericType, at: number): Part<Component> {
  const pairs = decodePairs(bytes, at)
  if (pairs.kind === 'malformed') return pairs
  const anyOf: NumericTest[][] = []
  for (const pair of pairs.value) {
    // Only six bits of the octet are the DSCP; the others are treated as zero (RFC 8955, section 4.2.2.11).
    const value = type === 'dscp' ? pair.value % 64 : pair.value
    if (value > LARGEST[type]) return malformed(`${value} is too large for ${type}`, at)
    append(anyOf, pair, { operator: OPERATORS[pair.operator & 7] ?? 'false', value })
  }
  return { kind: 'part', value: { type, anyOf }, next: pairs.next }
}

function decodeBitmask(bytes: Uint8Array, family: 4 | 6, type: BitmaskType, at: number): Part<Component> {
  const pairs = decodePairs(bytes, at)
  if (pairs.kind === 'malformed') return pairs
  const anyOf: BitmaskTest[][] = []
  for (const pair of pairs.value) {
    if (pair.value > (type === 'fragment' ? 255 : LARGEST[type]))
      return malformed(`bits 0x${pair.value.toString(16)} are too many for ${type}`, at)
    append(anyOf, pair, {
      isNot: (pair.operator & NOT) !== 0,
      isMatchAll: (pair.operator & MATCH_ALL) !== 0,
      bits: pair.value & bitsAllowed(type, family),
    })
  }
  return { kind: 'part', value: { type, anyOf }, next: pairs.next }
}

/** Adds to the last list, or begins one. */
function append<Test>(anyOf: Test[][], { operator }: Pair, test: Test): void {
  const last = anyOf.at(-1)
  if (last !== undefined && (operator & AND) !== 0) last.push(test)
  else anyOf.push([test])
}

/** Operators and values up to the one that ends the list. */
function decodePairs(bytes: Uint8Array, from: number): Part<Pair[]> {
  const pairs: Pair[] = []
  let at = from
  while (at < bytes.length) {
    const operator = bytes[at] ?? 0
    const octets = 1 << ((operator >> 4) & 3)
    if (at + 1 + octets > bytes.length) return malformed('the value is cut off', at)
    let value = 0
    // Eight octets lose their low bits in a number, but what is so large is refused anyway.
    for (const octet of bytes.subarray(at + 1, at + 1 + octets)) value = value * 256 + octet
    pairs.push({ operator, value })
    at += 1 + octets
    if ((operator & END_OF_LIST) !== 0) return { kind: 'part', value: pairs, next: at }
  }
  return malformed('the list has no end', from)
}

const malformed = (what: string, offset: number): Malformed => ({ kind: 'malformed', what, offset })
