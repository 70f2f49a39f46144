// Keeps one back end as it is desired: one apply at a time, always of the newest wish; what failed is tried again until it is done.
//
// There is no queue: whoever changed something waits for the next apply that begins after it. So a thousand attacks that open
// within a second are a few transactions.

import type { CarriedState } from '#7-mitigation/protection/desk.ts'
import type { Logger } from '#lib/log/logger.ts'
import type { BackEnd, Carried, Wish } from './back-end.ts'

export interface KeeperOptions {
  readonly backEnd: BackEnd
  /** As it is now; `undefined`: nothing of ours is to be there. */
  readonly wish: () => Wish | undefined
  /** From one look at what is in place to the next, ms. */
  readonly checkMs: () => number
  /** Told after each attempt. */
  readonly carried: (carried: Carried) => void
  readonly log: Logger
  /** First pause after a failure, doubled each time up to the last. */
  readonly pauseMs?: { readonly first: number; readonly last: number }
}

interface Waiter {
  readonly from: number
  /** Also of a failure: it is tried again all the same. */
  readonly hearsFailure: boolean
  readonly resolve: (carried: Carried) => void
}

const PAUSE_MS = { first: 1000, last: 60_000 }
const STOPS: Carried = { kind: 'failed', error: 'the daemon stops' }

export class ProfileKeeper {
  readonly #options: KeeperOptions
  /** Of the newest change. */
  #change = 0
  /** Of the newest change that was carried out. */
  #done = -1
  #waiters: Waiter[] = []
  #isRunning = false
  #isStopped = false
  #isReady = false
  #pauseMs = 0
  #timer: NodeJS.Timeout | undefined
  #last: Carried | undefined
  /** What was put back because somebody else had changed it. */
  repairs = 0
  failures = 0

  constructor(options: KeeperOptions) {
    this.#options = options
  }

  /** What is desired is known from now on: nothing is carried out before. */
  begin(): void {
    if (this.#isReady) return
    this.#isReady = true
    this.#run()
  }

  get isReady(): boolean {
    return this.#isReady
  }

  /** Something is desired otherwise. Settles with the first attempt; what failed is tried again. */
  changed(): Promise<Carried> {
    return this.#await(true)
  }

  /** The same, and settles only when it is done, or this process stops. */
  until(): Promise<Carried> {
    return this.#await(false)
  }

  /** Waiting: what is desired is not in place yet. */
  get state(): Exclude<CarriedState, 'dry-run'> {
    if (this.#last?.kind === 'failed') return 'waiting'
    return this.#done >= this.#change ? 'in-place' : 'waiting'
  }

  get problems(): readonly string[] {
    if (this.#last === undefined) return []
    return this.#last.kind === 'failed' ? [this.#last.error] : this.#last.notes
  }

  /** What waits is answered with a failure; what is in place stays. Settles when nothing runs any more, or after the time. */
  async stop(deadlineMs: number): Promise<void> {
    const endsAt = performance.now() + deadlineMs
    const isLate = () => performance.now() >= endsAt
    while (
      !isLate() &&
      (this.#isRunning || (this.#isReady && this.#done < this.#change && this.#pauseMs === 0))
    )
      await new Promise(resolve => setTimeout(resolve, 5))
    this.#isStopped = true
    clearTimeout(this.#timer)
    for (const { resolve } of this.#waiters) resolve(STOPS)
    this.#waiters = []
  }

  #await(hearsFailure: boolean): Promise<Carried> {
    if (this.#isStopped) return Promise.resolve(STOPS)
    const from = ++this.#change
    const settled = new Promise<Carried>(resolve => this.#waiters.push({ from, hearsFailure, resolve }))
    // Who does not answer now is asked again when the pause is over.
    if (this.#pauseMs > 0 && this.#last?.kind === 'failed') this.#answer(this.#last, from)
    else this.#run()
    return settled
  }

  #run(): void {
    if (this.#isRunning || this.#isStopped || !this.#isReady) return
    this.#isRunning = true
    clearTimeout(this.#timer)
    void this.#attempt().finally(() => {
      this.#isRunning = false
      if (this.#isStopped) return
      if (this.#pauseMs === 0 && this.#done < this.#change) this.#run()
      else this.#later()
    })
  }

  #later(): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#run(), this.#pauseMs > 0 ? this.#pauseMs : this.#options.checkMs())
    this.#timer.unref()
  }

  async #attempt(): Promise<void> {
    const { backEnd, wish, log, carried: told } = this.#options
    const change = this.#change
    const isCheck = this.#done >= change
    const wanted = wish()
    const carried = wanted === undefined ? await backEnd.remove() : await backEnd.apply(wanted)
    const before = this.#last
    this.#last = carried
    if (carried.kind === 'failed') {
      this.failures++
      const { first, last } = this.#options.pauseMs ?? PAUSE_MS
      this.#pauseMs = Math.min(last, this.#pauseMs === 0 ? first : this.#pauseMs * 2)
      if (before?.kind !== 'failed' || before.error !== carried.error)
        log.warn('protection is not as desired yet', { by: backEnd.name, error: carried.error })
    } else {
      this.#pauseMs = 0
      this.#done = change
      if (isCheck && carried.isChanged) {
        this.repairs++
        log.warn('somebody else had changed what protects, it is put back', {
          by: backEnd.name,
          place: backEnd.place,
        })
      }
      for (const note of carried.notes)
        if (before?.kind !== 'done' || !before.notes.includes(note))
          log.warn('protection', { by: backEnd.name, note })
    }
    this.#answer(carried, change)
    told(carried)
  }

  #answer(carried: Carried, change: number): void {
    const isFor = ({ from, hearsFailure }: Waiter) =>
      from <= change && (carried.kind === 'done' || hearsFailure)
    const answered = this.#waiters.filter(isFor)
    this.#waiters = this.#waiters.filter(waiter => !isFor(waiter))
    for (const { resolve } of answered) resolve(carried)
  }
}
