// PromQL of rules and dashboards, read as far as it names metrics and labels.

export type Known = ReadonlyMap<string, { readonly labels: readonly string[]; readonly source: string }>

interface Target {
  readonly expr: string
  readonly legendFormat: string
  readonly refId: string
  readonly datasource: { readonly uid: string }
}

interface Panel {
  readonly id: number
  readonly type: string
  readonly description?: string
  readonly datasource?: { readonly uid: string }
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number }
  readonly targets?: readonly Target[]
}

export interface Dashboard {
  readonly id: null
  readonly uid: string
  readonly title: string
  readonly schemaVersion: number
  readonly templating: {
    readonly list: readonly { readonly name: string; readonly type: string; readonly definition?: string }[]
  }
  readonly panels: readonly Panel[]
}

export interface Asked {
  readonly expr: string
  /** Text that shows labels as {{label}} or $labels.label. */
  readonly legends: string
}

/** Of every panel. */
export const expressionsOf = ({ panels }: Dashboard): Asked[] =>
  panels.flatMap(({ targets = [] }) =>
    targets.map(({ expr, legendFormat }) => ({ expr, legends: legendFormat })),
  )

/** What its variables choose from: `label_values(METRIC, LABEL)`. */
export const variablesOf = ({ templating }: Dashboard): Asked[] =>
  templating.list.flatMap(({ definition }) =>
    definition === undefined ? [] : [{ expr: definition, legends: '' }],
  )

/** Labels that whoever scrapes adds. */
const OF_SCRAPING = ['instance', 'job']
const METRIC = /\b((?:floodwarden|fastnetmon)_[a-z0-9_]+)(?:\{([^}]*)\})?/g
const MATCHER = /([a-z_]+)(?:=~|!~|!=|=)"([^"]*)"/g
const GROUPING = /\b(?:by|without|on|ignoring|group_left|group_right) ?\(([^)]*)\)/g
const SHOWN = /\{\{ *(?:\$labels\.)?([a-z_]+) *\}\}/g

/** Metrics, labels and values of labels that nobody declares. */
export function inventedIn(expr: string, legends: string, known: Known): string[] {
  const invented: string[] = []
  const labels = new Set(OF_SCRAPING)
  for (const [, name = '', matchers = ''] of expr.matchAll(METRIC)) {
    const metric = known.get(name)
    if (metric === undefined) {
      invented.push(name)
      continue
    }
    for (const label of metric.labels) labels.add(label)
    invented.push(...inventedMatchers(name, matchers, metric))
  }
  for (const [, list = ''] of expr.matchAll(GROUPING))
    for (const label of list.split(',').map(part => part.trim()))
      if (!labels.has(label)) invented.push(`${label} in ${expr}`)
  for (const [, label = ''] of legends.matchAll(SHOWN))
    if (!labels.has(label)) invented.push(`{{${label}}} of ${expr}`)
  return invented
}

function inventedMatchers(
  name: string,
  matchers: string,
  { labels, source }: { labels: readonly string[]; source: string },
) {
  return [...matchers.matchAll(MATCHER)].flatMap(([, label = '', values = '']) => {
    if (OF_SCRAPING.includes(label)) return []
    if (!labels.includes(label)) return [`${name}{${label}}`]
    const isWritten = (value: string) => new RegExp(`(?:^|[^\\w-])${value}(?:$|[^\\w-])`, 'm').test(source)
    return values
      .split('|')
      .filter(value => !isWritten(value))
      .map(value => `${name}{${label}="${value}"}`)
  })
}

/** Panels that leave the 24 columns or lie on another one. */
export function badGrid({ panels }: Dashboard): number[] {
  const taken = new Set<string>()
  return panels.flatMap(({ id, gridPos: { x, y, w, h } }) => {
    const cells = Array.from({ length: w * h }, (_, at) => `${x + (at % w)} ${y + Math.floor(at / w)}`)
    const isBad = x < 0 || x + w > 24 || cells.some(cell => taken.has(cell))
    for (const cell of cells) taken.add(cell)
    return isBad ? [id] : []
  })
}
