// Messages for one destination: one after another, in order, kept on disk until they are taken or given up.
//
// A crash between a yes and the deletion sends a message again, under the same id. A slow destination keeps nobody else
// waiting, and an update that waits is replaced by a newer one: what comes through in the end is how things stand.

import type { Logger } from '#lib/log/logger.ts'
import { type Carried, type Destination, groupOf, type Message } from './carrier.ts'
import type { QueueConfig } from './config.ts'
import type { DeadWhy, KeptMessages, Waiting } from './kept-messages.ts'
import { Fares, type Outlet, type OutletStatus } from './outlet.ts'

export interface LineOptions {
  readonly config: () => QueueConfig
  readonly kept: KeptMessages
  readonly log: Logger
  readonly now: () => number
  /** After the first try that failed; doubled after each more. 2 s unless a test is in a hurry. */
  readonly tryAgainMs?: number
  /** Told of each fate, for the metrics. */
  readonly count: (fate: 'sent' | 'again' | DeadWhy) => void
}

const TRY_AGAIN_MS = 2000
const TRY_AGAIN_MS_MAX = 300_000
const HOUR_MS = 3_600_000
export const GONE = 'there is no such destination any more'

export class WaitingLine implements Outlet {
  readonly #options: LineOptions
  readonly #waiting: Waiting[] = []
  readonly #fares = new Fares()
  #destination: Destination
  /** Being sent just now. */
  #current: Waiting | undefined
  #isStopped = false
  #isDissolved = false
  #nextTryAt: number | undefined
  #endPause: (() => void) | undefined

  constructor(destination: Destination, options: LineOptions) {
    this.#options = options
    this.#destination = destination
  }

  /** What an earlier run left goes first. */
  takeUp(left: readonly Waiting[]): void {
    const known = new Set(this.#waiting.map(({ id }) => id))
    this.#waiting.unshift(...left.filter(({ id }) => !known.has(id)))
    this.#pump()
  }

  get id(): string {
    return this.#destination.id
  }

  /** Goes on by other settings; what waits is tried by them at once. */
  set destination(destination: Destination) {
    this.#destination = destination
    this.#endPause?.()
  }

  tell(message: Message): void {
    if (this.#isStopped) return
    const { now, kept, config } = this.#options
    const before = this.#replaceable(message)
    if (before !== undefined) {
      kept.keep(this.id, before)
      return
    }
    const at = now()
    const waiting: Waiting = { id: kept.newId(at), at, tries: 0, message }
    this.#waiting.push(waiting)
    kept.keep(this.id, waiting)
    while (this.#waiting.length > config().waitingMax) {
      const oldest = this.#waiting.find(each => each !== this.#current)
      if (oldest === undefined) break
      this.#bury(oldest, 'dropped', 'too many were waiting')
    }
    this.#pump()
  }

  /** One that waits and is as good as new with what is told now. */
  #replaceable(message: Message): Waiting | undefined {
    if (message.form !== 'notice' || message.notice.kind !== 'updated') return undefined
    const last = this.#waiting.findLast(each => groupOf(each.message) === message.notice.group)
    if (last === undefined || last === this.#current || last.message.form !== 'notice') return undefined
    const { kind, id } = last.message.notice
    if (kind === 'ended') return undefined
    last.message = { form: 'notice', notice: { ...message.notice, kind, id } }
    return last
  }

  test(message: Message): Promise<Carried> {
    return this.#destination.carry(message, undefined).catch(brokenBy)
  }

  status(): OutletStatus {
    const { id, name, type } = this.#destination
    const nextTryAt = this.#nextTryAt
    return {
      ...{ id, name, type, ...this.#fares.view(), waiting: this.#waiting.length },
      ...(nextTryAt === undefined ? {} : { nextTryAt }),
    }
  }

  stop(): void {
    this.#isStopped = true
    this.#endPause?.()
  }

  /** For ever: there is no such destination any more. */
  dissolve(): void {
    this.#isDissolved = true
    this.stop()
    // What is on its way may still be taken.
    for (const waiting of [...this.#waiting]) if (waiting !== this.#current) this.#bury(waiting, 'gone', GONE)
  }

  #pump(): void {
    if (this.#current !== undefined || this.#isStopped) return
    const next = this.#waiting[0]
    if (next === undefined) return
    this.#current = next
    void this.#send(next).finally(() => {
      this.#current = undefined
      this.#pump()
    })
  }

  async #send(waiting: Waiting): Promise<void> {
    const { kept, log, now, config, tryAgainMs = TRY_AGAIN_MS, count } = this.#options
    while (!this.#isStopped) {
      const destination = this.#destination
      const group = groupOf(waiting.message)
      const thread = group === '' ? undefined : kept.thread(destination.id, group)
      const carried = await destination.carry(waiting.message, thread).catch(brokenBy)
      if (carried.kind === 'taken') {
        this.#took(waiting, group, carried.thread)
        return
      }
      const { error } = carried
      if (this.#fares.lastError === undefined)
        log.warn('a notification was not taken', { destination: destination.name, error })
      this.#fares.failed(now(), error)
      if (this.#isStopped) break
      // Other settings came meanwhile: what the old ones were told means nothing.
      if (destination !== this.#destination) continue
      if (carried.kind === 'refused') return this.#bury(waiting, 'refused', error)
      if (now() - waiting.at > config().giveUpHours * HOUR_MS) return this.#bury(waiting, 'given-up', error)
      count('again')
      const wanted = (carried.waitSeconds ?? 0) * 1000
      const grown = tryAgainMs * 2 ** Math.min(20, waiting.tries++)
      kept.keep(destination.id, waiting)
      await this.#pause(Math.min(TRY_AGAIN_MS_MAX, Math.max(wanted, grown)))
    }
    if (this.#isDissolved) this.#bury(waiting, 'gone', GONE)
  }

  #took(waiting: Waiting, group: string, thread: string | undefined): void {
    const { kept, log, now, count } = this.#options
    if (this.#fares.lastError !== undefined)
      log.info('notifications are taken again', { destination: this.#destination.name })
    this.#fares.took(now())
    count('sent')
    this.#remove(waiting)
    if (group === '') return
    const isOver = waiting.message.form === 'notice' && waiting.message.notice.kind === 'ended'
    if (isOver) kept.dropThread(this.id, group)
    else if (thread !== undefined) kept.keepThread(this.id, group, thread, now())
  }

  #remove(waiting: Waiting): void {
    const at = this.#waiting.indexOf(waiting)
    if (at >= 0) this.#waiting.splice(at, 1)
    this.#options.kept.drop(waiting.id)
  }

  #bury(waiting: Waiting, why: DeadWhy, error: string): void {
    const { kept, now, config, count, log } = this.#options
    this.#fares.lost++
    count(why)
    const { id, at, tries, message } = waiting
    log.warn('a notification became a dead letter', { destination: this.#destination.name, why, error })
    const letter = { id, destination: this.id, at, tries, message, diedAt: now(), why, error }
    // Kept as the one before it is gone as the other.
    kept.bury(letter, config().deadLettersMax)
    this.#remove(waiting)
  }

  #pause(ms: number): Promise<void> {
    this.#nextTryAt = this.#options.now() + ms
    return new Promise(done => {
      const end = () => {
        clearTimeout(timer)
        this.#endPause = undefined
        this.#nextTryAt = undefined
        done()
      }
      const timer = setTimeout(end, ms).unref()
      this.#endPause = end
    })
  }
}

/** A mistake of ours in a carrier ends no daemon that watches a network; nor does it stay unseen. */
const brokenBy = (error: unknown): Carried => ({
  kind: 'refused',
  error: `it could not be made: ${error instanceof Error ? error.name : 'unknown'}`,
})
