// What a cause of trouble with flow telemetry looks at, and how it says what it found.

import type { Exporter, Exporters, TelemetryListener } from '#api/contract/exporters.ts'
import type { NetworkReading } from '#lib/linux/network-reading.ts'
import type { ResolvedConfig } from '../config/config.ts'
import type { Finding } from './doctor.ts'

export interface TelemetrySeen {
  readonly config: ResolvedConfig
  readonly exporters: Exporters
  readonly nowMs: number
  /** The kernel's view, at two moments; missing when it was not looked at. */
  readonly arrival?: Arrival
}

/** The kernel's counters before and after some time, and what the daemon knew at its beginning. */
export interface Arrival {
  readonly seconds: number
  readonly earlier: NetworkReading
  readonly later: NetworkReading
  readonly earlierListeners: readonly TelemetryListener[]
}

export type Trouble = Omit<Finding, 'name'>
/** One thing that may be wrong: what was found of it, nothing when it is well. */
export type Cause = (seen: TelemetrySeen) => Trouble[]

export const warning = (detail: string, remedy: string): Trouble => ({ verdict: 'warning', detail, remedy })
export const bad = (detail: string, remedy: string): Trouble => ({ verdict: 'bad', detail, remedy })

/** Exporters a cause holds for, in one finding. */
export function each(
  { exporters: { exporters } }: TelemetrySeen,
  evidence: (exporter: Exporter) => string | undefined,
  finding: (list: string) => Trouble,
): Trouble[] {
  const found = exporters.flatMap(exporter => {
    const text = evidence(exporter)
    return text === undefined ? [] : [`${nameOf(exporter)} ${text}`]
  })
  return found.length === 0 ? [] : [finding(shownOf(found))]
}

/** Of many things some. */
export const SHOWN_MAX = 5

export function shownOf(found: readonly string[]): string {
  const shown = found.slice(0, SHOWN_MAX)
  const rest = found.length > shown.length ? `, and ${found.length - shown.length} more` : ''
  return shown.join(', ') + rest
}

export const nameOf = ({ address, name }: Pick<Exporter, 'address' | 'name'>): string =>
  name === '' ? address : `${name} (${address})`

/** The port a listener has, 0 when it is chosen by the kernel. */
export const portOf = ({ listen }: TelemetryListener): number =>
  Number(listen.slice(listen.lastIndexOf(':') + 1))

/** Ports, each once: `port 2055, port 6343`. */
export const portsText = (ports: readonly number[]): string =>
  [...new Set(ports)].map(port => `port ${port}`).join(', ')
