// Which mitigation is due next: a binary heap of moments, so that asking once a second costs only what is due.

import { SteadyMap } from '#lib/hash/steady-map.ts'

interface Moment {
  readonly id: string
  /** Where it stands in the heap: not after `due`, so that what becomes due later need not be moved at once. */
  at: number
  /** When it really is; `undefined`: it says nothing any more. */
  due: number | undefined
}

/** Entries that say nothing any more are thrown out when they are more than this and more than half. */
const STALE_MAX = 1024

export class ExpiryOrder {
  #heap: Moment[] = []
  readonly #latest = new SteadyMap<Moment>()

  /** `id` is due at `at`, whatever was said before. */
  set(id: string, at: number): void {
    const known = this.#latest.get(id)
    if (known !== undefined && known.at <= at) {
      known.due = at
      return
    }
    if (known !== undefined) known.due = undefined
    const moment = { id, at, due: at }
    this.#latest.set(id, moment)
    this.#push(moment)
    if (this.#heap.length > STALE_MAX + 2 * this.#latest.size) this.#rebuild()
  }

  delete(id: string): void {
    const known = this.#latest.get(id)
    if (known !== undefined) known.due = undefined
    this.#latest.delete(id)
  }

  /** Takes out and gives those that are due at `now`, earliest first. */
  take(now: number): string[] {
    const due: string[] = []
    for (let first = this.#heap[0]; first !== undefined && first.at <= now; first = this.#heap[0]) {
      this.#pop()
      if (first.due === undefined) continue
      if (first.due > first.at) {
        first.at = first.due
        this.#push(first)
        continue
      }
      this.#latest.delete(first.id)
      due.push(first.id)
    }
    return due
  }

  #rebuild(): void {
    // A sorted list is a heap.
    this.#heap = [...this.#latest.values()].sort((a, b) => a.at - b.at)
  }

  #push(moment: Moment): void {
    const heap = this.#heap
    let at = heap.length
    heap.push(moment)
    while (at > 0) {
      const above = (at - 1) >> 1
      if (this.#at(above) <= moment.at) break
      this.#swap(at, above)
      at = above
    }
  }

  #pop(): void {
    const last = this.#heap.pop()
    if (last === undefined || this.#heap.length === 0) return
    this.#heap[0] = last
    for (let at = 0; ; ) {
      const left = 2 * at + 1
      const below = this.#at(left + 1) < this.#at(left) ? left + 1 : left
      if (this.#at(below) >= this.#at(at)) return
      this.#swap(at, below)
      at = below
    }
  }

  #at(place: number): number {
    return this.#heap[place]?.at ?? Number.POSITIVE_INFINITY
  }

  #swap(a: number, b: number): void {
    const [first, second] = [this.#heap[a], this.#heap[b]]
    if (first === undefined || second === undefined) return
    this.#heap[a] = second
    this.#heap[b] = first
  }
}
