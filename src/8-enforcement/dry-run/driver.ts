// The dry-run enforcer: says what would be done, and does nothing. It takes the place of all others until they are armed.

import { actionText } from '#6-policy/action.ts'
import type { Enforcer, Outcome } from '#7-mitigation/enforcer.ts'
import { DRY_RUN, type Mitigation } from '#7-mitigation/mitigation.ts'
import type { Logger } from '#lib/log/logger.ts'

export class DryRun implements Enforcer {
  readonly name = DRY_RUN
  readonly actions = ['script', 'blackhole', 'divert', 'filter', 'countermeasure'] as const
  readonly lists = false
  readonly #logger: Logger

  constructor(logger: Logger) {
    this.#logger = logger
  }

  announce(mitigation: Mitigation): Promise<Outcome> {
    return this.#say('dry run: would announce', mitigation)
  }

  amend(mitigation: Mitigation): Promise<Outcome> {
    return this.#say('dry run: would amend', mitigation)
  }

  withdraw(mitigation: Mitigation): Promise<Outcome> {
    return this.#say('dry run: would withdraw', mitigation)
  }

  stop(): Promise<void> {
    return Promise.resolve()
  }

  #say(message: string, mitigation: Mitigation): Promise<Outcome> {
    const { target, attackId, action, reason } = mitigation
    this.#logger.info(message, { host: target, attackId, action: actionText(action), reason })
    return Promise.resolve({ kind: 'done' })
  }
}
