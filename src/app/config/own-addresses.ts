// The addresses of this machine's interfaces, as prefixes of full length.

import { networkInterfaces } from 'node:os'
import { contains, type Prefix, parsePrefix } from '#lib/ip/prefix.ts'

const LINK_LOCAL: readonly Prefix[] = ['169.254.0.0/16', 'fe80::/10']
  .map(parsePrefix)
  .filter(prefix => prefix !== undefined)

/** IPv4 first, in the order of the interfaces; without loopback and link-local ones, which no flood from outside reaches. */
export function ownAddresses(): readonly string[] {
  const found = Object.values(networkInterfaces()).flatMap(addresses => addresses ?? [])
  const texts = found.filter(address => !address.internal).map(address => address.address)
  const outside = texts.filter(text => {
    const prefix = parsePrefix(text)
    return prefix !== undefined && !LINK_LOCAL.some(range => contains(range, prefix))
  })
  const unique = [...new Set(outside)]
  return [...unique.filter(text => !text.includes(':')), ...unique.filter(text => text.includes(':'))]
}
