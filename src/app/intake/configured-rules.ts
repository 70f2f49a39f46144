// What detectors have to agree on, as the configuration says it.

import type { PolicyConfig } from '#6-policy/config.ts'
import type { GroupsConfig } from '#6-policy/groups-config.ts'
import type { Dimension, GroupRules, SignalSource } from '#6-policy/signal-groups.ts'

type Correlation = PolicyConfig['correlation']
type Source = GroupsConfig['sources'][string]

const DIMENSION: Readonly<Record<Source['matchBy'][number], Dimension>> = {
  ...{ customer: 'customer_id', pop: 'pop', service: 'service_id', interface: 'interface' },
}

/** Detectors that only have a weight are sources too. */
export function configuredRules(correlation: Correlation): GroupRules {
  const { windowSeconds, usualWeight, weights, groups } = correlation
  const names = new Set([...Object.keys(weights), ...Object.keys(groups.sources)])
  return {
    isEnabled: groups.enabled,
    windowSeconds: groups.windowSeconds ?? windowSeconds,
    minSources: groups.minSources,
    threshold: groups.threshold,
    usualWeight: groups.usualWeight ?? usualWeight,
    halfLifeSeconds: groups.halfLifeSeconds,
    sources: new Map([...names].map(name => [name, sourceOf(name, correlation)])),
  }
}

function sourceOf(name: string, { weights, usualWeight, groups }: Correlation): SignalSource {
  const told = Object.hasOwn(groups.sources, name) ? groups.sources[name] : undefined
  const known = Object.hasOwn(weights, name) ? weights[name] : undefined
  return {
    weight: told?.weight ?? known ?? groups.usualWeight ?? usualWeight,
    mode: told?.mode ?? 'primary',
    dimensions: (told?.matchBy ?? []).map(by => DIMENSION[by]),
    confidences: told?.confidences ?? {},
    ...(told?.type === undefined ? {} : { type: told.type }),
  }
}
