// Says of a ban whose time is over that it stays because its flood goes on, as often as FastNetMon looks.

import type { OpenAttack } from '#4-detection/attack.ts'
import type { Logger } from '#lib/log/logger.ts'

const EVERY_SECONDS_MAX = 60
/** Lines in one look: the rest is said in the next. */
const LINES_MAX = 100

export class StillGoing {
  readonly #log: Logger
  /** When each was spoken of last. */
  readonly #toldAt = new Map<string, number>()

  constructor(log: Logger) {
    this.#log = log
  }

  look(open: Iterable<OpenAttack>, now: number): void {
    let lines = 0
    for (const { id, host, banSeconds, openedAt, isOver } of open) {
      if (!isOver || banSeconds === 0 || now < openedAt + banSeconds * 1000) continue
      const everyMs = Math.min(EVERY_SECONDS_MAX, Math.max(1, Math.floor(banSeconds / 2))) * 1000
      if (now - (this.#toldAt.get(id) ?? Number.NEGATIVE_INFINITY) < everyMs) continue
      if (lines++ === LINES_MAX) return
      this.#toldAt.set(id, now)
      this.#log.info('attack still going', { attack: id, host, banSeconds })
    }
  }

  forget(attackId: string): void {
    this.#toldAt.delete(attackId)
  }
}
