// Sends numbers to one server each period: one push at a time, each with a deadline, and fewer while the server is away.

import { errorText } from '#lib/log/facts.ts'
import type { Logger } from '#lib/log/logger.ts'
import type { MetricSource } from '#lib/metrics/metric.ts'

/** What became of a push. `error`: it ended early or lines were refused. */
export interface Pushed {
  readonly lines: number
  readonly failedLines: number
  readonly error: string | undefined
  /** The server asked to be left alone for so long. */
  readonly pauseSeconds?: number
}

export interface PushPlan<Numbers> {
  /** The kind of server, for metrics and the log. */
  readonly to: 'graphite' | 'influxdb' | 'clickhouse' | 'otlp'
  readonly server: string
  readonly everySeconds: number
  /** Rejects when there are no numbers now. */
  readonly snapshot: () => Promise<Numbers>
  /** Never takes longer than the signal allows. May reject. */
  readonly push: (snapshot: Numbers, signal: AbortSignal) => Promise<Pushed>
  readonly log: Logger
  /** Monotonic, in ms; only tests have another. */
  readonly now?: () => number
  /** 30 s unless a test is in a hurry. */
  readonly deadlineMs?: number
}

/** After the first failure; doubled after each more. */
const PAUSE_MS = 1000
const PAUSE_MS_MAX = 60_000
/** Longer than that nobody is waited for, whatever he asks. */
const ASKED_MS_MAX = 600_000
const DEADLINE_MS = 30_000

export class PushLoop<Numbers> {
  readonly #plan: PushPlan<Numbers>
  readonly #now: () => number
  readonly #stopped = new AbortController()
  readonly #counts = { written: 0, failed: 0, busy: 0, paused: 0 }
  #lines = 0
  #failedLines = 0
  #lastSeconds = 0
  #failures = 0
  #pausedUntil = 0
  #timer: NodeJS.Timeout | undefined
  #pushing: Promise<void> | undefined

  constructor(plan: PushPlan<Numbers>) {
    this.#plan = plan
    this.#now = plan.now ?? (() => performance.now())
  }

  start(): void {
    this.#timer = setInterval(() => this.due(), this.#plan.everySeconds * 1000)
  }

  /** A period is over. */
  due(): void {
    if (this.#stopped.signal.aborted) return
    if (this.#pushing !== undefined) this.#counts.busy++
    else if (this.#now() < this.#pausedUntil) this.#counts.paused++
    else {
      this.#pushing = this.#push().finally(() => {
        this.#pushing = undefined
      })
    }
  }

  /** Settles when no push is going on. */
  async idle(): Promise<void> {
    await this.#pushing
  }

  /** No push begins any more; settles when the one that is going on has ended, which has a deadline. */
  async leave(): Promise<void> {
    clearInterval(this.#timer)
    this.#timer = undefined
    await this.#pushing
  }

  /** A push that is going on is given up. */
  async stop(): Promise<void> {
    clearInterval(this.#timer)
    this.#stopped.abort(new Error('we are stopping'))
    await this.#pushing
  }

  readonly metrics: MetricSource = () => {
    const { to } = this.#plan
    return [
      ...Object.entries(this.#counts).map(([outcome, value]) => ({
        name: 'floodwarden_export_pushes_total',
        value,
        labels: { to, outcome },
      })),
      { name: 'floodwarden_export_lines_total', value: this.#lines, labels: { to } },
      { name: 'floodwarden_export_lines_failed_total', value: this.#failedLines, labels: { to } },
      { name: 'floodwarden_export_push_seconds', value: this.#lastSeconds, labels: { to } },
    ]
  }

  async #push(): Promise<void> {
    const startedAt = this.#now()
    const { snapshot, push, deadlineMs = DEADLINE_MS } = this.#plan
    const signal = AbortSignal.any([this.#stopped.signal, AbortSignal.timeout(deadlineMs)])
    try {
      const { lines, failedLines, error, pauseSeconds = 0 } = await push(await snapshot(), signal)
      this.#lines += lines
      this.#failedLines += failedLines
      if (error === undefined) this.#succeeded()
      else this.#failed(error, pauseSeconds * 1000)
    } catch (error) {
      this.#failed(errorText(error))
    }
    this.#lastSeconds = (this.#now() - startedAt) / 1000
  }

  #succeeded(): void {
    const { to, server, log } = this.#plan
    this.#counts.written++
    if (this.#failures > 0) log.info('numbers are taken again', { to, server, after: this.#failures })
    this.#failures = 0
  }

  #failed(error: string, askedMs = 0): void {
    if (this.#stopped.signal.aborted) return
    const { to, server, log } = this.#plan
    this.#counts.failed++
    if (this.#failures === 0) log.warn('numbers are not taken', { to, server, error })
    const own = Math.min(PAUSE_MS_MAX, PAUSE_MS * 2 ** Math.min(20, this.#failures))
    const pause = Math.max(own, Math.min(ASKED_MS_MAX, askedMs))
    this.#failures++
    this.#pausedUntil = this.#now() + pause
  }
}
