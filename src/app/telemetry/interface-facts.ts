// What is known of the interfaces of one exporter, in numbers that can be sent to another thread.

import type { KnownExporter } from '#2-decode/exporter-list.ts'
import type { InterfaceCounters } from '#2-decode/sflow/interface-counters.ts'

/** Its numbers alone. */
export type ReportedCounters = Readonly<Omit<InterfaceCounters, 'readGeneric' | 'readEthernet'>>

export interface InterfacesFacts {
  readonly name: string
  /** By index, as TRAFFIC has the words: totals, and the same by the second. */
  readonly traffic: readonly {
    readonly index: number
    readonly totals: Float64Array
    readonly rates: Float64Array
  }[]
  /** As the exporter reports them, of each of its domains. */
  readonly counters: readonly { readonly index: number; readonly counters: ReportedCounters }[]
  readonly unlistedPackets: number
}

/** `now` in milliseconds of the steady clock. */
export function interfaceFacts({ state, rule }: KnownExporter, now: number): InterfacesFacts {
  const { traffic, domains } = state
  return {
    name: rule?.name ?? '',
    traffic: [...traffic.byIndex].map(([index, totals]) => ({
      ...{ index, totals: totals.slice(), rates: traffic.ratesOf(index, now) },
    })),
    counters: [...domains.values()].flatMap(({ interfaces }) =>
      [...interfaces].map(([index, counters]) => ({ index, counters: { ...counters } })),
    ),
    unlistedPackets: traffic.unlistedPackets,
  }
}
