// The reference page of metrics, gathered from every metrics.ts.

import { exportsOf, pageHead, table } from './exports.ts'

interface Declared {
  readonly folder: string
  readonly name: string
  readonly kind: string
  readonly help: string
  readonly labels: string
}

const INTRODUCTION = `
Prometheus reads them at \`metrics.listen\` (127.0.0.1:9209), path \`/metrics\`. Counters end in \`_total\`; units stand last in a name.
The names that begin with \`fastnetmon_\` are FastNetMon's own, for dashboards that exist.
`

export async function metricsPage(): Promise<string> {
  const declared = (await exportsOf('metrics.ts')).flatMap(({ folder, exports }) =>
    Object.values(exports).flatMap(value => declarationsOf(value, folder)),
  )
  const byName = new Map(declared.map(metric => [metric.name, metric]))
  const folders = [...new Set(declared.map(metric => metric.folder))]
  const parts = folders.map(folder => {
    const metrics = [...byName.values()].filter(metric => metric.folder === folder)
    const rows = metrics
      .toSorted((a, b) => (a.name < b.name ? -1 : 1))
      .map(({ name, kind, labels, help }) => [`\`${name}\``, kind, labels, help])
    return `## ${folder}\n\n${table(['metric', 'kind', 'labels', 'meaning'], rows)}`
  })
  return `${pageHead('Metrics', 'src/**/metrics.ts')}${INTRODUCTION}\n${parts.join('\n\n')}\n`
}

/** The metrics in a list of declarations; nothing for whatever else a file exports. */
function declarationsOf(value: unknown, folder: string): Declared[] {
  if (!Array.isArray(value)) return []
  return value.flatMap((entry: unknown) => {
    if (
      typeof entry !== 'object' ||
      entry === null ||
      !('name' in entry && 'kind' in entry && 'help' in entry)
    )
      return []
    const labels = 'labels' in entry && Array.isArray(entry.labels) ? entry.labels.join(', ') : ''
    return [{ folder, name: String(entry.name), kind: String(entry.kind), help: String(entry.help), labels }]
  })
}
