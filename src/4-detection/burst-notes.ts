// Crossings that were tolerated: a bounded list of what ended before its budget was used up, and why it was borne.

import type { LimitName, Suspicion } from './attack.ts'

/** A crossing that ended by itself. */
export interface Burst {
  readonly host: string
  readonly limit: LimitName
  readonly direction: 'incoming' | 'outgoing'
  readonly hostgroup: string
  /** Packets, bits or flows per second on average while it grew, and the limit. */
  readonly value: number
  readonly threshold: number
  /** For how long there was excess, draining included. */
  readonly overSeconds: number
  /** The most that had passed above the limit, and what would have been too much, in limit-seconds. */
  readonly excessSeconds: number
  readonly budgetSeconds: number
  readonly suspicion: Suspicion | undefined
  /** Wall clock, ms since 1970 UTC. */
  readonly endedAt: number
}

/** The oldest are forgotten first. */
const NOTES_MAX = 1000

export class BurstNotes {
  readonly #notes: Burst[] = []
  #next = 0
  /** All there ever were. */
  count = 0

  add(burst: Burst): void {
    this.#notes[this.#next] = burst
    this.#next = (this.#next + 1) % NOTES_MAX
    this.count++
  }

  /** Those of a host, newest first. */
  of(host: string, most: number): Burst[] {
    const found = this.#notes.filter(note => note.host === host)
    return found.sort((a, b) => b.endedAt - a.endedAt).slice(0, most)
  }
}
