// Speeds of our networks as wholes at one moment, as rows of numbers that can be sent to another thread.

import { INCOMING, METRIC, type Metric, OUTGOING, ROW, type Speeds } from '#3-traffic/metric.ts'
import { formatPrefix } from '#lib/ip/prefix.ts'
import type { Engine } from '../engine.ts'

export interface NetworkRows {
  /** Wall clock, ms since 1970 UTC. */
  readonly at: number
  /** Canonical text, such as 10.99.0.0/16. */
  readonly prefixes: readonly string[]
  /** By network a pair of rows (METRIC), incoming and outgoing: averages per second. Flows are left out, as FastNetMon leaves them out: 0. */
  readonly rows: Float64Array
  /** By network 1 when no wider network of ours holds it, else 0: these together are all our traffic, each packet once. */
  readonly widest: Uint8Array
}

export function networkRowsOf({ detector, now }: Engine): NetworkRows {
  const { networks } = detector
  const { list } = networks
  const rows = new Float64Array(list.length * ROW * 2)
  for (const [network, { incoming, outgoing }] of list.entries()) {
    put(rows, network * ROW * 2 + INCOMING, incoming)
    put(rows, network * ROW * 2 + OUTGOING, outgoing)
  }
  const widest = Uint8Array.from(list, (_, network) => (networks.widerThan(network) < 0 ? 1 : 0))
  return { at: now.wallMs, prefixes: list.map(({ prefix }) => formatPrefix(prefix)), rows, widest }
}

function put(rows: Float64Array, base: number, speeds: Speeds): void {
  for (const [name, at] of Object.entries(METRIC))
    if (at !== METRIC.flows) rows[base + at] = speeds[name as Metric]
}
