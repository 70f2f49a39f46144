// Which group a host belongs to: the one with the longest prefix that holds it.

import type { Address } from '#lib/ip/address.ts'
import { type Prefix, parsePrefix } from '#lib/ip/prefix.ts'
import { NetworkTable } from './network-table.ts'

export class HostgroupTable {
  readonly #table: NetworkTable<string>

  /** Names and prefixes; of equal prefixes in two groups the first keeps it. Texts were validated by the schema. */
  constructor(groups: Readonly<Record<string, { readonly networks: readonly string[] }>>) {
    const entries = Object.entries(groups).flatMap(([name, { networks }]) =>
      prefixesOf(networks).map(prefix => [prefix, name] as const),
    )
    this.#table = new NetworkTable(entries)
  }

  groupOf(address: Address): string | undefined {
    return this.#table.longest(address)?.value
  }
}

/** Prefixes of validated texts. */
export function prefixesOf(texts: readonly string[]): Prefix[] {
  return texts.flatMap(text => parsePrefix(text) ?? [])
}
