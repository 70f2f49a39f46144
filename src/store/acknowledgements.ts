// Who waits for the disk, and what they are told: an event is kept, or all that was put before a moment is.

/** late: not on disk yet, but it waits in memory and will be. full: too many wait, and it was not taken. */
export type EventFate = { readonly kind: 'kept' } | { readonly kind: 'late' } | { readonly kind: 'full' }

interface Waiter {
  readonly ticket: number
  readonly tell: (isOnDisk: boolean) => void
}

interface EventWaiter {
  /** Of `performance.now()`. */
  readonly lateAt: number
  /** `undefined`: it was told. */
  tell: ((fate: EventFate) => void) | undefined
}

export class Acknowledgements {
  /** In the order in which they came, and some that were told. One timer for all: they come by the thousand. */
  readonly #events: EventWaiter[] = []
  #timer: NodeJS.Timeout | undefined
  #timerAt = Number.POSITIVE_INFINITY
  readonly #waiters = new Set<Waiter>()

  /** Settles by what `tell` is called with, or as late after so long. */
  event(waitMs: number): { readonly fate: Promise<EventFate>; readonly tell: (fate: EventFate) => void } {
    const { promise, resolve } = Promise.withResolvers<EventFate>()
    const waiter: EventWaiter = { lateAt: performance.now() + waitMs, tell: resolve }
    const events = this.#events
    while (events.length > 0 && events[0]?.tell === undefined) events.shift()
    events.push(waiter)
    this.#look(waiter.lateAt)
    return { fate: promise, tell: fate => tell(waiter, fate) }
  }

  /** Looks then, if not sooner, who is late. */
  #look(at: number): void {
    if (at >= this.#timerAt) return
    clearTimeout(this.#timer)
    this.#timerAt = at
    this.#timer = setTimeout(() => this.#tellLate(), at - performance.now())
  }

  #tellLate(): void {
    this.#timerAt = Number.POSITIVE_INFINITY
    const now = performance.now()
    for (const waiter of this.#events) if (waiter.lateAt <= now) tell(waiter, { kind: 'late' })
    for (const { lateAt, tell: isWaiting } of this.#events) if (isWaiting !== undefined) this.#look(lateAt)
  }

  /** True when everything up to this ticket is on disk, false after so long. */
  upTo(ticket: number, waitMs: number): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>()
    const late = setTimeout(() => waiter.tell(false), waitMs)
    const waiter: Waiter = {
      ticket,
      tell: isOnDisk => {
        clearTimeout(late)
        this.#waiters.delete(waiter)
        resolve(isOnDisk)
      },
    }
    this.#waiters.add(waiter)
    return promise
  }

  /** Everything before this ticket is on disk. */
  reached(oldestTicket: number): void {
    for (const waiter of this.#waiters) if (waiter.ticket < oldestTicket) waiter.tell(true)
  }

  /** Nothing comes to the disk any more. */
  close(): void {
    clearTimeout(this.#timer)
    for (const waiter of this.#events.splice(0)) tell(waiter, { kind: 'late' })
    for (const waiter of [...this.#waiters]) waiter.tell(false)
  }
}

function tell(waiter: EventWaiter, fate: EventFate): void {
  waiter.tell?.(fate)
  waiter.tell = undefined
}
