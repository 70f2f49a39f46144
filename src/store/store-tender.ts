// Keeps the tables within their bounds: now and then, a step at a time, and never while somebody reads them all.

import type { StoreNews } from './change.ts'
import type { OpenState } from './open-state.ts'
import { countRows, PRUNED, type Pruned, prune, type Retention, STEP_ROWS } from './retention.ts'

export interface TenderOptions {
  readonly state: () => OpenState | undefined
  readonly retention: Retention
  readonly wallMs: () => number
  readonly tell: (news: StoreNews) => void
  /** Between rounds, and between steps of a round that has more to do; as below unless a test is in a hurry. */
  readonly roundMs?: number
  readonly stepMs?: number
}

const ROUND_MS = 60_000
/** So that writes get their turn: 20,000 rows a second go at most, which is more than can come. */
const STEP_MS = 50
const FIRST_MS = 5000

export class StoreTender {
  readonly #options: TenderOptions
  #retention: Retention
  #timer: NodeJS.Timeout | undefined
  #isRunning = false
  #readers = 0

  constructor(options: TenderOptions) {
    this.#options = options
    this.#retention = options.retention
  }

  start(): void {
    if (this.#isRunning) return
    this.#isRunning = true
    this.#later(Math.min(FIRST_MS, this.#options.roundMs ?? ROUND_MS))
  }

  stop(): void {
    this.#isRunning = false
    clearTimeout(this.#timer)
  }

  reconfigure(retention: Retention): void {
    this.#retention = retention
    if (this.#isRunning) this.#later(0)
  }

  /** Nothing goes away until what this gives is called. */
  pause(): () => void {
    this.#readers++
    return () => {
      this.#readers--
    }
  }

  #later(milliseconds: number): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.#step(), milliseconds)
    this.#timer.unref()
  }

  async #step(): Promise<void> {
    const state = this.#options.state()
    const { roundMs = ROUND_MS, stepMs = STEP_MS } = this.#options
    if (state === undefined || this.#readers > 0) {
      this.#later(Math.min(roundMs, 1000))
      return
    }
    // A disk that fails is told by the writes; here it only means later.
    const hasMore = await this.#round(state).catch(() => false)
    if (this.#isRunning) this.#later(hasMore ? stepMs : roundMs)
  }

  async #round({ queries }: OpenState): Promise<boolean> {
    const pruned: Record<Pruned, number> = { events: 0, attacks: 0, audit: 0 }
    for (const what of PRUNED) {
      if (this.#readers > 0) break
      pruned[what] = await prune(queries, what, this.#retention[what], this.#options.wallMs())
    }
    const rows = await countRows(queries)
    this.#options.tell({ kind: 'tended', rows, pruned })
    return PRUNED.some(what => pruned[what] === STEP_ROWS)
  }
}
