// Alerts on their way: a queue for each destination, so that a slow one keeps nobody waiting; tried again with growing pauses.

import type { AlertEvent } from '#7-mitigation/alert-events.ts'
import type { Logger } from '#lib/log/logger.ts'
import type { MetricSource } from '#lib/metrics/metric.ts'
import type { Fetched, SafeRequest } from '#lib/safe-fetch.ts'
import type { Alert } from './alert.ts'
import { type Destination, requestFor, type Service } from './destination.ts'

export interface SenderOptions {
  readonly fetch: (request: SafeRequest) => Promise<Fetched>
  readonly log: Logger
  /** After the first try that failed; doubled after each more. */
  readonly tryAgainMs?: number
  /** Alerts that may wait for one destination; of more the oldest go. */
  readonly waitingMax?: number
}

const TRY_AGAIN_MS = 2000
const TRY_AGAIN_MS_MAX = 300_000
const TRIES_MAX = 8
const WAITING_MAX = 1000

type Fate = 'sent' | 'refused' | 'dropped'

interface Line {
  destination: Destination
  readonly waiting: Alert[]
  isBusy: boolean
  isTroubled: boolean
}

export interface Delivery {
  readonly destination: string
  /** Missing: it was taken. */
  readonly error?: string
}

export class WebhookSender {
  readonly #options: SenderOptions
  /** By the kind of service, of all there were. */
  readonly #fates = new Map<Service['type'], Record<Fate, number>>()
  #again = 0
  #lines: readonly Line[] = []
  #events: readonly AlertEvent[] = []
  #isStopped = false
  /** Pauses that are waited for. */
  readonly #pauses = new Set<() => void>()

  constructor(options: SenderOptions) {
    this.#options = options
  }

  /**
   * Tells these from now on. What waits for one that stays goes on waiting, and is tried by its new settings; what waits
   * for one that is gone is lost. `events`: only these of all; empty: all.
   */
  reconfigure(destinations: readonly Destination[], events: readonly AlertEvent[]): void {
    const before = new Map(this.#lines.map(line => [line.destination.id, line]))
    this.#events = events
    this.#lines = destinations.map(destination => {
      this.#fatesOf(destination)
      const line = before.get(destination.id)
      before.delete(destination.id)
      if (line === undefined) return { destination, waiting: [], isBusy: false, isTroubled: false }
      line.destination = destination
      return line
    })
    for (const gone of before.values()) this.#count(gone, 'dropped', gone.waiting.splice(0).length)
  }

  /** Never throws, never waits. */
  tell(alert: Alert): void {
    if (this.#isStopped || !isWanted(alert, this.#events)) return
    for (const line of this.#lines) {
      if (!isWanted(alert, line.destination.events)) continue
      line.waiting.push(alert)
      if (line.waiting.length > (this.#options.waitingMax ?? WAITING_MAX)) {
        line.waiting.shift()
        this.#count(line, 'dropped')
      }
      this.#pump(line)
    }
  }

  /** Sends one to each at once, whatever they want to hear; gives how it went. */
  test(alert: Alert): Promise<readonly Delivery[]> {
    return Promise.all(
      this.#lines.map(async ({ destination: { name, service } }) => {
        const error = errorOf(await this.#options.fetch(requestFor(alert, service)))
        return { destination: name, ...(error === undefined ? {} : { error }) }
      }),
    )
  }

  readonly metrics: MetricSource = () => {
    const waiting = this.#lines.reduce((sum, line) => sum + line.waiting.length, 0)
    const lost = 'floodwarden_alerts_lost_total'
    return [
      ...[...this.#fates].flatMap(([service, { sent, refused, dropped }]) => [
        { name: 'floodwarden_alerts_sent_total', value: sent, labels: { service } },
        { name: lost, value: refused, labels: { service, why: 'refused' } },
        { name: lost, value: dropped, labels: { service, why: 'dropped' } },
      ]),
      { name: 'floodwarden_alerts_tried_again_total', value: this.#again },
      { name: 'floodwarden_alerts_waiting', value: waiting },
    ]
  }

  #count({ destination }: Line, fate: Fate, alerts = 1): void {
    this.#fatesOf(destination)[fate] += alerts
  }

  #fatesOf({ service: { type } }: Destination): Record<Fate, number> {
    const known = this.#fates.get(type)
    if (known !== undefined) return known
    const fates = { sent: 0, refused: 0, dropped: 0 }
    this.#fates.set(type, fates)
    return fates
  }

  stop(): void {
    this.#isStopped = true
    for (const end of this.#pauses) end()
  }

  #pump(line: Line): void {
    if (line.isBusy || this.#isStopped || line.waiting.length === 0) return
    line.isBusy = true
    void this.#sendAll(line).finally(() => {
      line.isBusy = false
      // What came since the last look into the queue.
      this.#pump(line)
    })
  }

  async #sendAll(line: Line): Promise<void> {
    for (let alert = line.waiting.shift(); alert !== undefined; alert = line.waiting.shift()) {
      await this.#send(line, alert)
      if (this.#isStopped) return
    }
  }

  /** In order: the next one waits until this one is taken or given up. */
  async #send(line: Line, alert: Alert): Promise<void> {
    const { fetch, log, tryAgainMs = TRY_AGAIN_MS } = this.#options
    for (let tries = 1; ; tries++) {
      const { name, service } = line.destination
      const answer = await fetch(requestFor(alert, service))
      const error = errorOf(answer)
      if (error === undefined) {
        this.#count(line, 'sent')
        if (line.isTroubled) log.info('alerts are taken again', { destination: name })
        line.isTroubled = false
        return
      }
      if (!line.isTroubled) log.warn('an alert was not taken', { destination: name, error })
      line.isTroubled = true
      if (this.#isStopped || tries >= TRIES_MAX || !mayComeThrough(answer)) {
        this.#count(line, 'refused')
        return
      }
      this.#again++
      const wanted = answer.kind === 'answered' ? (answer.retryAfterSeconds ?? 0) * 1000 : 0
      await this.#pause(Math.min(TRY_AGAIN_MS_MAX, Math.max(wanted, tryAgainMs * 2 ** (tries - 1))))
      if (this.#isStopped || !this.#lines.includes(line)) {
        this.#count(line, 'dropped')
        return
      }
    }
  }

  #pause(ms: number): Promise<void> {
    return new Promise(done => {
      const end = () => {
        clearTimeout(timer)
        this.#pauses.delete(end)
        done()
      }
      const timer = setTimeout(end, ms).unref()
      this.#pauses.add(end)
    })
  }
}

const isWanted = ({ event_type: event }: Alert, wanted: readonly AlertEvent[]): boolean =>
  wanted.length === 0 || wanted.includes(event)

/** Of an answer the status alone: what servers say may quote what they were sent. */
function errorOf(answer: Fetched): string | undefined {
  if (answer.kind !== 'answered') return answer.error
  return answer.status >= 200 && answer.status < 300 ? undefined : `HTTP ${answer.status}`
}

const mayComeThrough = (answer: Fetched): boolean =>
  answer.kind === 'failed' ||
  (answer.kind === 'answered' && (answer.status >= 500 || answer.status === 429 || answer.status === 408))
