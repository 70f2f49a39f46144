// OpenMetrics 1.0 text format: what Prometheus asks for first.
//
// Samples have the names they have in the old format. Counters that FastNetMon named without `_total` may not be counters here and are
// `unknown`. There is no `_created`: it would be a series more for each counter, and all of ours begin with the process.

import type { MetricDeclaration } from '#lib/metrics/metric.ts'
import type { MetricFamily } from '#lib/metrics/registry.ts'
import { escapeLabel, sampleLine } from './exposition.ts'

export const OPENMETRICS_TYPE = 'application/openmetrics-text; version=1.0.0; charset=utf-8'

const TOTAL = '_total'
/** Base units of OpenMetrics that our names end with. */
const UNIT = /_(seconds|bytes)$/

/** The families as text: metadata once for each, then its samples, `# EOF` at the end. */
export function openmetrics(families: readonly MetricFamily[]): string {
  let text = ''
  for (const { declaration, values } of families) {
    text += head(declaration)
    for (const value of values) text += sampleLine(declaration, value)
  }
  return `${text}# EOF\n`
}

function head({ name, kind, help }: MetricDeclaration): string {
  const isCounter = kind === 'counter' && name.endsWith(TOTAL)
  const family = isCounter ? name.slice(0, -TOTAL.length) : name
  const type = isCounter ? 'counter' : kind === 'counter' ? 'unknown' : kind
  const unit = UNIT.exec(family)?.[1]
  return [
    `# TYPE ${family} ${type}\n`,
    unit === undefined ? '' : `# UNIT ${family} ${unit}\n`,
    `# HELP ${family} ${escapeLabel(help)}\n`,
  ].join('')
}
