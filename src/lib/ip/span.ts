// Spans of addresses: prefixes, and ranges that are none.

import { bitsOf, formatAddress, parseAddress } from './address.ts'
import { type Prefix, parsePrefix, prefixOf } from './prefix.ts'

/** Addresses from `first` to `last`, both included. */
export interface Span {
  readonly family: 4 | 6
  readonly first: bigint
  readonly last: bigint
}

export const spanOf = ({ family, value, length }: Prefix): Span => ({
  family,
  first: value,
  last: value + (1n << BigInt(bitsOf(family) - length)) - 1n,
})

/** Reads a prefix, an address or a range `192.0.2.10-192.0.2.20`. Host bits are cleared. `undefined` when it is none. */
export function parseSpan(text: string): Span | undefined {
  const dash = text.indexOf('-')
  if (dash < 0) {
    const prefix = parsePrefix(text)
    return prefix === undefined ? undefined : spanOf(prefix)
  }
  const from = parseAddress(text.slice(0, dash).trim())
  const to = parseAddress(text.slice(dash + 1).trim())
  if (from === undefined || to?.family !== from.family || to.value < from.value) return undefined
  return { family: from.family, first: from.value, last: to.value }
}

/** As a prefix where it is one, else as a range. */
export function formatSpan(span: Span): string {
  const begin = formatAddress({ family: span.family, value: span.first })
  const free = freeBitsOf(span)
  if (free !== undefined) return `${begin}/${bitsOf(span.family) - free}`
  return `${begin}-${formatAddress({ family: span.family, value: span.last })}`
}

/** How many bits behind its length a prefix has; `undefined` for a span that is no prefix. */
export function freeBitsOf({ first, last }: Span): number | undefined {
  const hosts = last - first
  const isPrefix = (hosts & (hosts + 1n)) === 0n && (first & hosts) === 0n
  if (!isPrefix) return undefined
  return hosts === 0n ? 0 : hosts.toString(2).length
}

/** The longest prefix that holds all of it. */
export function prefixAround({ family, first, last }: Span): Prefix {
  const unlike = first ^ last
  return prefixOf({ family, value: first }, bitsOf(family) - (unlike === 0n ? 0 : unlike.toString(2).length))
}

/** The fewest prefixes that hold exactly it, in order. */
export function prefixesOfSpan({ family, first, last }: Span): Prefix[] {
  const bits = bitsOf(family)
  const prefixes: Prefix[] = []
  let value = first
  while (value <= last) {
    let free = 0
    while (
      free < bits &&
      (value & ((2n << BigInt(free)) - 1n)) === 0n &&
      value + (2n << BigInt(free)) - 1n <= last
    )
      free++
    prefixes.push({ family, value, length: bits - free })
    value += 1n << BigInt(free)
  }
  return prefixes
}

/** Whether all of `inner` lies in `outer`. */
export const isWithin = (inner: Span, outer: Span): boolean =>
  outer.family === inner.family && outer.first <= inner.first && inner.last <= outer.last

/** By family and first address; of those that begin together the widest first. */
export function bySpan(a: Span, b: Span): number {
  if (a.family !== b.family) return a.family - b.family
  if (a.first !== b.first) return a.first < b.first ? -1 : 1
  return a.last === b.last ? 0 : a.last > b.last ? -1 : 1
}
