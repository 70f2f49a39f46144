// Bounds of single actions: how wide, how long, and how much they may touch.

import { bitsOf } from '#lib/ip/address.ts'
import { formatPrefix, type Prefix, prefixOf } from '#lib/ip/prefix.ts'
import { PrefixSet } from '#lib/ip/prefix-set.ts'
import type { Verdict } from './guardrail.ts'

/** Which bound of lengths an action has to keep: a blackhole of a host or of a network, a rule, one that a person wrote, a diversion. */
export const BOUND_KINDS = ['host', 'network', 'rule', 'order', 'divert'] as const
export type BoundKind = (typeof BOUND_KINDS)[number]

export interface Bounds {
  /** The shortest prefix, by what is done and family. */
  readonly prefixLengths: Readonly<Record<BoundKind, { readonly ipv4: number; readonly ipv6: number }>>
  readonly ttlSeconds: { readonly minimum: number; readonly maximum: number }
  /** Port ranges of one rule. */
  readonly portsMax: number
  /** Addresses (IPv6: networks of /64) that one decision touches; `undefined`: the usual ones for a configured playbook. */
  readonly addressesMax?: number | undefined
}

export const USUAL_ADDRESSES_MAX = 65_536

/** What holds where nothing is configured. */
export const USUAL_BOUNDS: Bounds = {
  prefixLengths: {
    host: { ipv4: 32, ipv6: 128 },
    network: { ipv4: 8, ipv6: 16 },
    rule: { ipv4: 32, ipv6: 128 },
    order: { ipv4: 16, ipv6: 32 },
    divert: { ipv4: 24, ipv6: 48 },
  },
  ttlSeconds: { minimum: 10, maximum: 86_400 },
  portsMax: 16,
}

const NAMES: Readonly<Record<BoundKind, string>> = {
  host: 'a route of a host',
  network: 'a route of a network',
  rule: 'a rule',
  order: 'a rule by a person',
  divert: 'a diversion',
}

export function prefixLength(prefix: Prefix, kind: BoundKind, { prefixLengths }: Bounds): Verdict {
  const shortest = prefixLengths[kind][prefix.family === 4 ? 'ipv4' : 'ipv6']
  const text = formatPrefix(prefix)
  const rail = 'prefix-length'
  return prefix.length < shortest
    ? {
        rail,
        allowed: false,
        reason: `${text} is a /${prefix.length} and /${shortest} is the widest for ${NAMES[kind]}`,
      }
    : { rail, allowed: true, reason: `${text} is not wider than the /${shortest} of ${NAMES[kind]}` }
}

export function ttl(seconds: number, { ttlSeconds }: Bounds): Verdict {
  const { minimum, maximum } = ttlSeconds
  const rail = 'ttl'
  return seconds < minimum || seconds > maximum
    ? { rail, allowed: false, reason: `a step lasts ${seconds} s and ${minimum} to ${maximum} s are allowed` }
    : { rail, allowed: true, reason: `${seconds} s is within ${minimum} to ${maximum} s` }
}

/** How many addresses the actions of one decision touch, counted as they are added. An estimate: never too low. */
export class BlastRadius {
  readonly #touched = new PrefixSet()
  readonly #addressesMax: number | undefined
  #count = 0

  constructor(addressesMax: number | undefined) {
    this.#addressesMax = addressesMax
  }

  /** The verdict on touching `prefix` too. What is allowed counts from now on. */
  add(prefix: Prefix): Verdict {
    const text = formatPrefix(prefix)
    const rail = 'blast-radius'
    const more = this.#touched.covering(prefix) === undefined ? addressesOf(prefix) : 0
    const unit = prefix.family === 4 ? 'addresses' : 'networks of /64'
    const total = this.#count + more
    if (this.#addressesMax !== undefined && total > this.#addressesMax) {
      const reason = `with ${text} ${total} ${unit} would be touched and ${this.#addressesMax} are the most`
      return { rail, allowed: false, reason }
    }
    this.#touched.add(prefix)
    this.#count = total
    return { rail, allowed: true, reason: `with ${text} ${total} ${unit} are touched` }
  }
}

/** Of IPv6 a /64 counts as one. */
function addressesOf(prefix: Prefix): number {
  const counted = prefix.family === 6 && prefix.length > 64 ? prefixOf(prefix, 64) : prefix
  const width = prefix.family === 6 ? 64 : bitsOf(4)
  return 2 ** (width - counted.length)
}
