// The enforcer of countermeasures: each mitigation needs one of a profile, and the profile is carried out as all of them need it.

import type { Action } from '#6-policy/action.ts'
import type { Protector } from '#6-policy/countermeasure.ts'
import type { Briefing, Enforcer, Outcome } from '#7-mitigation/enforcer.ts'
import type { Mitigation } from '#7-mitigation/mitigation.ts'
import { type ConfiguredProfile, countermeasuresOf } from '#7-mitigation/protection/configured-profile.ts'
import { type Holders, NEEDS_MAX, type Need } from '#7-mitigation/protection/holders.ts'
import type { Carried } from './back-end.ts'
import type { ProfileKeeper } from './profile-keeper.ts'

export interface EnforcerOptions {
  readonly name: Protector
  readonly holders: Holders
  readonly keeper: ProfileKeeper
  readonly profile: (id: string) => ConfiguredProfile | undefined
}

const DONE: Outcome = { kind: 'done' }

export class ProtectingEnforcer implements Enforcer {
  readonly name: Protector
  readonly actions = ['countermeasure'] as const
  readonly lists = false
  readonly #options: EnforcerOptions
  /** Mitigations whose announcement was answered with a failure, though it is still tried. */
  readonly #late = new Set<string>()
  #hear: (mitigationId: string, outcome: Outcome) => void = () => {}

  constructor(options: EnforcerOptions) {
    this.name = options.name
    this.#options = options
  }

  listen(hear: (mitigationId: string, outcome: Outcome) => void): void {
    this.#hear = hear
  }

  async announce(mitigation: Mitigation, { attack }: Briefing): Promise<Outcome> {
    const { holders, keeper } = this.#options
    const need = this.#needOf(mitigation)
    if (typeof need === 'string') return { kind: 'refused', error: need }
    const { type, protocol } = attack
    const vectors = (attack.finding?.parts ?? []).map(({ vector }) => vector)
    const tags = [...new Set([type, ...vectors])].filter(tag => tag !== 'unknown')
    const known = protocol === 'unknown' ? {} : { protocol }
    if (!holders.hold({ ...need, ...known, tags }))
      return {
        kind: 'failed',
        error: `${NEEDS_MAX} countermeasures are needed already and no more are possible`,
      }
    keeper.begin()
    const outcome = outcomeOf(await keeper.changed())
    if (outcome.kind !== 'done') this.#late.add(mitigation.id)
    return outcome
  }

  amend(): Promise<Outcome> {
    return Promise.resolve(DONE)
  }

  /** Done when it is taken back, or somebody else still needs it, however long that takes. */
  async withdraw({ id }: Mitigation): Promise<Outcome> {
    this.#late.delete(id)
    this.#options.holders.release(id)
    return outcomeOf(await this.#options.keeper.until())
  }

  async reconcile(desired: readonly Mitigation[]): Promise<Outcome> {
    const { holders, keeper } = this.#options
    for (const mitigation of desired) {
      const need = this.#needOf(mitigation)
      if (typeof need === 'string') continue
      const { protocol, tags } = holders.need(need.key) ?? need
      holders.hold({ ...need, protocol, tags })
    }
    keeper.begin()
    return outcomeOf(await keeper.changed())
  }

  /** What was late is in place, or is not. */
  carried(carried: Carried): void {
    if (carried.kind !== 'done') return
    const late = [...this.#late]
    this.#late.clear()
    for (const id of late) this.#hear(id, DONE)
  }

  stop(deadlineMs: number): Promise<void> {
    return this.#options.keeper.stop(deadlineMs)
  }

  #needOf({ id, attackId, target, action, createdAt }: Mitigation): Need | string {
    if (action.kind !== 'countermeasure') return `${this.name} carries countermeasures only`
    const problem = this.#problemOf(action)
    if (problem !== undefined) return problem
    const { profile, countermeasure, rules = [] } = action
    return {
      ...{ key: id, by: 'attack', cause: attackId, target, profile, countermeasure, rules },
      ...{ sinceMs: createdAt, tags: [] },
    }
  }

  #problemOf({
    profile: id,
    countermeasure,
  }: Extract<Action, { kind: 'countermeasure' }>): string | undefined {
    const profile = this.#options.profile(id)
    if (profile === undefined) return `there is no protection profile ${id} any more`
    return countermeasuresOf(profile).includes(countermeasure)
      ? undefined
      : `the protection profile ${id} has no ${countermeasure} any more`
  }
}

const outcomeOf = (carried: Carried): Outcome => (carried.kind === 'done' ? DONE : carried)
