// The limits a hostgroup really has: its own, and where it sets none those of its parent or of all hosts.

import type { GroupLimitsConfig, HostgroupConfig, LimitsConfig, ThresholdsConfig } from './config.ts'

type Hostgroups = Readonly<Record<string, HostgroupConfig>>

/**
 * Thresholds of every hostgroup by name. A parent that does not exist counts as none, and of parents in a circle the one
 * that closes it: both are refused where the configuration is read.
 */
export function effectiveThresholds(
  hostgroups: Hostgroups,
  general: ThresholdsConfig,
): ReadonlyMap<string, ThresholdsConfig> {
  const found = new Map<string, ThresholdsConfig>()
  for (const name of Object.keys(hostgroups)) {
    // From the oldest ancestor down, so that each finds its parent's limits ready.
    for (const ancestor of lineage(name, hostgroups).toReversed()) {
      const group = hostgroups[ancestor]
      if (group === undefined || found.has(ancestor)) continue
      const { inherit, parent, thresholds } = group
      const above = inherit ? (found.get(parent ?? '') ?? general) : NO_LIMITS
      found.set(ancestor, {
        incoming: overlay(above.incoming, thresholds.incoming),
        outgoing: overlay(above.outgoing, thresholds.outgoing),
      })
    }
  }
  return found
}

/** The group, its parent, the parent's parent and so on; ends where a name comes a second time. */
export function lineage(name: string, hostgroups: Hostgroups): string[] {
  const names = new Set<string>()
  let next: string | undefined = name
  while (next !== undefined && !names.has(next) && Object.hasOwn(hostgroups, next)) {
    names.add(next)
    next = hostgroups[next]?.parent
  }
  return [...names]
}

const NO_LIMITS: ThresholdsConfig = { incoming: {}, outgoing: {} }

function overlay(above: LimitsConfig, own: GroupLimitsConfig): LimitsConfig {
  return compact({
    packetsPerSecond: chosen(above.packetsPerSecond, own.packetsPerSecond),
    megabitsPerSecond: chosen(above.megabitsPerSecond, own.megabitsPerSecond),
    flowsPerSecond: chosen(above.flowsPerSecond, own.flowsPerSecond),
    tcp: overlayPart(above.tcp, own.tcp),
    udp: overlayPart(above.udp, own.udp),
    icmp: overlayPart(above.icmp, own.icmp),
    syn: overlayPart(above.syn, own.syn),
    fragments: overlayPart(above.fragments, own.fragments),
    dropped: overlayPart(above.dropped, own.dropped),
  })
}

function overlayPart(above: LimitsConfig['tcp'], own: GroupLimitsConfig['tcp']): LimitsConfig['tcp'] {
  const part = compact({
    packetsPerSecond: chosen(above?.packetsPerSecond, own?.packetsPerSecond),
    megabitsPerSecond: chosen(above?.megabitsPerSecond, own?.megabitsPerSecond),
  })
  return Object.keys(part).length === 0 ? undefined : part
}

const chosen = (above: number | undefined, own: number | 'off' | undefined): number | undefined =>
  own === 'off' ? undefined : (own ?? above)

/** Without the keys that hold nothing. */
function compact<Part extends object>(part: Part): Part {
  const kept = { ...part }
  for (const [key, value] of Object.entries(part)) if (value === undefined) Reflect.deleteProperty(kept, key)
  return kept
}
