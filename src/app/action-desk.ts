// From attacks to actions: policy decides, mitigations are held in the ledger, enforcers carry them out, all is audited.
//
// The desk never waits for an enforcer: its answer comes when it comes, and the state table decides what it still means.

import type { Attack, OpenAttack } from '#4-detection/attack.ts'
import type { FlowSection, PacketRecord } from '#5-evidence/evidence.ts'
import type { Action } from '#6-policy/action.ts'
import { type Decision, type DecisionContext, decide, decisionText } from '#6-policy/decide.ts'
import type { DecisionCounts } from '#6-policy/metrics.ts'
import { type Actor, auditOf } from '#7-mitigation/audit.ts'
import type { Briefing, Enforcer, Outcome } from '#7-mitigation/enforcer.ts'
import { due } from '#7-mitigation/lifetime.ts'
import type { Mitigation } from '#7-mitigation/mitigation.ts'
import type { MitigationStore } from '#7-mitigation/mitigation-store.ts'
import { announced, create, end, failed, withdraw } from '#7-mitigation/transitions.ts'
import type { Logger } from '#lib/log/logger.ts'

export interface ActionDeskOptions {
  readonly store: MitigationStore
  readonly enforcers: readonly Enforcer[]
  /** Carries all actions while nothing is armed. */
  readonly dryRun: Enforcer
  readonly maximumSeconds: number
  readonly context: Omit<DecisionContext, 'activeMitigations'>
  readonly counts: DecisionCounts
  readonly log: Logger
  /** Wall clock in ms. */
  readonly now: () => number
}

export class ActionDesk {
  readonly #options: ActionDeskOptions
  readonly #pending = new Set<Promise<void>>()

  constructor(options: ActionDeskOptions) {
    this.#options = options
  }

  /** Settles when every enforcer that was asked has answered. */
  async settled(): Promise<void> {
    while (this.#pending.size > 0) await Promise.all(this.#pending)
  }

  /** Hears an enforcer's answer when it comes. */
  #hear(answer: Promise<Outcome>, take: (outcome: Outcome) => void): void {
    const heard = answer.then(take).finally(() => this.#pending.delete(heard))
    this.#pending.add(heard)
  }

  /** What policy says about an attack now; nothing is done. */
  decide(attack: Attack): Decision {
    const { context, store } = this.#options
    return decide(attack, { ...context, activeMitigations: store.active() })
  }

  /** Decides about an attack that opened and has it carried out; gives back what was decided. */
  opened(attack: OpenAttack, flows: readonly FlowSection[], who: Actor = 'floodwarden'): Decision {
    const { log, store, counts, now } = this.#options
    const decision = this.decide(attack)
    counts.count(decision)
    log.info('decided', { attack: attack.id, host: attack.host, decision: decisionText(attack, decision) })
    switch (decision.kind) {
      case 'act':
        this.#begin({ attack, flows, packets: [] }, decision.actions, decision.reasons, who)
        break
      case 'dry-run':
        this.#begin(
          { attack, flows, packets: [] },
          decision.would,
          decision.reasons,
          who,
          this.#options.dryRun,
        )
        break
      case 'refused':
        store.record({
          at: now(),
          who,
          what: 'decide',
          target: attack.host,
          attackId: attack.id,
          mitigationId: undefined,
          outcome: 'refused',
          reason: decision.refusals.map(refusal => refusal.reason).join('; '),
        })
        break
      case 'nothing':
        break
    }
    return decision
  }

  /** More evidence about an open attack: enforcers that announced are told. */
  evidence(attack: Attack, packets: readonly PacketRecord[]): void {
    for (const mitigation of this.#options.store.ofAttack(attack.id)) {
      if (mitigation.state !== 'pending' && mitigation.state !== 'announced' && mitigation.state !== 'failed')
        continue
      const enforcer = this.#enforcerOf(mitigation)
      this.#hear(enforcer.amend(mitigation, { attack, flows: [], packets }), outcome => {
        if (outcome.kind === 'failed') this.#audit(mitigation, 'amend', outcome, 'floodwarden')
      })
    }
  }

  /** An attack is over: everything done about it is taken back. */
  ended(attack: Attack, who: Actor = 'floodwarden'): void {
    for (const mitigation of this.#options.store.ofAttack(attack.id)) {
      this.#withdraw(mitigation, attack, 'withdrawn', who)
    }
  }

  /** Renews what open attacks still need and ends what nothing keeps alive; call about once a second. */
  expire(openAttacks: readonly OpenAttack[]): void {
    const { store, now, maximumSeconds } = this.#options
    const open = new Map<string, Attack>(openAttacks.map(attack => [attack.id, attack]))
    for (const { kind, mitigation } of due(store.active(), id => open.has(id), now(), maximumSeconds)) {
      const attack = open.get(mitigation.attackId)
      if (kind === 'renew') {
        store.put(mitigation)
        store.record(auditOf(mitigation, { at: now(), who: 'floodwarden', what: 'renew', outcome: 'done' }))
      } else this.#withdraw(mitigation, attack, 'expired', 'floodwarden')
    }
  }

  #begin(
    briefing: Briefing,
    actions: readonly Action[],
    reasons: readonly string[],
    who: Actor,
    always?: Enforcer,
  ): void {
    const { store, enforcers, maximumSeconds, now, log } = this.#options
    const { attack } = briefing
    for (const [ordinal, action] of actions.entries()) {
      const enforcer = always ?? enforcers.find(candidate => candidate.actions.includes(action.kind))
      if (enforcer === undefined) {
        log.error('no enforcer carries this action', { action: action.kind, attack: attack.id })
        continue
      }
      const reason = reasons[ordinal] ?? ''
      const proposal = { attack, ordinal, action, reason, enforcer: enforcer.name, maximumSeconds }
      const mitigation = create(proposal, now())
      store.put(mitigation)
      this.#hear(enforcer.announce(mitigation, briefing), outcome =>
        this.#announced(mitigation, outcome, who),
      )
    }
  }

  #announced(mitigation: Mitigation, outcome: Outcome, who: Actor): void {
    const { store, now, log } = this.#options
    // One that the store has forgotten is over: only those that are may be forgotten.
    const current = store.get(mitigation.id)
    const move =
      current && (outcome.kind === 'done' ? announced(current, now()) : failed(current, now(), outcome.error))
    if (move?.kind === 'moved') store.put(move.mitigation)
    else log.debug('an answer came late', { mitigation: mitigation.id, reason: move?.reason ?? 'it is over' })
    this.#audit(mitigation, 'announce', outcome, who)
  }

  #withdraw(
    mitigation: Mitigation,
    attack: Attack | undefined,
    how: 'withdrawn' | 'expired',
    who: Actor,
  ): void {
    const { store, now } = this.#options
    const move = withdraw(mitigation)
    if (move.kind === 'refused') return
    store.put(move.mitigation)
    const what = how === 'expired' ? 'expire' : 'withdraw'
    const asked =
      attack === undefined
        ? Promise.resolve<Outcome>({ kind: 'failed', error: 'its attack is no longer known' })
        : this.#enforcerOf(mitigation).withdraw(move.mitigation, { attack, flows: [], packets: [] })
    this.#hear(asked, outcome => {
      const over = end(store.get(mitigation.id) ?? move.mitigation, now(), how)
      if (over.kind === 'moved') store.put(over.mitigation)
      this.#audit(mitigation, what, outcome, who)
    })
  }

  #enforcerOf(mitigation: Mitigation): Enforcer {
    const { enforcers, dryRun } = this.#options
    return enforcers.find(enforcer => enforcer.name === mitigation.enforcer) ?? dryRun
  }

  #audit(
    mitigation: Mitigation,
    what: 'announce' | 'amend' | 'withdraw' | 'expire',
    outcome: Outcome,
    who: Actor,
  ): void {
    const { store, now, log, dryRun } = this.#options
    const result = mitigation.enforcer === dryRun.name && outcome.kind === 'done' ? 'dry-run' : outcome.kind
    const reason = outcome.kind === 'failed' ? { reason: outcome.error } : {}
    const entry = auditOf(mitigation, { at: now(), who, what, outcome: result, ...reason })
    store.record(entry)
    const { target, mitigationId, outcome: told } = entry
    const facts = { who, target, mitigation: mitigationId, outcome: told, reason: entry.reason }
    if (outcome.kind === 'failed') log.warn(`audit: ${what}`, facts)
    else log.info(`audit: ${what}`, facts)
  }
}
