// Keeps a BGP daemon told of what is desired: what could not be said is said again, later, as it is then.
//
// There is no queue of messages. What waits are keys (a prefix, or what a rule matches), and each is told in the state it
// has when its turn comes: what was wanted and let go while nobody listened is never announced. So what waits is bounded
// by what is desired.

import { type Announcement, announcementOf, type Change } from '#7-mitigation/announcement.ts'
import { DesiredAnnouncements } from '#7-mitigation/desired-announcements.ts'
import type { Outcome } from '#7-mitigation/enforcer.ts'
import type { Mitigation } from '#7-mitigation/mitigation.ts'
import { assert } from '#lib/assert.ts'
import type { Logger } from '#lib/log/logger.ts'
import { AnnouncementCounts } from './metrics.ts'
import { type Asker, type Waiting, WaitingList } from './waiting-list.ts'

/**
 * How it went for one change. Refused: the daemon understood and would not, so this one is tried again later. Down:
 * nobody took it, so nothing else is tried for a while, and when it comes back all that is desired is told again if it
 * `forgets` while it is away.
 */
export type Sent =
  | { readonly kind: 'sent' }
  | { readonly kind: 'refused'; readonly error: string }
  | { readonly kind: 'down'; readonly error: string; readonly forgets: boolean }

/** The way to the daemon. */
export interface Sink {
  /** In words for logs and errors: `gobgpd at 127.0.0.1:50051`. */
  readonly name: string
  /** Why this can never be sent, each reason a sentence; none: it can be. What cannot be is never given to `send`. */
  problems(announcement: Announcement): readonly string[]
  /** One answer for each change, in their order. Never rejects. */
  send(changes: readonly Change[]): Promise<readonly Sent[]>
}

export interface KeeperOptions {
  readonly sink: Sink
  readonly log: Logger
  /** From asking to an answer, at most. */
  readonly deadlineMs: number
  /** Changes that are handed over together. */
  readonly batchMax: number
  /** Keys that may be desired; 131,072 unless told otherwise. */
  readonly announcementsMax?: number
  /** First pause after the daemon was not there, doubled each time up to the last. */
  readonly pauseMs?: { readonly first: number; readonly last: number }
}

type Sendable =
  | { readonly kind: 'sendable'; readonly announcement: Announcement }
  | { readonly kind: 'impossible'; readonly error: string }

const DONE: Outcome = { kind: 'done' }
const failed = (error: string): Outcome => ({ kind: 'failed', error })
const NEVER_MADE = failed('it was withdrawn before it was made')
const STOPS = failed('the daemon stops')
const ANNOUNCEMENTS_MAX = 131_072
const PAUSE_MS = { first: 100, last: 5000 }

export class AnnouncementKeeper {
  readonly desired = new DesiredAnnouncements()
  readonly counts = new AnnouncementCounts()
  readonly #options: KeeperOptions
  readonly #waiting = new WaitingList()
  /** What the daemon was told of and took, by key. */
  readonly #told = new Map<string, Announcement>()
  /** Keys of the changes that are being told. */
  readonly #underWay = new Set<string>()
  /** Mitigations whose announcement was answered with a failure, though it is still tried. */
  readonly #late = new Set<string>()
  #hear: (mitigationId: string, outcome: Outcome) => void = () => {}
  #isSending = false
  #isStopped = false
  /** Why the daemon cannot be told anything now. */
  #problem: string | undefined
  /** All that is desired waits already, because the daemon forgot it. */
  #hasForgotten = false
  #pauseMs = 0
  #timer: NodeJS.Timeout | undefined

  constructor(options: KeeperOptions) {
    this.#options = options
  }

  listen(hear: (mitigationId: string, outcome: Outcome) => void): void {
    this.#hear = hear
  }

  get isDown(): boolean {
    return this.#problem !== undefined
  }

  /** Keys that have to be told. */
  get waiting(): number {
    return this.#waiting.size
  }

  /** Whether the key still has to be told, or is being told: what the daemon holds of it may change at any moment. */
  isMoving(key: string): boolean {
    return this.#waiting.has(key) || this.#underWay.has(key)
  }

  /** What the daemon was told of and took, by key. */
  get told(): ReadonlyMap<string, Announcement> {
    return this.#told
  }

  /** What the mitigation announces is desired; done when the daemon took it. */
  announce(mitigation: Mitigation): Promise<Outcome> {
    if (this.#isStopped) return Promise.resolve(STOPS)
    const found = this.#sendable(mitigation)
    if (found.kind === 'impossible') {
      this.counts.unsafe++
      return Promise.resolve({ kind: 'refused', error: found.error })
    }
    const { announcement } = found
    const isNew = this.desired.get(announcement.key) === undefined
    if (isNew && this.desired.size >= (this.#options.announcementsMax ?? ANNOUNCEMENTS_MAX)) {
      this.counts.full++
      const error = `${this.desired.size} routes and rules are announced and no more are possible`
      return Promise.resolve(failed(error))
    }
    this.desired.hold(mitigation.id, announcement)
    return this.#ask(mitigation.id, 'announce', announcement)
  }

  /**
   * What the mitigation announced is no longer desired by it. Done when the daemon took it back or somebody else wants it,
   * however long that takes: until then it may still be held. Failed only when this process stops before. What could
   * never be sent is not held.
   */
  withdraw(mitigation: Mitigation): Promise<Outcome> {
    if (this.#isStopped) return Promise.resolve(STOPS)
    this.#late.delete(mitigation.id)
    const found = this.#sendable(mitigation)
    if (found.kind === 'impossible') return Promise.resolve(DONE)
    this.desired.release(mitigation.id, found.announcement.key)
    return this.#ask(mitigation.id, 'withdraw', found.announcement)
  }

  /** What an earlier run announced is desired; it counts as told. */
  adopt(mitigations: readonly Mitigation[]): void {
    for (const mitigation of mitigations) {
      const found = this.#sendable(mitigation)
      if (found.kind === 'impossible') {
        this.counts.unsafe++
        const facts = { by: this.#options.sink.name, mitigationId: mitigation.id, error: found.error }
        this.#options.log.warn('left out: it cannot be announced', facts)
        continue
      }
      this.desired.hold(mitigation.id, found.announcement)
      this.#told.set(found.announcement.key, found.announcement)
    }
  }

  /** Tells these keys again, as far as they are desired. */
  repeat(keys: Iterable<string>): void {
    for (const key of keys) {
      const announcement = this.desired.get(key)
      if (announcement !== undefined) this.#mark(announcement)
    }
    this.#wake()
  }

  /** These are held and nobody told us to announce them: they are taken back, unless they are desired by then. */
  takeBack(announcements: Iterable<Announcement>): void {
    for (const announcement of announcements) this.#mark(announcement)
    this.#wake()
  }

  /** Tells all that is desired again. */
  repeatAll(): void {
    this.repeat([...this.desired.keys()])
  }

  /** The daemon may be back: what waits is told now. */
  retryNow(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#wake()
  }

  /** What was refused may be tried again. */
  retryRefused(): void {
    this.#waiting.wakeAll()
    this.#wake()
  }

  /** True when all that waits has been told, false when it has not within the time. What rests is not waited for. */
  async settled(milliseconds: number): Promise<boolean> {
    const endsAt = performance.now() + milliseconds
    while ((this.#isSending || this.isDown) && performance.now() < endsAt) await pause(2)
    return !this.#isSending && !this.isDown
  }

  /** Settles when nothing more can be told, or after the time; what waits then is answered with a failure. */
  async stop(deadlineMs: number): Promise<void> {
    const endsAt = performance.now() + deadlineMs
    while (this.#isSending && !this.isDown && performance.now() < endsAt) await pause(5)
    this.#isStopped = true
    clearTimeout(this.#timer)
    for (const { askers } of this.#waiting.drain()) for (const { answer } of askers) answer(STOPS)
  }

  #sendable({ action }: Mitigation): Sendable {
    const announced = announcementOf(action)
    if (announced.kind === 'impossible') return announced
    const problems = this.#options.sink.problems(announced)
    if (problems.length === 0) return { kind: 'sendable', announcement: announced }
    return { kind: 'impossible', error: `${announced.key} is not announced: ${problems.join('; ')}` }
  }

  #ask(mitigationId: string, kind: Change['kind'], announcement: Announcement): Promise<Outcome> {
    const { promise, resolve } = Promise.withResolvers<Outcome>()
    const answer = (outcome: Outcome) => {
      clearTimeout(late)
      resolve(outcome)
    }
    // Somebody waits to hear that a host is protected. That it is let free is only true when it is.
    const late =
      kind === 'withdraw'
        ? undefined
        : setTimeout(() => {
            this.#late.add(mitigationId)
            resolve(failed(this.#lateText()))
          }, this.#options.deadlineMs)
    this.#mark(announcement, { mitigationId, kind, answer })
    this.#wake()
    return promise
  }

  #lateText(): string {
    const why = this.#problem ?? `${this.#options.sink.name} has not answered yet`
    return `${why}; it is tried on`
  }

  #mark(announcement: Announcement, asker?: Asker): void {
    this.#waiting.add(this.#told.get(announcement.key) ?? announcement, asker)
  }

  #wake(): void {
    if (this.#isSending || this.#isStopped || this.#timer !== undefined) return
    this.#isSending = true
    void this.#sendAll()
  }

  async #sendAll(): Promise<void> {
    // Everything that is asked in this turn of the event loop is handed over together.
    await Promise.resolve()
    try {
      const next = () => this.#waiting.next(this.#options.batchMax)
      for (let batch = next(); batch.length > 0 && !this.#isStopped; batch = next()) {
        if (!(await this.#sendBatch(batch))) return
      }
    } finally {
      this.#isSending = false
    }
  }

  /** False: nobody is there, and the rest waits. */
  async #sendBatch(batch: readonly Waiting[]): Promise<boolean> {
    const changes = batch.map(({ last }) => this.desired.changeFor(last))
    for (const { last } of batch) this.#underWay.add(last.key)
    const answers = await this.#options.sink.send(changes)
    this.#underWay.clear()
    assert(answers.length === changes.length, 'there is an answer for each change')
    const down = this.#take(batch, changes, answers)
    if (answers[0]?.kind === 'sent') this.#pauseMs = 0
    if (down === undefined) this.#comeBack()
    else this.#goDown(down)
    return down === undefined
  }

  /** Gives the first answer that says that nobody is there. */
  #take(
    batch: readonly Waiting[],
    changes: readonly Change[],
    answers: readonly Sent[],
  ): Extract<Sent, { kind: 'down' }> | undefined {
    let down: Extract<Sent, { kind: 'down' }> | undefined
    for (const [at, waiting] of batch.entries()) {
      const change = changes[at]
      const sent = answers[at]
      if (change === undefined || sent === undefined) continue
      this.counts.count(change.kind, sent.kind)
      if (sent.kind === 'sent') this.#sent(change, waiting)
      else this.#notSent(waiting, sent)
      if (sent.kind === 'down') down ??= sent
    }
    return down
  }

  #sent({ kind, announcement }: Change, { askers }: Waiting): void {
    if (kind === 'announce') this.#told.set(announcement.key, announcement)
    else this.#told.delete(announcement.key)
    for (const asker of askers) {
      asker.answer(kind === 'withdraw' && asker.kind === 'announce' ? NEVER_MADE : DONE)
      if (this.#late.delete(asker.mitigationId)) this.#hear(asker.mitigationId, DONE)
    }
  }

  #notSent(waiting: Waiting, sent: Exclude<Sent, { kind: 'sent' }>): void {
    if (this.#isStopped) {
      for (const { answer } of waiting.askers) answer(STOPS)
      return
    }
    const isRefused = sent.kind === 'refused'
    for (const { answer, kind, mitigationId } of isRefused ? waiting.askers : []) {
      if (kind === 'withdraw') continue
      answer(failed(sent.error))
      this.#late.add(mitigationId)
    }
    // Those who were answered stay: the listener hears of them when it succeeds.
    this.#waiting.putBack(waiting, isRefused)
    if (!isRefused) return
    const { sink, log } = this.#options
    log.warn('route refused', { by: sink.name, prefix: waiting.last.key, error: sent.error })
  }

  #goDown({ error, forgets }: Extract<Sent, { kind: 'down' }>): void {
    const { sink, log, pauseMs = PAUSE_MS } = this.#options
    if (error !== this.#problem) {
      log.warn('routes wait', { for: sink.name, error, routes: this.#waiting.size })
    }
    this.#problem = error
    if (forgets) this.forget()
    this.#pauseMs = Math.min(pauseMs.last, this.#pauseMs === 0 ? pauseMs.first : this.#pauseMs * 2)
    if (this.#isStopped) return
    this.#timer = setTimeout(() => this.retryNow(), this.#pauseMs)
  }

  /** The daemon holds nothing any more: all that is desired is told again. */
  forget(): void {
    if (this.#hasForgotten) return
    this.#hasForgotten = true
    if (this.#told.size > 0) this.counts.losses++
    this.#told.clear()
    this.repeatAll()
  }

  #comeBack(): void {
    this.#pauseMs = 0
    this.#hasForgotten = false
    if (this.#problem === undefined) return
    this.#options.log.info('routes are taken again', { by: this.#options.sink.name, after: this.#problem })
    this.#problem = undefined
  }
}

const pause = (milliseconds: number): Promise<void> =>
  new Promise(resolve => setTimeout(resolve, milliseconds))
