// Mails about attacks: composed at once, kept on disk, sent one after another, joined when there are too many.

import type { TextStyle } from '#5-evidence/report-text.ts'
import type { Logger } from '#lib/log/logger.ts'
import type { MetricSource } from '#lib/metrics/metric.ts'
import {
  composeMail,
  composeSummary,
  type Mail,
  type MailKind,
  type Summary,
  summaryLine,
  type Told,
} from './compose.ts'
import type { EmailConfig } from './config.ts'
import { MailQueue, type Waiting } from './mail-queue.ts'
import { type Delivery, deliver } from './smtp.ts'

export interface MailerOptions {
  readonly config: EmailConfig
  readonly directory: string
  readonly style: TextStyle
  readonly log: Logger
  readonly now: () => number
  /** After the first try that failed; doubled after each more. 10 s unless a test is in a hurry. */
  readonly tryAgainMs?: number
  readonly minuteMs?: number
}

const TRY_AGAIN_MS = 10_000
const TRY_AGAIN_MS_MAX = 15 * 60_000
const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000
/** A timer of Node takes no longer time. */
const SLEEP_MS_MAX = 600_000
const SUMMARY_LINES_MAX = 1000
/** A summary that grows is saved so often at most. */
const SAVE_MS = 500

export class Mailer {
  readonly #options: MailerOptions
  readonly #queue: MailQueue
  readonly #counts = { taken: 0, later: 0, refused: 0, joined: 0 }
  /** When the mails of the last minute were made. */
  #recent: number[] = []
  #summary: { id: string; at: number; dueAt: number; lines: string[]; more: number } | undefined
  #saving: NodeJS.Timeout | undefined
  #wake: NodeJS.Timeout | undefined
  #sending: Promise<void> | undefined
  /** The server is left alone until then. */
  #pausedUntil = 0
  /** Nothing is sent before: another mailer may still use the directory. */
  #isStarted = false
  #isStopped = false
  #troubled = false

  constructor(options: MailerOptions) {
    const { directory, config } = options
    this.#options = options
    this.#queue = new MailQueue({
      directory,
      waitingMax: config.waitingMax,
      waitingMs: config.waitingHours * HOUR_MS,
    })
  }

  /** Takes up what an earlier run left; never rejects. */
  async start(): Promise<void> {
    try {
      await this.#queue.open()
    } catch (error) {
      const { log, directory } = this.#options
      log.warn('mails cannot be kept on disk and wait in memory', { directory, error })
    }
    this.#isStarted = true
    this.#pump()
  }

  /** Keeps a mail of this kind, or a line of a summary. */
  tell(kind: MailKind, told: Told): void {
    const { config, style, now, minuteMs = MINUTE_MS } = this.#options
    if (this.#isStopped || (kind === 'ended' && !config.ended)) return
    const at = now()
    this.#recent = this.#recent.filter(time => at - time < minuteMs && time <= at)
    if (this.#recent.length >= config.perMinute) {
      this.#join(summaryLine(kind, told), at + minuteMs)
      return
    }
    this.#recent.push(at)
    void this.#queue.put(composeMail(kind, told, style, at)).then(() => this.#pump())
  }

  readonly metrics: MetricSource = () => {
    const { taken, later, refused, joined } = this.#counts
    const { dropped, unreadable, unsaved, size } = this.#queue
    return [
      { name: 'floodwarden_mails_taken_total', value: taken },
      { name: 'floodwarden_mails_tried_again_total', value: later },
      { name: 'floodwarden_mails_lost_total', value: refused, labels: { why: 'refused' } },
      { name: 'floodwarden_mails_lost_total', value: dropped, labels: { why: 'dropped' } },
      { name: 'floodwarden_mails_lost_total', value: unreadable, labels: { why: 'unreadable' } },
      { name: 'floodwarden_mails_joined_total', value: joined },
      { name: 'floodwarden_mails_unsaved_total', value: unsaved },
      { name: 'floodwarden_mails_waiting', value: size },
    ]
  }

  /** Saves what is not saved, and lets a mail that is on its way arrive, but no longer than so many milliseconds. */
  async stop(deadlineMs: number): Promise<void> {
    this.retire()
    if (this.#saving !== undefined) this.#saveSummary()
    const { promise: late, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, deadlineMs)
    await Promise.race([Promise.all([this.#sending, this.#queue.settled()]), late])
    clearTimeout(timer)
  }

  /** Begins no mail from here on: another mailer of the same directory has taken its place, and its turn comes after `leave`. */
  retire(): void {
    this.#isStopped = true
    clearTimeout(this.#wake)
  }

  /**
   * Ends for another mailer of the same directory, when a mail that is on its way has arrived: a connection has its own
   * deadlines. Gives the mails that no disk has.
   */
  async leave(): Promise<readonly Mail[]> {
    this.retire()
    if (this.#saving !== undefined) this.#saveSummary()
    await Promise.all([this.#sending, this.#queue.settled()])
    return this.#queue.unsavedMails
  }

  /** Takes up what another one left, on the disk and beside it. */
  async takeOver(mails: readonly Mail[]): Promise<void> {
    await Promise.all(mails.map(mail => this.#queue.put(mail)))
    if (!this.#isStopped) await this.start()
  }

  #join(line: string, dueAt: number): void {
    const at = this.#options.now()
    this.#counts.joined++
    this.#summary ??= { id: `summary-${at.toString(36)}-${process.pid}`, at, dueAt, lines: [], more: 0 }
    if (this.#summary.lines.length < SUMMARY_LINES_MAX) this.#summary.lines.push(line)
    else this.#summary.more++
    this.#saving ??= setTimeout(() => this.#saveSummary(), SAVE_MS)
  }

  #saveSummary(): void {
    clearTimeout(this.#saving)
    this.#saving = undefined
    if (this.#summary === undefined) return
    const summary: Summary = this.#summary
    const { dueAt } = this.#summary
    void this.#queue.put(composeSummary(summary), dueAt).then(() => this.#pump())
  }

  #pump(): void {
    if (this.#isStopped || !this.#isStarted) return
    this.#sending ??= this.#sendAll().finally(() => {
      this.#sending = undefined
      this.#sleep()
    })
  }

  #sleep(): void {
    clearTimeout(this.#wake)
    const { dueAt } = this.#queue
    if (this.#isStopped || dueAt === undefined) return
    const wait = Math.max(dueAt, this.#pausedUntil) - this.#options.now()
    this.#wake = setTimeout(() => this.#pump(), Math.min(SLEEP_MS_MAX, Math.max(1, wait))).unref()
  }

  async #sendAll(): Promise<void> {
    const { now, config } = this.#options
    while (!this.#isStopped && this.#pausedUntil <= now()) {
      await this.#closeDueSummary()
      const waiting = this.#queue.next(now())
      if (waiting === undefined) return
      const mail = await this.#queue.read(waiting)
      if (mail !== undefined) await this.#heard(waiting, await deliver(mail, config))
    }
  }

  /** What is joined from here on goes into the next summary. */
  async #closeDueSummary(): Promise<void> {
    if (this.#summary === undefined || this.#options.now() < this.#summary.dueAt) return
    if (this.#saving !== undefined) this.#saveSummary()
    this.#summary = undefined
    await this.#queue.settled()
  }

  async #heard(waiting: Waiting, delivery: Delivery): Promise<void> {
    const { log, config, now, tryAgainMs = TRY_AGAIN_MS } = this.#options
    const { server } = config
    switch (delivery.kind) {
      case 'taken':
        this.#counts.taken++
        if (delivery.refused.length > 0) {
          log.warn('mail server refused recipients', { server, recipients: delivery.refused })
        }
        if (this.#troubled) log.info('mails are taken again', { server })
        this.#troubled = false
        await this.#queue.done(waiting)
        return
      case 'refused':
        this.#counts.refused++
        log.warn('mail refused', { server, error: delivery.error })
        await this.#queue.done(waiting)
        return
      case 'later': {
        this.#counts.later++
        const wait = Math.min(TRY_AGAIN_MS_MAX, tryAgainMs * 2 ** Math.min(20, waiting.tries++))
        waiting.notBefore = now() + wait
        if (delivery.ofServer) this.#pausedUntil = waiting.notBefore
        if (!this.#troubled) log.warn('mails wait for the server', { server, error: delivery.error })
        this.#troubled = true
      }
    }
  }
}
