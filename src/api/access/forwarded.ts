// Where a request came from and whether it was under TLS, past the proxies that are believed.

import type { IncomingMessage } from 'node:http'
import { TLSSocket } from 'node:tls'
import { type Address, formatAddress, parseAddress } from '#lib/ip/address.ts'
import { formatPrefix, type Prefix, parsePrefix, prefixOf } from '#lib/ip/prefix.ts'
import { PrefixSet } from '#lib/ip/prefix-set.ts'

const MAPPED = '::ffff:'
/** What one customer of an access network has to himself: counting its addresses singly would bound nothing. */
const IPV6_COUNTED_BITS = 64
const UNKNOWN = 'unknown'
/** Longer chains of proxies are not followed. */
const HOPS_MAX = 16

export class Proxies {
  readonly #trusted: PrefixSet

  constructor(prefixes: readonly string[]) {
    this.#trusted = new PrefixSet(prefixes.flatMap(text => parsePrefix(text) ?? []))
  }

  /**
   * The nearest address that is no trusted proxy: that of the connection, or, when that is one, the last of
   * X-Forwarded-For that is none. What a client writes there itself stands further left and is never reached.
   */
  addressOf(message: IncomingMessage): string {
    let address = parseRemote(message.socket.remoteAddress)
    if (address === undefined) return UNKNOWN
    if (!this.#trusts(address)) return formatAddress(address)
    const hops = textOf(message, 'x-forwarded-for').split(',').slice(-HOPS_MAX)
    for (const hop of hops.reverse()) {
      const next = parseRemote(hop.trim())
      if (next === undefined) break
      address = next
      if (!this.#trusts(next)) break
    }
    return formatAddress(address)
  }

  isSecure(message: IncomingMessage): boolean {
    if (message.socket instanceof TLSSocket) return true
    const said = textOf(message, 'x-forwarded-proto').split(',').at(-1)?.trim().toLowerCase()
    return said === 'https' && this.isFromProxy(message)
  }

  isFromProxy(message: IncomingMessage): boolean {
    const address = parseRemote(message.socket.remoteAddress)
    return address !== undefined && this.#trusts(address)
  }

  /** Whether it is one of them. */
  has(address: string): boolean {
    const parsed = parseRemote(address)
    return parsed !== undefined && this.#trusts(parsed)
  }

  #trusts(address: Address): boolean {
    if (this.#trusted.size === 0) return false
    return this.#trusted.covering(hostOf(address)) !== undefined
  }
}

/** What an address is counted under: itself, of IPv6 its /64. */
export function countedUnder(address: string): string {
  const parsed = parseAddress(address)
  return parsed?.family === 6 ? formatPrefix(prefixOf(parsed, IPV6_COUNTED_BITS)) : address
}

function parseRemote(text: string | undefined): Address | undefined {
  return text === undefined ? undefined : parseAddress(unmapped(text))
}

/** IPv4 as it is, where a socket of both versions shows it inside of IPv6. */
export const unmapped = (text: string): string =>
  text.startsWith(MAPPED) && text.includes('.') ? text.slice(MAPPED.length) : text

const hostOf = (address: Address): Prefix => prefixOf(address, address.family === 4 ? 32 : 128)

function textOf(message: IncomingMessage, name: string): string {
  const value = message.headers[name]
  return Array.isArray(value) ? value.join(',') : (value ?? '')
}
