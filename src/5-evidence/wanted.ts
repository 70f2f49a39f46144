// Whose packets are looked for: hosts by a hash of their words, and prefixes.

import { hash128 } from '#3-traffic/address-hash.ts'
import { wireWords } from '#3-traffic/network-table.ts'
import { type Address, bitsOf, parseAddress } from '#lib/ip/address.ts'
import { type Prefix, parsePrefix } from '#lib/ip/prefix.ts'

/** What to look for: the canonical text of hosts by a hash of their words, and prefixes. */
export interface Wanted {
  readonly hosts: ReadonlyMap<number, readonly string[]>
  readonly prefixes: readonly WantedPrefix[]
}

type Words = readonly [number, number, number, number]

export interface WantedPrefix {
  readonly text: string
  readonly family: 4 | 6
  readonly value: Words
  readonly mask: Words
  /** It is one address. */
  readonly isHost: boolean
}

export const keyOf = (a: number, b: number, c: number, d: number): number => hash128(a, b, c, d)

/** Text of the prefix that holds these words, the first of several. */
export function prefixOver(
  prefixes: readonly WantedPrefix[],
  ofFamily: number,
  a: number,
  b: number,
  c: number,
  d: number,
): string | undefined {
  for (const { text, family, value, mask } of prefixes) {
    if (family !== ofFamily) continue
    const differs =
      ((a ^ value[0]) & mask[0]) |
      ((b ^ value[1]) & mask[1]) |
      ((c ^ value[2]) & mask[2]) |
      ((d ^ value[3]) & mask[3])
    if (differs === 0) return text
  }
  return undefined
}

/** Texts that are neither an address nor a prefix find nothing. */
export function wantedOf(texts: Iterable<string>): Wanted {
  const hosts = new Map<number, string[]>()
  const prefixes: WantedPrefix[] = []
  for (const text of texts) {
    const address = parseAddress(text)
    if (address === undefined) {
      const prefix = parsePrefix(text)
      if (prefix !== undefined) prefixes.push(wantedPrefixOf(text, prefix))
      continue
    }
    const [a, b, c, d] = wordsOf(address)
    const key = keyOf(a, b, c, d)
    const list = hosts.get(key)
    if (list === undefined) hosts.set(key, [text])
    else list.push(text)
  }
  return { hosts, prefixes }
}

export function wantedPrefixOf(text: string, { family, value, length }: Prefix): WantedPrefix {
  const bits = BigInt(bitsOf(family))
  const mask = (1n << bits) - (1n << (bits - BigInt(length)))
  const isHost = length === bitsOf(family)
  return { text, family, value: wordsOf({ family, value }), mask: wordsOf({ family, value: mask }), isHost }
}

/** The words a sample holds for this address. */
function wordsOf({ family, value }: Address): Words {
  return family === 6 ? wireWords(value) : [wireWords(value << 96n)[0], 0, 0, 0]
}
