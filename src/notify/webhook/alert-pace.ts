// Alerts that others can cause at will, held to a pace: a few are told at once, beyond that one summary a minute. What was
// told already is not told again for a while. Without it a storm of refused reports would crowd out what matters.

import type { MetricSource } from '#lib/metrics/metric.ts'
import type { Alert } from './alert.ts'

export interface PaceOptions {
  readonly tell: (alert: Alert) => void
  readonly now: () => number
  /** A minute unless a test is in a hurry. */
  readonly minuteMs?: number
}

/** Alerts told one by one within a minute. */
const PER_MINUTE = 10
/** The same is told again after so long. */
const AGAIN_MS = 3_600_000
/** Of what was told so much is remembered; of more the oldest may be told again. */
const REMEMBERED_MAX = 10_000
const MINUTE_MS = 60_000

export class AlertPace {
  readonly #options: PaceOptions
  /** What was told, and when; the oldest first. */
  readonly #told = new Map<string, number>()
  /** When alerts of the last minute were told. */
  #recent: number[] = []
  #left: { readonly first: Alert; count: number } | undefined
  #summary: NodeJS.Timeout | undefined
  readonly #counts = { repeated: 0, summed: 0 }

  constructor(options: PaceOptions) {
    this.#options = options
  }

  /** Tells it now, with others in a summary, or not at all when the same was told lately. `what` says what is the same. */
  tell(what: string, alert: Alert): void {
    const { tell, now, minuteMs = MINUTE_MS } = this.#options
    const at = now()
    if (this.#wasTold(what, at)) {
      this.#counts.repeated++
      return
    }
    this.#recent = this.#recent.filter(time => at - time < minuteMs && time <= at)
    if (this.#recent.length < PER_MINUTE) {
      this.#recent.push(at)
      tell(alert)
      return
    }
    this.#counts.summed++
    this.#left ??= { first: alert, count: 0 }
    this.#left.count++
    this.#summary ??= setTimeout(() => this.#sumUp(), minuteMs).unref()
  }

  /** Remembers it as told. A clock that was put back makes nothing wait longer. */
  #wasTold(what: string, at: number): boolean {
    const before = this.#told.get(what)
    if (before !== undefined && before <= at && at - before < AGAIN_MS) return true
    this.#told.delete(what)
    this.#told.set(what, at)
    const [oldest] = this.#told.keys()
    if (this.#told.size > REMEMBERED_MAX && oldest !== undefined) this.#told.delete(oldest)
    return false
  }

  #sumUp(): void {
    const { tell, now } = this.#options
    const left = this.#left
    this.#summary = undefined
    this.#left = undefined
    if (left === undefined) return
    const { event_type, severity, title, source, message } = left.first
    tell({
      ...{ event_type, severity, title, source, timestamp: new Date(now()).toISOString() },
      message: `${left.count} more within a minute, the first of them: ${message}`,
    })
  }

  readonly metrics: MetricSource = () => {
    const name = 'floodwarden_alerts_joined_total'
    return [
      { name, value: this.#counts.repeated, labels: { how: 'repeated' } },
      { name, value: this.#counts.summed, labels: { how: 'summary' } },
    ]
  }

  /** What was left for a summary is told by nobody. */
  stop(): void {
    clearTimeout(this.#summary)
  }
}
