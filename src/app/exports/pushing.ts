// A push loop and what it holds open: it can be left for another one when settings change.

import { PushLoop, type PushPlan } from '#export/push/push-loop.ts'
import type { MetricSource } from '#lib/metrics/metric.ts'

export interface Pushing {
  readonly metrics: MetricSource
  /** Settles when the push that is going on has ended. */
  leave(): Promise<void>
  stop(): Promise<void>
}

/** Begins to push; `close` lets go what the loop holds open. */
export function beginPushing<Numbers>(plan: PushPlan<Numbers>, close: () => void = () => {}): Pushing {
  const loop = new PushLoop(plan)
  loop.start()
  return {
    metrics: loop.metrics,
    leave: () => loop.leave().finally(close),
    stop: () => loop.stop().finally(close),
  }
}
