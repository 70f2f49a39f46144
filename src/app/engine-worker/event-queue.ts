// Events on their way to the main thread, with a bound on how far the engine may run ahead of it.
//
// The main thread counts the messages it has taken in shared memory. Beyond the bound updates are left out, because the
// next one tells the same better, so are proposed rules, and evidence comes without its packets. That an attack opened or ended is always told.

import type { MetricSource } from '#lib/metrics/metric.ts'
import type { EngineEvent } from '../engine-event.ts'

/** Messages on their way at most before events are left out. */
export const AHEAD_MAX = 1024

export class EventQueue {
  readonly #taken: Int32Array
  readonly #post: (events: readonly EngineEvent[]) => void
  #sent = 0
  #leftOut = 0

  /** `taken`: one word, in which the other side counts messages. */
  constructor(taken: Int32Array, post: (events: readonly EngineEvent[]) => void) {
    this.#taken = taken
    this.#post = post
  }

  send(events: readonly EngineEvent[]): void {
    const told = this.#ahead < AHEAD_MAX ? events : this.#shortened(events)
    if (told.length === 0) return
    this.#sent = (this.#sent + 1) | 0
    this.#post(told)
  }

  get #ahead(): number {
    return (this.#sent - Atomics.load(this.#taken, 0)) | 0
  }

  #shortened(events: readonly EngineEvent[]): EngineEvent[] {
    return events.flatMap((event): EngineEvent[] => {
      if (event.kind === 'opened' || event.kind === 'ended') return [event]
      this.#leftOut++
      return event.kind === 'evidence' ? [{ ...event, packets: [] }] : []
    })
  }

  readonly metrics: MetricSource = () => [
    { name: 'floodwarden_engine_events_ahead', value: this.#ahead },
    { name: 'floodwarden_engine_events_left_out_total', value: this.#leftOut },
  ]
}
