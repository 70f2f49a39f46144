// Accepted limits take their place in a configuration, as if somebody had written them there.
//
// A limit was accepted instead of what was written in its place. When something else is written there by now, that word
// of the operator is the newer one, and it holds.

import { prefixesOf } from '#3-traffic/hostgroup.ts'
import { contains, parsePrefix } from '#lib/ip/prefix.ts'
import type { LimitName } from './attack.ts'
import { type LearnedPlace, placeText } from './baseline-limits.ts'
import { groupNameOf } from './baseline-scopes.ts'
import {
  type DetectionConfig,
  type HostgroupConfig,
  hostgroupSchema,
  type LimitsConfig,
  type ThresholdsConfig,
} from './config.ts'
import { unitOf } from './limit.ts'

/** What of a configuration limits stand in. */
export interface Limited {
  readonly detection: DetectionConfig
  readonly hostgroups: Readonly<Record<string, HostgroupConfig>>
}

/** What is written in a place; null: nothing, so that the limit is inherited or there is none. */
export type WrittenLimit = number | 'off' | null

export interface AcceptedLimit extends LearnedPlace {
  /** Packets, bits or flows per second. */
  readonly value: number
  readonly instead: WrittenLimit
}

export type Standing = 'applied' | 'superseded' | 'homeless'

type GroupThresholds = HostgroupConfig['thresholds']
type AnyLimits = LimitsConfig | GroupThresholds['incoming']

/**
 * The configuration with the accepted limits in it, and by place what became of each: `superseded` by another word in
 * the file, or `homeless`, as its hostgroup or network is gone. `networks` are ours, in canonical text.
 */
export function withLearned<Config extends Limited>(
  config: Config,
  networks: readonly string[],
  accepted: readonly AcceptedLimit[],
): { readonly config: Config; readonly standings: ReadonlyMap<string, Standing> } {
  const standings = new Map<string, Standing>()
  let { detection, hostgroups } = config
  for (const limit of accepted) {
    const standing = standingOf(limit, config, networks)
    standings.set(placeText(limit), standing)
    if (standing !== 'applied') continue
    if (limit.scope === 'global') {
      detection = { ...detection, thresholds: put(detection.thresholds, limit) }
    } else {
      const name = groupOf(limit.scope)
      const group = hostgroups[name] ?? hostgroupSchema.parse({ networks: [limit.scope] })
      hostgroups = { ...hostgroups, [name]: putInGroup(group, limit) }
    }
  }
  return { config: { ...config, detection, hostgroups }, standings }
}

/** The hostgroup that has the limits of a scope. */
const groupOf = (scope: string): string => (scope.includes('/') ? groupNameOf(scope) : scope)

function standingOf(limit: AcceptedLimit, config: Limited, networks: readonly string[]): Standing {
  const { scope } = limit
  const hasHome =
    scope === 'global' ||
    (scope.includes('/') ? networks.includes(scope) : Object.hasOwn(config.hostgroups, scope))
  if (!hasHome) return 'homeless'
  if (isOfGroup(scope, config.hostgroups)) return 'superseded'
  return writtenLimit(config, limit) === limit.instead ? 'applied' : 'superseded'
}

/** A network that a hostgroup holds as a whole by now has its limits from there, and would take its hosts away from it. */
function isOfGroup(scope: string, hostgroups: Limited['hostgroups']): boolean {
  const network = scope.includes('/') ? parsePrefix(scope) : undefined
  if (network === undefined) return false
  return Object.entries(hostgroups).some(
    ([name, group]) =>
      name !== groupNameOf(scope) && prefixesOf(group.networks).some(prefix => contains(prefix, network)),
  )
}

/** What a configuration says in this place itself, in packets, bits or flows per second. */
export function writtenLimit(config: Limited, place: LearnedPlace): WrittenLimit {
  const group = config.hostgroups[groupOf(place.scope)]
  const thresholds =
    place.scope === 'global'
      ? config.detection.thresholds
      : place.subject === 'host'
        ? group?.thresholds
        : group?.total
  return writtenIn(thresholds?.[place.direction], place.limit)
}

/** The limit of this name among those of one direction, in packets, bits or flows per second. */
export function writtenIn(limits: AnyLimits | undefined, name: LimitName): WrittenLimit {
  const { part, key } = KEYS[name]
  const written = part === undefined ? limits?.[key] : limits?.[part]?.[key as 'packetsPerSecond']
  if (written === undefined) return null
  return unitOf(name) === 'bits' && written !== 'off' ? written * 1e6 : written
}

function putInGroup(group: HostgroupConfig, limit: AcceptedLimit): HostgroupConfig {
  if (limit.subject === 'host') return { ...group, thresholds: put(group.thresholds, limit) }
  return { ...group, total: put<ThresholdsConfig>(group.total ?? { incoming: {}, outgoing: {} }, limit) }
}

function put<Thresholds extends ThresholdsConfig | GroupThresholds>(
  thresholds: Thresholds,
  { direction, limit, value }: AcceptedLimit,
): Thresholds {
  const { part, key } = KEYS[limit]
  const written = unitOf(limit) === 'bits' ? value / 1e6 : value
  const limits: AnyLimits = thresholds[direction]
  const changed =
    part === undefined
      ? { ...limits, [key]: written }
      : { ...limits, [part]: { ...limits[part], [key]: written } }
  return { ...thresholds, [direction]: changed }
}

type Part = 'tcp' | 'udp' | 'icmp' | 'syn' | 'fragments' | 'dropped'
type Key = 'packetsPerSecond' | 'megabitsPerSecond' | 'flowsPerSecond'

/** Where each limit stands among those of a direction. */
export const KEYS: Readonly<Record<LimitName, { readonly part?: Part; readonly key: Key }>> = {
  packets: { key: 'packetsPerSecond' },
  bits: { key: 'megabitsPerSecond' },
  flows: { key: 'flowsPerSecond' },
  'tcp-packets': { part: 'tcp', key: 'packetsPerSecond' },
  'tcp-bits': { part: 'tcp', key: 'megabitsPerSecond' },
  'udp-packets': { part: 'udp', key: 'packetsPerSecond' },
  'udp-bits': { part: 'udp', key: 'megabitsPerSecond' },
  'icmp-packets': { part: 'icmp', key: 'packetsPerSecond' },
  'icmp-bits': { part: 'icmp', key: 'megabitsPerSecond' },
  'syn-packets': { part: 'syn', key: 'packetsPerSecond' },
  'syn-bits': { part: 'syn', key: 'megabitsPerSecond' },
  'fragment-packets': { part: 'fragments', key: 'packetsPerSecond' },
  'fragment-bits': { part: 'fragments', key: 'megabitsPerSecond' },
  'dropped-packets': { part: 'dropped', key: 'packetsPerSecond' },
  'dropped-bits': { part: 'dropped', key: 'megabitsPerSecond' },
}
