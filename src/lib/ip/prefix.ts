// Prefixes: an address and how many of its first bits count (RFC 4632, RFC 4291).

import { type Address, bitsOf, formatAddress, parseAddress } from './address.ts'

export interface Prefix {
  readonly family: 4 | 6
  /** First address: bits beyond the length are zero. */
  readonly value: bigint
  readonly length: number
}

/** Reads `address/length` or a bare address (full length). Host bits are cleared. `undefined` when it is neither. */
export function parsePrefix(text: string): Prefix | undefined {
  const slash = text.indexOf('/')
  const address = parseAddress(slash < 0 ? text : text.slice(0, slash))
  if (address === undefined) return undefined
  const bits = bitsOf(address.family)
  if (slash < 0) return { family: address.family, value: address.value, length: bits }
  const lengthText = text.slice(slash + 1)
  if (!/^(0|[1-9]\d{0,2})$/.test(lengthText) || Number(lengthText) > bits) return undefined
  return prefixOf(address, Number(lengthText))
}

/** The prefix of this length that holds the address. */
export function prefixOf(address: Address, length: number): Prefix {
  const drop = BigInt(bitsOf(address.family) - length)
  return { family: address.family, value: (address.value >> drop) << drop, length }
}

/** Whether host bits were set in the text the prefix was read from. */
export function hasHostBits(text: string): boolean {
  const prefix = parsePrefix(text)
  const address = parseAddress(text.split('/')[0] ?? '')
  return prefix !== undefined && address !== undefined && prefix.value !== address.value
}

export const formatPrefix = (prefix: Prefix): string =>
  `${formatAddress({ family: prefix.family, value: prefix.value })}/${prefix.length}`

/** Whether `inner` (an address or a prefix) lies within `prefix`. */
export function contains(prefix: Prefix, inner: Address | Prefix): boolean {
  if (prefix.family !== inner.family) return false
  if ('length' in inner && inner.length < prefix.length) return false
  const drop = BigInt(bitsOf(prefix.family) - prefix.length)
  return prefix.value >> drop === inner.value >> drop
}

export const overlaps = (a: Prefix, b: Prefix): boolean => contains(a, b) || contains(b, a)
