// Who waits for the disk, and what they are told: an event is kept, or all that was put before a moment is.

/** late: not on disk yet, but it waits in memory and will be. full: too many wait, and it was not taken. */
export type EventFate = { readonly kind: 'kept' } | { readonly kind: 'late' } | { readonly kind: 'full' }

interface Waiter {
  readonly ticket: number
  readonly tell: (isOnDisk: boolean) => void
}

export class Acknowledgements {
  readonly #events = new Map<string, (fate: EventFate) => void>()
  readonly #waiters = new Set<Waiter>()

  /** Settles when the event is written, or as late after so long. */
  event(id: string, waitMs: number): Promise<EventFate> {
    const { promise, resolve } = Promise.withResolvers<EventFate>()
    const late = setTimeout(() => tell({ kind: 'late' }), waitMs)
    const tell = (fate: EventFate) => {
      clearTimeout(late)
      if (this.#events.get(id) === tell) this.#events.delete(id)
      resolve(fate)
    }
    this.#events.set(id, tell)
    return promise
  }

  eventsWritten(ids: readonly string[]): void {
    for (const id of ids) this.#events.get(id)?.({ kind: 'kept' })
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
    for (const tell of [...this.#events.values()]) tell({ kind: 'late' })
    for (const waiter of [...this.#waiters]) waiter.tell(false)
  }
}
