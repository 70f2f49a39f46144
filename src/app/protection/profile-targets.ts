// Whom a protection profile covers: prefixes as written, services of the inventory by their addresses and ports, or all of our networks.

import type { InventoryConfig } from '#6-policy/inventory-config.ts'
import type { ProfileConfig } from '#7-mitigation/protection/config.ts'
import { formatPrefix, parsePrefix } from '#lib/ip/prefix.ts'
import { parseSpan, prefixesOfSpan } from '#lib/ip/span.ts'

type Ports = InventoryConfig['customers'][number]['services'][number]['allowedPorts']

export interface ProfileTargets {
  /** Canonical. */
  readonly prefixes: readonly string[]
  /** FlowSpec matches; missing: all traffic to the prefixes. */
  readonly traffic?: readonly string[]
}

export function targetsOf(
  { prefixes: written, services, isDefault }: Pick<ProfileConfig, 'prefixes' | 'services' | 'isDefault'>,
  { inventory, networks }: { readonly inventory: InventoryConfig; readonly networks: readonly string[] },
): ProfileTargets {
  const isEverything = isDefault && written.length === 0 && services.length === 0
  const prefixes = isEverything ? [...networks] : written.map(canonical)
  if (services.length === 0) return { prefixes }
  const held = services.flatMap(id => targetsOfService(id, inventory))
  return {
    prefixes: [...new Set([...prefixes, ...held.map(({ prefix }) => prefix)])],
    traffic: [
      ...prefixes.map(prefix => `destination ${prefix}`),
      ...held.flatMap(({ prefix, ports }) => matchesOf(ports).map(match => `destination ${prefix}${match}`)),
    ],
  }
}

const canonical = (text: string): string => {
  const prefix = parsePrefix(text)
  return prefix === undefined ? text : formatPrefix(prefix)
}

function targetsOfService(id: string, { customers }: InventoryConfig): { prefix: string; ports: Ports }[] {
  return customers.flatMap(({ services, assets }) => {
    const service = services.find(one => one.id === id)
    if (service === undefined) return []
    return assets
      .filter(asset => asset.service === id)
      .flatMap(asset => {
        const span = parseSpan(asset.prefix)
        const ports = asset.allowedPorts ?? service.allowedPorts
        return span === undefined
          ? []
          : prefixesOfSpan(span).map(prefix => ({ prefix: formatPrefix(prefix), ports }))
      })
  })
}

/** What a protocol says nothing about is all meant to be reached. */
function matchesOf(ports: Ports): string[] {
  if (ports === undefined || (ports.tcp === undefined && ports.udp === undefined)) return ['']
  return (['tcp', 'udp'] as const).flatMap(protocol => {
    const own = ports[protocol]
    if (own === undefined) return []
    return [` protocol =${protocol} destination-port ${own.map(portText).join(',')}`]
  })
}

function portText(port: number | string): string {
  const [from = '', to] = String(port).split('-')
  return to === undefined ? `=${from}` : `>=${from}&<=${to}`
}
