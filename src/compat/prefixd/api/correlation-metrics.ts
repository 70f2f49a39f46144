// What prefixd counts of groups of reports and of corroborators, by its names (0.14 to 0.17).

import type { GroupNews, GroupVerdict } from '#6-policy/signal-groups.ts'
import { Histogram, Series } from './counted.ts'

const SOURCES = [1, 2, 3, 4, 5, 10]
const CONFIDENCES = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1]
/** Of what has no labels a row is there from the start. */
const ONE = [{}]

export class CorrelationMetrics {
  readonly #groups = new Series('signal_groups_total', 'counter', 'Groups of reports that began.', ONE)
  readonly #met = new Series('corroboration_met_total', 'counter', 'Groups that agreed.', ONE)
  readonly #timeouts = new Series(
    ...(['corroboration_timeout_total', 'counter', 'Groups whose window was over before.'] as const),
    ONE,
  )
  readonly #sources = new Histogram('signal_group_sources', 'Detectors of a group in the end.', SOURCES, ONE)
  readonly #confidence = new Histogram(
    ...(['correlation_confidence', 'Confidence of a group in the end.', CONFIDENCES] as const),
    ONE,
  )
  readonly #ofSignals = {
    heard: new Series('corroborator_ingested_total', 'counter', 'Signals that corroborate.'),
    attached: new Series(
      'corroborator_attached_total',
      'counter',
      'Those that came to a group; each may to many.',
    ),
    lapsed: new Series('corroborator_expired_total', 'counter', 'Those for which no group came in time.'),
  }
  readonly #cache = new Series('corroborator_cache_size', 'gauge', 'Those that wait for a group.')

  heard(news: GroupNews): void {
    if (news.kind === 'begun') this.#groups.add({})
    else if ('verdict' in news) this.#over(news.kind, news.verdict)
    else this.#ofSignals[news.kind].add({ source: news.source })
  }

  #over(how: 'met' | 'expired', { sources, confidence }: GroupVerdict): void {
    this.#sources.add({}, sources.length)
    this.#confidence.add({}, confidence)
    const series = how === 'met' ? this.#met : this.#timeouts
    series.add({})
  }

  /** With those that wait now. */
  text(waiting: readonly { readonly source: string }[]): string {
    this.#cache.set(waiting.map(({ source }) => [{ source }, 1]))
    const all = [this.#groups, this.#sources, this.#confidence, this.#met, this.#timeouts]
    return [...all, ...Object.values(this.#ofSignals), this.#cache].map(series => series.text()).join('')
  }
}
