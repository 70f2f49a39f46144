// The configuration as prefixd's clients know it: customers and playbooks in prefixd's words.

import type { InventoryConfig } from '#6-policy/inventory-config.ts'
import type { PlaybookConfig } from '#6-policy/playbook-config.ts'

type Ports = readonly (number | string)[]

export function inventoryView({ customers }: InventoryConfig) {
  const shown = customers.map(({ id, name, prefixes, escalation, services, assets }) => ({
    ...{ customer_id: id, name, prefixes, policy_profile: escalation ?? 'normal' },
    services: services.map(service => ({
      ...{ service_id: service.id, name: service.name },
      assets: assets
        .filter(asset => asset.service === service.id)
        .map(asset => ({ ip: asset.prefix, role: asset.role ?? null })),
      allowed_ports: {
        udp: single(service.allowedPorts?.udp),
        tcp: single(service.allowedPorts?.tcp),
      },
    })),
  }))
  const services = shown.flatMap(customer => customer.services)
  return {
    customers: shown,
    total_customers: shown.length,
    total_services: services.length,
    total_assets: customers.reduce((sum, { assets }) => sum + assets.length, 0),
  }
}

/** prefixd has no ranges: of one the first port stands for all. */
const single = (ports: Ports = []): number[] => ports.map(port => Number.parseInt(String(port), 10))

const VECTORS: Readonly<Record<string, string>> = { 'ack-flood': 'ack_flood' }
const ACTIONS: Readonly<Record<string, string>> = { 'rate-limit': 'police', discard: 'discard' }

/** Native playbooks in the shape of prefixd; an action it has no word for keeps ours. */
export function playbooksView(playbooks: readonly PlaybookConfig[]) {
  return playbooks.map(({ name, match, steps, agreement }) => ({
    name,
    match: {
      vector: VECTORS[match.vectors[0] ?? ''] ?? match.vectors[0] ?? 'unknown',
      require_top_ports: match.requirePorts,
    },
    steps: steps.map(({ actions, ttlSeconds, escalateAfter }) => {
      const [action] = actions
      return {
        action: ACTIONS[action?.kind ?? ''] ?? action?.kind ?? 'none',
        rate_bps: action?.bitsPerSecond ?? null,
        ttl_seconds: ttlSeconds ?? null,
        require_confidence_at_least: escalateAfter?.minimumConfidence ?? null,
        require_persistence_seconds: escalateAfter?.seconds ?? null,
      }
    }),
    ...(agreement === undefined ? {} : { correlation: correlationView(agreement) }),
  }))
}

const correlationView = ({
  minSources,
  threshold,
  halfLifeSeconds,
}: NonNullable<PlaybookConfig['agreement']>) => ({
  min_sources: minSources ?? null,
  confidence_threshold: threshold ?? null,
  confidence_decay_half_life_seconds: halfLifeSeconds ?? null,
})
