// Keys that still have to be told, each with those who asked, in the order in which they were asked for.

import type { Announcement, Change } from '#7-mitigation/announcement.ts'
import type { Outcome } from '#7-mitigation/enforcer.ts'

export interface Asker {
  readonly mitigationId: string
  readonly kind: Change['kind']
  readonly answer: (outcome: Outcome) => void
}

export interface Waiting {
  /** What the daemon was told of before, or would have been. */
  readonly last: Announcement
  readonly askers: Asker[]
  /** Rests until what was refused is tried again. */
  isResting: boolean
}

export class WaitingList {
  readonly #byKey = new Map<string, Waiting>()

  get size(): number {
    return this.#byKey.size
  }

  has(key: string): boolean {
    return this.#byKey.has(key)
  }

  /** The key of `last` has to be told. One that waits already keeps its place and what was told before. */
  add(last: Announcement, asker?: Asker): void {
    const waiting = this.#byKey.get(last.key) ?? { last, askers: [], isResting: false }
    waiting.isResting = false
    if (asker !== undefined) waiting.askers.push(asker)
    this.#byKey.set(last.key, waiting)
  }

  /** Takes out what is to be told next. */
  next(most: number): Waiting[] {
    const batch: Waiting[] = []
    for (const [key, waiting] of this.#byKey) {
      if (batch.length === most) break
      if (waiting.isResting) continue
      this.#byKey.delete(key)
      batch.push(waiting)
    }
    return batch
  }

  /** What was taken out could not be told. It rests if `mayRest` and nobody has asked for its key meanwhile. */
  putBack(waiting: Waiting, mayRest: boolean): void {
    const newer = this.#byKey.get(waiting.last.key)
    waiting.askers.push(...(newer?.askers ?? []))
    waiting.isResting = mayRest && newer === undefined
    this.#byKey.set(waiting.last.key, waiting)
  }

  wakeAll(): void {
    for (const waiting of this.#byKey.values()) waiting.isResting = false
  }

  /** Takes out everything, those that rest too. */
  drain(): Waiting[] {
    const all = [...this.#byKey.values()]
    this.#byKey.clear()
    return all
  }
}
