// Guardrails: what no action may cross, whoever asks for it. Each says what it allowed or refused, and why.
//
// They fail closed: a target that cannot be read, or an empty list of our networks, is refused.

import { contains, formatPrefix, overlaps, type Prefix, parsePrefix } from '#lib/ip/prefix.ts'

export const RAILS = ['default-route', 'outside-networks', 'management', 'whitelist', 'bans-max'] as const
export type Rail = (typeof RAILS)[number]

export interface Verdict {
  readonly rail: Rail
  readonly allowed: boolean
  /** With the number and the limit, or the prefix that decided. */
  readonly reason: string
}

export interface Rails {
  readonly networks: readonly Prefix[]
  readonly managementPrefixes: readonly Prefix[]
  readonly whitelist: readonly Prefix[]
  /** Hosts under action now, as canonical text; the target itself may be among them. */
  readonly targets: ReadonlySet<string>
  readonly bansMax: number
}

/** The verdict of every rail on acting against traffic of `target` (an address or a prefix as text). */
export function inspect(target: string, rails: Rails): Verdict[] {
  const prefix = parsePrefix(target)
  if (prefix === undefined) {
    return [
      refuse('outside-networks', `${JSON.stringify(target)} is no address, so it is in none of our networks`),
    ]
  }
  return [
    defaultRoute(prefix),
    outsideNetworks(prefix, rails.networks),
    listed('management', prefix, rails.managementPrefixes),
    listed('whitelist', prefix, rails.whitelist),
    bansMax(target, rails),
  ]
}

const allow = (rail: Rail, reason: string): Verdict => ({ rail, allowed: true, reason })
const refuse = (rail: Rail, reason: string): Verdict => ({ rail, allowed: false, reason })

function defaultRoute(prefix: Prefix): Verdict {
  const text = formatPrefix(prefix)
  if (prefix.length === 0)
    return refuse('default-route', `${text} is the default route: it would hit everybody`)
  if (prefix.value === 0n) return refuse('default-route', `${text} is or begins with the unspecified address`)
  return allow('default-route', `${text} is not a default route`)
}

function outsideNetworks(prefix: Prefix, networks: readonly Prefix[]): Verdict {
  const network = networks.find(candidate => contains(candidate, prefix))
  const text = formatPrefix(prefix)
  return network === undefined
    ? refuse('outside-networks', `${text} is in none of our ${networks.length} networks`)
    : allow('outside-networks', `${text} is in our network ${formatPrefix(network)}`)
}

function listed(rail: 'management' | 'whitelist', prefix: Prefix, list: readonly Prefix[]): Verdict {
  const hit = list.find(candidate => overlaps(candidate, prefix))
  const text = formatPrefix(prefix)
  const name = rail === 'management' ? 'management prefix' : 'whitelisted prefix'
  return hit === undefined
    ? allow(rail, `${text} touches none of ${list.length} ${name}es`)
    : refuse(rail, `${text} touches the ${name} ${formatPrefix(hit)}`)
}

function bansMax(target: string, rails: Rails): Verdict {
  const count = rails.targets.size
  if (rails.targets.has(target))
    return allow('bans-max', `${target} is one of ${count} hosts under action already`)
  return count >= rails.bansMax
    ? refuse('bans-max', `${count} hosts are under action and ${rails.bansMax} are the most`)
    : allow('bans-max', `${count} of at most ${rails.bansMax} hosts are under action`)
}
