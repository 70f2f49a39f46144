// Prometheus text exposition format 0.0.4.

import type { MetricDeclaration, MetricValue } from '#lib/metrics/metric.ts'
import type { MetricFamily } from '#lib/metrics/registry.ts'

export const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

/** The families as text: HELP and TYPE once for each, then its samples, every line ended. */
export function exposition(families: readonly MetricFamily[]): string {
  let text = ''
  for (const { declaration, values } of families) {
    text += head(declaration)
    for (const value of values) text += sampleLine(declaration, value)
  }
  return text
}

const head = ({ name, help, kind }: MetricDeclaration): string =>
  `# HELP ${name} ${help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}\n# TYPE ${name} ${kind}\n`

/** As both text formats write it. */
export function sampleLine(
  { name, labels }: MetricDeclaration,
  { value, labels: given }: MetricValue,
): string {
  const pairs = (labels ?? []).map(label => `${label}="${escapeLabel(given?.[label] ?? '')}"`)
  return `${name}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${numberText(value)}\n`
}

/** As a label's value, and in OpenMetrics the help too. */
export const escapeLabel = (text: string): string =>
  text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')

function numberText(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf'
  return String(value)
}
