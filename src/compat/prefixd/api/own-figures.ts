// What our own metrics count already, under the names and labels of prefixd.

import type { MetricFamily } from '#lib/metrics/registry.ts'

type Labels = Readonly<Record<string, string>>
type Rows = readonly (readonly [labels: Labels, value: number])[]

/** Our metrics at one moment: as families, and as the page they are. */
export interface OwnMetrics {
  readonly text: string
  readonly families: readonly MetricFamily[]
}

export interface OwnFigures {
  readonly reloads: Rows
  readonly reconciliations: Rows
  readonly alerts: Rows
  readonly rowErrors: Rows
  readonly connections: Rows
}

/** Rows of the same labels are to be added up. */
export function figuresOf(families: readonly MetricFamily[]): OwnFigures {
  const rows = (name: string, words: (labels: Labels) => Labels): Rows =>
    families
      .filter(({ declaration }) => declaration.name === name)
      .flatMap(({ values }) => values.map(({ labels = {}, value }) => [words(labels), value] as const))
  const status = (isFine: boolean) => ({ status: isFine ? 'success' : 'error' })
  const destination = ({ service = '' }: Labels) => ({ destination: service })
  const connections = rows('floodwarden_store_connections', ({ state }) => ({
    state: state === 'busy' ? 'active' : 'idle',
  }))
  return {
    reloads: rows('floodwarden_configuration_reloads_total', ({ outcome }) => status(outcome === 'applied')),
    reconciliations: rows('floodwarden_bgp_comparisons_total', ({ result }) => status(result === 'done')),
    alerts: [
      ...rows('floodwarden_alerts_sent_total', labels => ({ ...destination(labels), ...status(true) })),
      ...rows('floodwarden_alerts_lost_total', labels => ({ ...destination(labels), ...status(false) })),
    ],
    rowErrors: rows('floodwarden_store_rows_set_aside_total', ({ table = '' }) => ({ table })),
    connections: [...connections, ...connections.map(([, value]) => [{ state: 'total' }, value] as const)],
  }
}
