// Has whoever counts go on by another configuration: capture workers by its networks and by what is exempt, telemetry by all of it.

import { isDeepStrictEqual } from 'node:util'
import type { Logger } from '#lib/log/logger.ts'
import type { CaptureCrew } from '../capture/capture-crew.ts'
import { exemptOf, exemptOfBoth } from '../capture/counting-options.ts'
import type { ResolvedConfig } from '../config/config.ts'
import type { TelemetryRoom } from '../telemetry/telemetry-room.ts'

type Plan = Parameters<TelemetryRoom['plan']>

export class CountingPlan {
  readonly #counting: readonly [Pick<CaptureCrew, 'plan'>, Pick<TelemetryRoom, 'plan'>]
  readonly #log: Logger

  constructor(counting: readonly [Pick<CaptureCrew, 'plan'>, Pick<TelemetryRoom, 'plan'>], log: Logger) {
    this.#counting = counting
    this.#log = log
  }

  /** Limits and what is exempt change at different moments: in between only that counts which both configurations count. */
  async begin(before: ResolvedConfig, after: ResolvedConfig, ticked: () => Promise<unknown>): Promise<void> {
    if (isDeepStrictEqual(exemptOf(before), exemptOf(after))) return
    await this.#plan(undefined, exemptOfBoth(before, after), before)
    await ticked()
  }

  async end(before: ResolvedConfig, after: ResolvedConfig): Promise<void> {
    const networks = isDeepStrictEqual(before.networks, after.networks) ? undefined : after.networks
    await this.#plan(networks, exemptOf(after), after)
  }

  async #plan(...plan: Plan): Promise<void> {
    const [networks, exempt] = plan
    const [crew, telemetry] = this.#counting
    const answers = await Promise.all([crew.plan(networks, exempt), telemetry.plan(...plan)])
    const silent = answers.reduce((sum, workers) => sum + workers, 0)
    if (silent > 0) this.#log.error('capture workers do not answer', { workers: silent })
  }
}
