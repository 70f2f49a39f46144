// Has the desks look at what time changes: many times a second, and at a part of the attacks each time, so that whoever
// else wants the thread gets it soon.

import type { ActionDesk } from './action-desk.ts'
import type { AttackBook } from './attack-book.ts'
import type { EventDesk } from './intake/event-desk.ts'

const OFTEN_MS = 20
/** Each attack is decided about again at most once in so many turns: in a second. */
const TURNS = 50
const ATTACKS_MAX = 10

export class DeskClock {
  #timer: NodeJS.Timeout | undefined
  #turn = 0

  start(desk: ActionDesk, book: AttackBook, events: EventDesk): void {
    this.#timer = setInterval(() => {
      this.#turn = (this.#turn + 1) % TURNS
      desk.expire(book, { most: ATTACKS_MAX, isNewTurn: this.#turn === 0 })
      events.tick()
    }, OFTEN_MS)
  }

  stop(): void {
    clearInterval(this.#timer)
  }
}
