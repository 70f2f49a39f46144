// What this machine is on the network: its interfaces, its addresses, and the interface its default route leaves by.

import { readFileSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import { type Address, parseAddress } from '#lib/ip/address.ts'
import { contains, parsePrefix } from '#lib/ip/prefix.ts'

const LINK_LOCAL = [parsePrefix('169.254.0.0/16'), parsePrefix('fe80::/10')].filter(
  prefix => prefix !== undefined,
)

/** Route flags (linux/route.h, linux/ipv6_route.h) as /proc prints them. */
const RTF_UP = 0x1
const RTF_REJECT = 0x200

export interface AddressChoice {
  /** Also 127.0.0.1 and ::1. */
  readonly loopback?: boolean
  /** Also 169.254.0.0/16 and fe80::/10, which mean nothing beyond their link. */
  readonly linkLocal?: boolean
}

/** Addresses of this machine's interfaces that are up, IPv4 and IPv6, each once, in the kernel's order. */
export function ownAddresses(choice: AddressChoice = {}): Address[] {
  const found = new Map<string, Address>()
  for (const entries of Object.values(networkInterfaces())) {
    for (const { address: text, internal } of entries ?? []) {
      const address = parseAddress(text)
      if (address === undefined || (internal && choice.loopback !== true)) continue
      if (choice.linkLocal !== true && LINK_LOCAL.some(prefix => contains(prefix, address))) continue
      found.set(text, address)
    }
  }
  return [...found.values()]
}

/** Names of all interfaces of this network namespace, up or not, in the kernel's order. */
export function interfaceNames(): string[] {
  return parseInterfaceNames(read('/proc/net/dev'))
}

/** Interface of the default route with the lowest metric, IPv4 before IPv6; `undefined` when there is no default route. */
export function defaultInterface(): string | undefined {
  return parseDefaultRoute4(read('/proc/net/route')) ?? parseDefaultRoute6(read('/proc/net/ipv6_route'))
}

/** A file that a kernel without this protocol does not have reads as empty. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

/** Names in the text of /proc/net/dev: two lines of heading, then `name: numbers`. */
export function parseInterfaceNames(text: string): string[] {
  const names: string[] = []
  for (const line of text.split('\n').slice(2)) {
    const colon = line.indexOf(':')
    if (colon > 0) names.push(line.slice(0, colon).trim())
  }
  return names
}

/** Columns of /proc/net/route: Iface Destination Gateway Flags RefCnt Use Metric Mask MTU Window IRTT; numbers in hex, the metric in decimal. */
export function parseDefaultRoute4(text: string): string | undefined {
  const routes: Route[] = []
  for (const line of text.split('\n').slice(1)) {
    const [name, target, , flags, , , metric, mask] = line.split(/\s+/)
    if (name === undefined || target !== '00000000' || mask !== '00000000') continue
    routes.push({ name, flags: Number.parseInt(flags ?? '', 16), metric: Number.parseInt(metric ?? '', 10) })
  }
  return best(routes)
}

/** Columns of /proc/net/ipv6_route: target, its length, source, its length, next hop, metric, references, use, flags, name; numbers in hex. */
export function parseDefaultRoute6(text: string): string | undefined {
  const routes: Route[] = []
  for (const line of text.split('\n')) {
    const [target, length, , sourceLength, , metric, , , flags, name] = line.trim().split(/\s+/)
    if (name === undefined || length !== '00' || sourceLength !== '00' || !/^0{32}$/.test(target ?? ''))
      continue
    routes.push({ name, flags: Number.parseInt(flags ?? '', 16), metric: Number.parseInt(metric ?? '', 16) })
  }
  return best(routes)
}

interface Route {
  readonly name: string
  readonly flags: number
  readonly metric: number
}

/** The kernel lists an unreachable default on `lo`, with RTF_REJECT, where no route is. */
function best(routes: readonly Route[]): string | undefined {
  const usable = routes.filter(({ flags }) => (flags & RTF_UP) !== 0 && (flags & RTF_REJECT) === 0)
  usable.sort((a, b) => a.metric - b.metric)
  return usable[0]?.name
}
