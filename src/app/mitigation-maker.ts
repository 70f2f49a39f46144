// From a decision to mitigations: each action gets an enforcer and an end, is put into the ledger, and is asked for.

import type { Attack } from '#4-detection/attack.ts'
import { type Action, actionText } from '#6-policy/action.ts'
import type { Decision } from '#6-policy/decide.ts'
import type { Actor } from '#7-mitigation/audit.ts'
import { type Briefing, carries, type Enforcer } from '#7-mitigation/enforcer.ts'
import type { Mitigation } from '#7-mitigation/mitigation.ts'
import type { Wanted } from '#7-mitigation/step-change.ts'
import { create, type Proposal, refusedAtOnce } from '#7-mitigation/transitions.ts'
import type { Carrier, CarrierOptions } from './carrier.ts'

export type Decided = Extract<Decision, { kind: 'act' | 'dry-run' }>

/** In place of an enforcer that is not configured. */
const NOBODY = ''

export class MitigationMaker {
  readonly #options: CarrierOptions
  readonly #carrier: Carrier
  readonly #maximumSeconds: () => number

  constructor(options: CarrierOptions, carrier: Carrier, maximumSeconds: () => number) {
    this.#options = options
    this.#carrier = carrier
    this.#maximumSeconds = maximumSeconds
  }

  /** Begins what a decision wants at these positions. */
  begin(briefing: Briefing, decision: Decided, who: Actor, positions: readonly number[]): void {
    for (const at of positions) this.#beginOne(briefing, decision, at, who)
    this.#withheld(briefing.attack, decision, who)
  }

  /** What a decision wants to be held, each with who carries it. */
  wanted(decision: Decided): Wanted[] {
    const isDry = decision.kind === 'dry-run'
    const actions = isDry ? decision.would : decision.actions
    return actions.map(action => {
      const enforcer = isDry ? this.#options.dryRun : this.#enforcerFor(action)
      return { action, enforcer: enforcer?.name ?? NOBODY }
    })
  }

  /** The same of any decision: one that refuses or only watches wants nothing. */
  wantedBy(decision: Decision): Wanted[] {
    return decision.kind === 'act' || decision.kind === 'dry-run' ? this.wanted(decision) : []
  }

  #beginOne(briefing: Briefing, decision: Decided, at: number, who: Actor): void {
    const { store, now, log } = this.#options
    const { attack } = briefing
    const wanted = this.wanted(decision)[at]
    if (wanted === undefined) return
    if (wanted.enforcer === NOBODY) {
      log.error('no enforcer carries this action', { action: wanted.action.kind, attack: attack.id })
      return
    }
    const proposal = this.#proposal(attack, wanted, decision.reasons[at] ?? '', decision)
    const mitigation = create({ ...proposal, ...decision.owners?.[at] }, now())
    store.put(mitigation)
    this.#carrier.announce(mitigation, briefing, who)
  }

  #proposal(attack: Attack, wanted: Wanted, reason: string, { ladder, ttlSeconds }: Decided): Proposal {
    const maximumSeconds = this.#maximumSeconds()
    const ordinal = nextOrdinal(this.#options.store.ofAttack(attack.id))
    const { playbook = '', step = 0 } = ladder ?? {}
    const life = { maximumSeconds, ...(ttlSeconds === undefined ? {} : { ttlSeconds }) }
    return { attack, ordinal, ...wanted, reason, playbook, step, ...life }
  }

  #enforcerFor(action: Action): Enforcer | undefined {
    return this.#carrier.enforcers.find(candidate => carries(candidate, action))
  }

  /** What a rail kept back while the rest went ahead is remembered as refused, and stands in the audit too. */
  #withheld(attack: Attack, decision: Decided, who: Actor): void {
    const { store, now } = this.#options
    for (const { action, refusals } of decision.withheld ?? []) {
      const error = refusals.map(({ reason }) => reason).join('; ')
      const wanted = { action, enforcer: this.#enforcerFor(action)?.name ?? action.kind }
      const proposal = this.#proposal(attack, wanted, 'a rail refused it', decision)
      store.put(refusedAtOnce(proposal, now(), error))
      this.refused(attack, `${actionText(action)}: ${error}`, who)
    }
  }

  /** What was refused stands in the audit with its reason. */
  refused({ host, id }: Attack, reason: string, who: Actor): void {
    const { store, now } = this.#options
    store.record({
      ...{ at: now(), who, what: 'decide', target: host, attackId: id },
      ...{ mitigationId: undefined, outcome: 'refused', reason },
    })
  }
}

/** Positions tell mitigations of one attack apart, also those that are over. */
const nextOrdinal = (mitigations: readonly Mitigation[]): number =>
  mitigations.reduce((most, { id }) => Math.max(most, Number(id.slice(id.lastIndexOf('.') + 1)) + 1), 0)
