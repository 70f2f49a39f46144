// Counters and histograms by their labels, written as Prometheus reads them (text format 0.0.4).

type Labels = Readonly<Record<string, string>>

/** Sets of labels of one metric; of more the value goes to one that says `other` everywhere. */
const SERIES_MAX = 1000

export class Series {
  readonly #name: string
  readonly #kind: 'counter' | 'gauge'
  readonly #help: string
  readonly #begun: readonly Labels[]
  readonly #values = new Map<string, number>()

  /** `begun`: series that are there before anything was counted. */
  constructor(name: string, kind: 'counter' | 'gauge', help: string, begun: readonly Labels[] = []) {
    this.#name = `prefixd_${name}`
    this.#kind = kind
    this.#help = help
    this.#begun = begun
    this.set([])
  }

  add(labels: Labels, value = 1): void {
    const text = textOf(labels)
    const isKnown = this.#values.has(text) || this.#values.size < SERIES_MAX
    const key = isKnown ? text : textOf(Object.fromEntries(Object.keys(labels).map(name => [name, 'other'])))
    this.#values.set(key, (this.#values.get(key) ?? 0) + value)
  }

  /** In place of all there were; values of the same labels are added up. */
  set(values: readonly (readonly [Labels, number])[]): void {
    this.#values.clear()
    for (const labels of this.#begun) this.#values.set(textOf(labels), 0)
    for (const [labels, value] of values) this.add(labels, value)
  }

  text(): string {
    const lines = [...this.#values].map(([labels, value]) => `${this.#name}${labels} ${value}\n`)
    return headOf(this.#name, this.#kind, this.#help) + lines.join('')
  }
}

export class Histogram {
  readonly #name: string
  readonly #help: string
  readonly #bounds: readonly number[]
  readonly #values = new Map<string, { readonly labels: Labels; readonly counts: number[]; sum: number }>()

  constructor(name: string, help: string, bounds: readonly number[], begun: readonly Labels[] = []) {
    this.#name = `prefixd_${name}`
    this.#help = help
    this.#bounds = bounds
    for (const labels of begun) this.#of(labels)
  }

  add(labels: Labels, value: number): void {
    const series = this.#of(labels)
    const at = this.#bounds.findIndex(bound => value <= bound)
    const bucket = at < 0 ? this.#bounds.length : at
    series.counts[bucket] = (series.counts[bucket] ?? 0) + 1
    series.sum += value
  }

  #of(labels: Labels) {
    const key = textOf(labels)
    const known = this.#values.get(key)
    if (known !== undefined) return known
    const made = { labels, counts: Array.from({ length: this.#bounds.length + 1 }, () => 0), sum: 0 }
    if (this.#values.size < SERIES_MAX) this.#values.set(key, made)
    return made
  }

  text(): string {
    let text = headOf(this.#name, 'histogram', this.#help)
    for (const { labels, counts, sum } of this.#values.values()) {
      let all = 0
      for (const [at, count] of counts.entries()) {
        all += count
        const le = String(this.#bounds[at] ?? '+Inf')
        text += `${this.#name}_bucket${textOf({ ...labels, le })} ${all}\n`
      }
      text += `${this.#name}_sum${textOf(labels)} ${sum}\n${this.#name}_count${textOf(labels)} ${all}\n`
    }
    return text
  }
}

const headOf = (name: string, kind: string, help: string): string =>
  `# HELP ${name} ${help}\n# TYPE ${name} ${kind}\n`

function textOf(labels: Labels): string {
  let pairs = ''
  for (const name in labels) pairs += `${pairs === '' ? '' : ','}${name}="${escaped(labels[name] ?? '')}"`
  return pairs === '' ? '' : `{${pairs}}`
}

const ODD = /[\\"\n]/

/** Each answer to a request is counted: most words are as they are. */
function escaped(text: string): string {
  const short = text.slice(0, 200)
  if (!ODD.test(short)) return short
  return short.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}
