// An enforcer that writes down what a notify script would have been called with, and calls nothing.

import type { Briefing, Enforcer, Outcome } from '#7-mitigation/enforcer.ts'
import type { Mitigation } from '#7-mitigation/mitigation.ts'
import type { NotifyScriptConfig } from '#8-enforcement/notify-script/config.ts'
import type { NotifyScriptOptions } from '#8-enforcement/notify-script/driver.ts'
import { type CallAction, encodeCall } from '#8-enforcement/notify-script/encode.ts'

/** A call the script would have got. */
export interface RecordedCall {
  /** Wall clock of the packets, ms since 1970 UTC. */
  readonly at: number
  readonly action: CallAction
  readonly argv: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  /** `null`: empty and closed. */
  readonly stdin: string | null
}

const DONE: Outcome = { kind: 'done' }

export class Recorder implements Enforcer {
  readonly name = 'recorder'
  readonly actions = ['script'] as const
  readonly lists = false
  readonly calls: RecordedCall[] = []
  readonly #style: NotifyScriptOptions['style']
  readonly #passDetails: NotifyScriptConfig['passDetails']
  readonly #now: () => number
  readonly #held = new Map<string, Briefing>()

  constructor({ style, passDetails }: Pick<NotifyScriptOptions, 'style' | 'passDetails'>, now: () => number) {
    this.#style = style
    this.#passDetails = passDetails
    this.#now = now
  }

  /** With the report `head` a ban is told when its packets are there. */
  announce(mitigation: Mitigation, briefing: Briefing): Promise<Outcome> {
    if (this.#style.report !== 'head' || briefing.attack.origin === 'manual')
      return this.#record('ban', briefing)
    this.#held.set(mitigation.id, briefing)
    return Promise.resolve(DONE)
  }

  #release(mitigation: Mitigation, later: Partial<Briefing>): Promise<Outcome> {
    const briefing = this.#held.get(mitigation.id)
    if (!this.#held.delete(mitigation.id) || briefing === undefined) return Promise.resolve(DONE)
    return this.#record('ban', { ...briefing, ...later })
  }

  async amend(mitigation: Mitigation, briefing: Briefing): Promise<Outcome> {
    const { attack, packets } = briefing
    if (this.#style.report === 'head') return this.#release(mitigation, { attack, packets })
    if (this.#passDetails === 'never') return DONE
    if (this.#passDetails === 'with-packets' && briefing.packets.length === 0) return DONE
    return this.#record('attack_details', briefing)
  }

  async withdraw(mitigation: Mitigation, briefing: Briefing): Promise<Outcome> {
    await this.#release(mitigation, {})
    return this.#record('unban', briefing)
  }

  stop(): Promise<void> {
    return Promise.resolve()
  }

  #record(action: CallAction, briefing: Briefing): Promise<Outcome> {
    const { argv, env, stdin } = encodeCall(action, briefing, this.#style)
    this.calls.push({ at: this.#now(), action, argv, environment: env, stdin: stdin ?? null })
    return Promise.resolve(DONE)
  }
}
