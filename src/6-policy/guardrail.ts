// Guardrails: what no action may cross, whoever asks for it. Each says what it allowed or refused, and why.
//
// They fail closed: a target that cannot be read, or an empty list of our networks, is refused. Each is asked in a time
// that does not grow with the number of bans, because all of them may be asked for 65,536 attacks in one tick.

import { formatPrefix, type Prefix, parsePrefix } from '#lib/ip/prefix.ts'
import { PrefixSet } from '#lib/ip/prefix-set.ts'
import type { Bounds } from './bounds.ts'
import type { PolicyConfig } from './config.ts'
import type { Quotas } from './quota.ts'
import { Safelist, type SafelistEntry } from './safelist.ts'

export const RAILS = [
  'default-route',
  'outside-networks',
  'management',
  'whitelist',
  'safelist',
  'means',
  'prefix-length',
  'ttl',
  'rule',
  'inseparable',
  'bgp',
  'blast-radius',
  'bans-max',
  'bans-per-minute',
  'quota-global',
  'quota-customer',
  'quota-pop',
  'rule-budget',
] as const
export type Rail = (typeof RAILS)[number]

/** Rails that only bound how much is done at a time: what they refuse may be allowed later. */
export const CAPS: readonly Rail[] = [
  'bans-max',
  'bans-per-minute',
  'quota-global',
  'quota-customer',
  'quota-pop',
  'rule-budget',
]

export interface Verdict {
  readonly rail: Rail
  readonly allowed: boolean
  /** With the number and the limit, or the prefix that decided. */
  readonly reason: string
}

/** Where action is allowed at all. */
export interface RailPrefixes {
  readonly networks: PrefixSet
  readonly managementPrefixes: PrefixSet
  readonly whitelist: PrefixSet
  /** Missing: there is none. */
  readonly safelist?: Safelist
  /** Addresses of our routers, whose BGP no rule may match. Missing: none are named. */
  readonly routers?: PrefixSet
}

/** What rails are made from. */
export interface RailLists {
  readonly networks: readonly Prefix[]
  readonly managementPrefixes: readonly Prefix[]
  readonly whitelist: readonly Prefix[]
  readonly safelist?: readonly SafelistEntry[]
  readonly routers?: readonly Prefix[]
}

export const railPrefixesOf = ({ safelist = [], routers = [], ...lists }: RailLists): RailPrefixes => ({
  networks: new PrefixSet(lists.networks),
  managementPrefixes: new PrefixSet(lists.managementPrefixes),
  whitelist: new PrefixSet(lists.whitelist),
  ...(safelist.length === 0 ? {} : { safelist: new Safelist(safelist) }),
  ...(routers.length === 0 ? {} : { routers: new PrefixSet(routers) }),
})

/** Announcements that are held, and that began within the last minute. */
export interface Usage {
  readonly active: number
  readonly newWithinMinute: number
}

/** What quotas are compared with. Asking costs the same however much is held. */
export interface HeldCounts {
  readonly all: Usage
  ofCustomer(id: string): Usage
  ofPop(id: string): Usage
  /** FlowSpec rules that the enforcer of this name holds. */
  rulesOf(enforcer: string): number
}

/** What is under action already. */
export interface Held {
  /** Targets under action now, as canonical text; the one that is asked about may be among them. */
  readonly targets: Pick<ReadonlySet<string>, 'size' | 'has'>
  /** Targets that came under action within the last minute. */
  readonly bansWithinMinute: number
  /** Missing: it cannot be looked up, so whatever has a quota is refused. */
  readonly counts?: HeldCounts
}

export type Caps = Pick<PolicyConfig, 'bansMax' | 'bansPerMinute'>

/** Missing bounds are the usual ones; missing quotas: there are none. */
export interface RailLimits {
  readonly bounds?: Bounds
  readonly quotas?: Quotas
  /** Wall clock ms; missing: nothing that is safelisted for a while has ended. */
  readonly nowMs?: number
}

export type Rails = RailPrefixes & Held & Caps & RailLimits

/** Wider prefixes than these are a part of the Internet and no customer. */
const SHORTEST = { 4: 8, 6: 16 } as const

/**
 * The verdict of every rail on acting for `target`, an address or a prefix as text. `prefixes` are all that would be
 * touched, when that is more than the target: one that is refused refuses all.
 */
export function inspect(target: string, rails: Rails, prefixes: readonly string[] = [target]): Verdict[] {
  const parsed: Prefix[] = []
  for (const text of prefixes.length === 0 ? [target] : prefixes) {
    const prefix = parsePrefix(text)
    if (prefix === undefined) {
      const reason = `${JSON.stringify(text)} is no address, so it is in none of our networks`
      return [refuse('outside-networks', reason)]
    }
    parsed.push(prefix)
  }
  return [
    worst(parsed, defaultRoute),
    worst(parsed, prefix => outsideNetworks(prefix, rails.networks)),
    worst(parsed, prefix => listed('management', prefix, rails.managementPrefixes)),
    worst(parsed, prefix => listed('whitelist', prefix, rails.whitelist)),
    worst(parsed, prefix => safelisted(prefix, rails)),
    ...caps(target, rails),
  ].filter(verdict => verdict !== undefined)
}

/** Whether nothing but a cap refuses: then room may come, and it is worth asking again. */
export const isOnlyCapped = (refusals: readonly Verdict[]): boolean =>
  refusals.length > 0 && refusals.every(({ rail }) => CAPS.includes(rail))

/** Whether another target may come under action now, whichever it is. */
export const hasRoom = ({ targets, bansWithinMinute }: Held, { bansMax, bansPerMinute }: Caps): boolean =>
  targets.size < bansMax && bansWithinMinute < bansPerMinute

const allow = (rail: Rail, reason: string): Verdict => ({ rail, allowed: true, reason })
const refuse = (rail: Rail, reason: string): Verdict => ({ rail, allowed: false, reason })

/** The first refusal, else what was said of the first prefix. */
function worst(
  prefixes: readonly Prefix[],
  judge: (prefix: Prefix) => Verdict | undefined,
): Verdict | undefined {
  let first: Verdict | undefined
  for (const prefix of prefixes) {
    const verdict = judge(prefix)
    if (verdict?.allowed === false) return verdict
    first ??= verdict
  }
  return first
}

/** `undefined` when there is no safelist. */
export function safelisted(
  prefix: Prefix,
  { safelist, nowMs }: Pick<Rails, 'safelist' | 'nowMs'>,
): Verdict | undefined {
  if (safelist === undefined) return undefined
  const hit = safelist.hit(prefix, nowMs)
  return hit === undefined
    ? allow('safelist', `${formatPrefix(prefix)} touches none of ${safelist.size} safelisted prefixes`)
    : refuse('safelist', hit)
}

export function defaultRoute(prefix: Prefix): Verdict {
  const text = formatPrefix(prefix)
  const shortest = SHORTEST[prefix.family]
  if (prefix.length === 0)
    return refuse('default-route', `${text} is the default route: it would hit everybody`)
  if (prefix.value === 0n) return refuse('default-route', `${text} is or begins with the unspecified address`)
  if (prefix.length < shortest)
    return refuse('default-route', `${text} is wider than a /${shortest}: a few of these are a default route`)
  return allow('default-route', `${text} is not a default route`)
}

function outsideNetworks(prefix: Prefix, networks: PrefixSet): Verdict {
  const network = networks.covering(prefix)
  const text = formatPrefix(prefix)
  return network === undefined
    ? refuse('outside-networks', `${text} is in none of our ${networks.size} networks`)
    : allow('outside-networks', `${text} is in our network ${formatPrefix(network)}`)
}

export function listed(rail: 'management' | 'whitelist', prefix: Prefix, list: PrefixSet): Verdict {
  const hit = list.overlapping(prefix)
  const text = formatPrefix(prefix)
  const name = rail === 'management' ? 'management prefix' : 'whitelisted prefix'
  return hit === undefined
    ? allow(rail, `${text} touches none of ${list.size} ${name}es`)
    : refuse(rail, `${text} touches the ${name} ${formatPrefix(hit)}`)
}

function caps(target: string, { targets, bansMax, bansWithinMinute, bansPerMinute }: Held & Caps): Verdict[] {
  const count = targets.size
  if (targets.has(target)) {
    const reason = `${target} is one of ${count} hosts under action already`
    return [allow('bans-max', reason), allow('bans-per-minute', reason)]
  }
  return [
    count >= bansMax
      ? refuse('bans-max', `${count} hosts are under action and ${bansMax} are the most`)
      : allow('bans-max', `${count} of at most ${bansMax} hosts are under action`),
    bansWithinMinute >= bansPerMinute
      ? refuse(
          'bans-per-minute',
          `${bansWithinMinute} hosts came under action within a minute and ${bansPerMinute} are the most`,
        )
      : allow(
          'bans-per-minute',
          `${bansWithinMinute} of at most ${bansPerMinute} hosts came under action within a minute`,
        ),
  ]
}
