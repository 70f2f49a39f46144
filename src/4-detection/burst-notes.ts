// Crossings that were tolerated: a bounded list of what ended before its budget was used up, and why it was borne.

import type { LimitName, Suspicion } from './attack.ts'
import { percent, whole } from './vectors-match.ts'

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

  /** Those that are remembered, oldest first. */
  all(): Burst[] {
    return [...this.#notes.slice(this.#next), ...this.#notes.slice(0, this.#next)]
  }
}

/** Reasons that are told of the features that spoke for patience, the strongest first. */
const REASONS_MAX = 2

/** What happened and why it was borne, in one sentence. */
export function burstText(burst: Burst): string {
  const { direction, limit, value, threshold, overSeconds, excessSeconds, budgetSeconds, suspicion } = burst
  const crossing = `${direction} ${limit} at ${whole(value)} over ${whole(threshold)} for ${overSeconds.toFixed(1)} s`
  const used = `${excessSeconds.toFixed(2)} of a budget of ${budgetSeconds.toFixed(2)} limit-seconds was used up`
  return `${crossing}: burst, tolerated, because ${used}, ${whyBorne(suspicion)}`
}

function whyBorne(suspicion: Suspicion | undefined): string {
  if (suspicion === undefined) return 'and nothing was known of its packets'
  const honest = suspicion.features.filter(({ weight }) => weight < 0).toSorted((a, b) => a.weight - b.weight)
  const reasons = honest.slice(0, REASONS_MAX).map(({ reason }) => reason)
  const share = `with a suspicion of ${percent(suspicion.weight)}`
  return reasons.length === 0 ? share : `${share}: ${reasons.join(', and ')}`
}
