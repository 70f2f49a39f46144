// From attacks to actions: policy decides, mitigations are held in the ledger, enforcers carry them out, all is audited.
//
// The desk never waits for an enforcer: its answer comes when it comes, and the state table decides what it still means.
// An attack that only a cap kept back is decided about again, in turn, as soon as there is room and while it is open.

import { isDeepStrictEqual } from 'node:util'
import type { Attack, OpenAttack } from '#4-detection/attack.ts'
import type { FlowSection, PacketRecord } from '#5-evidence/evidence.ts'
import { type Action, actionText } from '#6-policy/action.ts'
import { type Decision, decide, decisionText } from '#6-policy/decide.ts'
import { hasRoom, isOnlyCapped, type RailPrefixes, type Rails, railPrefixesOf } from '#6-policy/guardrail.ts'
import type { DecisionCounts } from '#6-policy/metrics.ts'
import type { Owner } from '#6-policy/permit.ts'
import { type Actor, auditOf } from '#7-mitigation/audit.ts'
import { type Briefing, carries, type Enforcer, type Outcome } from '#7-mitigation/enforcer.ts'
import { due } from '#7-mitigation/lifetime.ts'
import { isActive, type Mitigation } from '#7-mitigation/mitigation.ts'
import type { MitigationStore } from '#7-mitigation/mitigation-store.ts'
import { announced, create, end, failed, withdraw } from '#7-mitigation/transitions.ts'
import type { Logger } from '#lib/log/logger.ts'
import type { AttackBook } from './attack-book.ts'
import type { DeskContext } from './desk-context.ts'

export interface ActionDeskOptions {
  readonly store: MitigationStore
  readonly enforcers: readonly Enforcer[]
  /** Carries all actions while nothing is armed. */
  readonly dryRun: Enforcer
  readonly maximumSeconds: number
  readonly context: DeskContext
  readonly counts: DecisionCounts
  readonly log: Logger
  /** Wall clock in ms. */
  readonly now: () => number
}

export class ActionDesk {
  #options: ActionDeskOptions
  #prefixes: RailPrefixes
  readonly #pending = new Set<Promise<void>>()
  /** Open attacks that only a cap kept back, and who asked, in the order in which they opened. */
  readonly #capped = new Map<string, Actor>()
  /** Open attacks that are decided about again as soon as nothing is held for them any more. */
  readonly #again = new Set<string>()
  #isStopping = false

  constructor(options: ActionDeskOptions) {
    this.#options = options
    this.#prefixes = railPrefixesOf(options.context)
    for (const enforcer of options.enforcers) {
      enforcer.listen?.((id, outcome) => this.#heardLate(id, outcome))
    }
  }

  /**
   * Goes on by other rails and means. Open attacks for which nothing is done are decided about again; when it was armed
   * or disarmed all are, and what is held is taken back first. What the old means began they also take back.
   */
  reconfigure(changes: Pick<ActionDeskOptions, 'context' | 'maximumSeconds'>, book: AttackBook): void {
    const { context, store } = this.#options
    this.#options = { ...this.#options, ...changes }
    if (isDeepStrictEqual(context, changes.context)) return
    this.#prefixes = railPrefixesOf(changes.context)
    const isSwitched = context.armed !== changes.context.armed
    for (const attack of book.open) {
      const active = store.ofAttack(attack.id).filter(isActive)
      if (!isSwitched && active.length > 0) continue
      for (const mitigation of active) this.#withdraw(mitigation, attack, 'withdrawn', 'floodwarden')
      this.#again.add(attack.id)
    }
    this.#decideAgain(book)
  }

  /** From now on an enforcer that gives up because the daemon stops has not failed: the next run asks again. */
  stopping(): void {
    this.#isStopping = true
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
    const { context, now } = this.#options
    return decide(attack, { ...context, rails: this.rails(), nowMs: now() })
  }

  /** What no action may cross, as it is now. Costs the same however many bans there are. */
  rails(): Rails {
    const { context, store, now } = this.#options
    const nowMs = now()
    const held = { targets: store.targets, bansWithinMinute: store.bansWithinMinute(nowMs) }
    const { bansMax, bansPerMinute, bounds, quotas } = context.policy
    const limits = { ...(bounds && { bounds }), ...(quotas && { quotas }) }
    const counts = store.counts(nowMs)
    return { ...this.#prefixes, ...held, bansMax, bansPerMinute, ...limits, counts, nowMs }
  }

  /** Decides about an attack that opened and has it carried out; gives back what was decided. */
  opened(attack: OpenAttack, flows: readonly FlowSection[], who: Actor = 'floodwarden'): Decision {
    const { log, store, counts, now } = this.#options
    const decision = this.decide(attack)
    counts.count(decision)
    log.info('decided', { attack: attack.id, host: attack.host, decision: decisionText(attack, decision) })
    switch (decision.kind) {
      case 'act':
        this.#begin({ attack, flows, packets: [] }, decision.actions, decision, who)
        break
      case 'dry-run':
        this.#begin({ attack, flows, packets: [] }, decision.would, decision, who, this.#options.dryRun)
        break
      case 'refused':
        if (isOnlyCapped(decision.refusals)) this.#capped.set(attack.id, who)
        counts.capped = this.#capped.size
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
    if (decision.kind === 'act' || decision.kind === 'dry-run') this.#withheld(attack, decision, who)
    return decision
  }

  /** What a rail kept back while the rest went ahead stands in the audit too. */
  #withheld(attack: Attack, { withheld = [] }: Pick<Decided, 'withheld'>, who: Actor): void {
    const { store, now } = this.#options
    for (const { action, refusals } of withheld) {
      store.record({
        ...{ at: now(), who, what: 'decide', target: attack.host, attackId: attack.id },
        ...{ mitigationId: undefined, outcome: 'refused' },
        reason: `${actionText(action)}: ${refusals.map(refusal => refusal.reason).join('; ')}`,
      })
    }
  }

  /** More evidence about an open attack: enforcers that announced are told. */
  evidence(attack: Attack, packets: readonly PacketRecord[]): void {
    for (const mitigation of this.#options.store.ofAttack(attack.id)) {
      if (!isHeld(mitigation)) continue
      const asked = this.#enforcerOf(mitigation)?.amend(mitigation, { attack, flows: [], packets })
      this.#hear(asked ?? notConfigured(mitigation), outcome => {
        if (outcome.kind === 'failed') this.#audit(mitigation, 'amend', outcome, 'floodwarden')
      })
    }
  }

  /** An attack is over: everything done about it is taken back. */
  ended(attack: Attack, who: Actor = 'floodwarden'): void {
    if (this.#capped.delete(attack.id)) this.#options.counts.capped = this.#capped.size
    for (const mitigation of this.#options.store.ofAttack(attack.id)) {
      this.#withdraw(mitigation, attack, 'withdrawn', who)
    }
  }

  /**
   * Renews what open attacks still need, ends what nothing keeps alive, and decides about attacks that waited for room;
   * call about once a second. The book says which attacks are open, and hears what is decided now.
   */
  expire(book: AttackBook): void {
    const { store, now, maximumSeconds } = this.#options
    const isOpen = (id: string) => book.get(id)?.attack.state === 'open'
    for (const { kind, mitigation } of due(store.expiring(now()), isOpen, now(), maximumSeconds)) {
      if (kind === 'renew') {
        const change = { before: store.get(mitigation.id), after: mitigation }
        store.put(mitigation)
        const told = { at: now(), who: 'floodwarden', what: 'renew', outcome: 'done' } as const
        store.record(auditOf(mitigation, { ...told, ...change }))
      } else this.#withdraw(mitigation, book.get(mitigation.attackId)?.attack, 'expired', 'floodwarden')
    }
    this.#decideAgain(book)
  }

  /** In the order in which they opened, as long as there is room. */
  #decideAgain(book: AttackBook): void {
    for (const id of this.#again) {
      if (this.#options.store.ofAttack(id).some(isActive)) continue
      this.#again.delete(id)
      this.#decideOne(book, id, 'floodwarden')
    }
    // A copy: what finds no room again is put back at its end.
    for (const [id, who] of [...this.#capped]) {
      const rails = this.rails()
      if (!hasRoom(rails, rails)) return
      if (this.#isStillCapped(book.get(id)?.attack)) continue
      this.#capped.delete(id)
      this.#decideOne(book, id, who)
    }
    this.#options.counts.capped = this.#capped.size
  }

  /** Quotas are not all alike: one customer may have room and another not. */
  #isStillCapped(attack: Attack | undefined): boolean {
    if (attack?.state !== 'open') return false
    const decision = this.decide(attack)
    return decision.kind === 'refused' && isOnlyCapped(decision.refusals)
  }

  #decideOne(book: AttackBook, id: string, who: Actor): void {
    const { attack, flows = [], packets = [] } = book.get(id) ?? {}
    if (attack?.state !== 'open') return
    book.decided(id, decisionText(attack, this.opened(attack, flows, who)))
    if (packets.length > 0) this.evidence(attack, packets)
  }

  /** Open attacks that wait for room under a cap. */
  get cappedCount(): number {
    return this.#capped.size
  }

  /**
   * Takes up what an earlier run of the daemon held for an attack. What that run announced is not announced again; what
   * it did not get an answer about is asked again; what it was taking back, or what belongs to an attack that is over,
   * is taken back. A dry run of an attack is dropped when this run is armed. True: something is still done for it.
   */
  adopt(attack: Attack, mitigations: readonly Mitigation[]): boolean {
    const { store, now, context, dryRun } = this.#options
    for (const mitigation of mitigations) {
      store.adopt(mitigation)
      if (mitigation.state === 'withdrawing') this.#takeBack(mitigation, attack, 'withdrawn', 'floodwarden')
      else if (attack.state === 'ended') this.#withdraw(mitigation, attack, 'withdrawn', 'floodwarden')
      else if (context.armed && mitigation.enforcer === dryRun.name) this.#drop(mitigation, now())
      else if (mitigation.state === 'pending')
        this.#announce(mitigation, { attack, flows: [], packets: [] }, 'floodwarden')
    }
    return store.ofAttack(attack.id).some(mitigation => isHeld(mitigation))
  }

  /** Tells enforcers whose announcements can be lost what earlier runs left them. Call when it is adopted. */
  reconcile(): void {
    const { enforcers, store, log } = this.#options
    for (const enforcer of enforcers) {
      const left = store.active().filter(held => held.enforcer === enforcer.name && isHeld(held))
      if (enforcer.reconcile === undefined || left.length === 0) continue
      const facts = { enforcer: enforcer.name, mitigations: left.length }
      this.#hear(enforcer.reconcile(left), outcome => {
        if (outcome.kind === 'done') log.info('taken up again', facts)
        else log.warn('not taken up yet', { ...facts, error: outcome.error })
      })
    }
  }

  /** What was answered with a failure has come true after all. */
  #heardLate(mitigationId: string, outcome: Outcome): void {
    const mitigation = this.#options.store.get(mitigationId)
    if (mitigation !== undefined) this.#announced(mitigation, outcome, 'floodwarden')
  }

  /** Ends what an earlier run held without asking anybody: a newer ban of the same host stands in its place. */
  letGo(mitigations: readonly Mitigation[]): void {
    const { store, now } = this.#options
    for (const mitigation of mitigations) {
      store.adopt(mitigation)
      this.#drop(mitigation, now())
    }
  }

  /** Ends what no enforcer holds without asking one. */
  #drop(mitigation: Mitigation, at: number): void {
    const going =
      mitigation.state === 'withdrawing' ? ({ kind: 'moved', mitigation } as const) : withdraw(mitigation)
    const over = going.kind === 'moved' ? end(going.mitigation, at, 'withdrawn') : going
    if (over.kind === 'moved') this.#options.store.put(over.mitigation)
  }

  #begin(
    briefing: Briefing,
    actions: readonly Action[],
    { reasons, owners }: { readonly reasons: readonly string[]; readonly owners?: readonly Owner[] },
    who: Actor,
    always?: Enforcer,
  ): void {
    const { store, enforcers, maximumSeconds, now, log } = this.#options
    const { attack } = briefing
    for (const [ordinal, action] of actions.entries()) {
      const enforcer = always ?? enforcers.find(candidate => carries(candidate, action))
      if (enforcer === undefined) {
        log.error('no enforcer carries this action', { action: action.kind, attack: attack.id })
        continue
      }
      const reason = reasons[ordinal] ?? ''
      const proposal = {
        ...{ attack, ordinal, action, reason, enforcer: enforcer.name, maximumSeconds },
        ...owners?.[ordinal],
      }
      const mitigation = create(proposal, now())
      store.put(mitigation)
      this.#announce(mitigation, briefing, who)
    }
  }

  #announce(mitigation: Mitigation, briefing: Briefing, who: Actor): void {
    const asked = this.#enforcerOf(mitigation)?.announce(mitigation, briefing)
    this.#hear(asked ?? notConfigured(mitigation), outcome => this.#announced(mitigation, outcome, who))
  }

  #announced(mitigation: Mitigation, outcome: Outcome, who: Actor): void {
    const { store, now, log } = this.#options
    if (this.#isStopping && outcome.kind === 'failed') return
    // One that the store has forgotten is over: only those that are may be forgotten.
    const current = store.get(mitigation.id)
    const move =
      current && (outcome.kind === 'done' ? announced(current, now()) : failed(current, now(), outcome.error))
    if (move?.kind === 'moved') store.put(move.mitigation)
    else log.debug('an answer came late', { mitigation: mitigation.id, reason: move?.reason ?? 'it is over' })
    const change = move?.kind === 'moved' ? { before: current, after: move.mitigation } : {}
    this.#audit(mitigation, 'announce', outcome, who, change)
  }

  #withdraw(
    mitigation: Mitigation,
    attack: Attack | undefined,
    how: 'withdrawn' | 'expired',
    who: Actor,
  ): void {
    const move = withdraw(mitigation)
    if (move.kind === 'refused') return
    this.#options.store.put(move.mitigation)
    this.#takeBack(move.mitigation, attack, how, who)
  }

  /** Asks the enforcer of a mitigation that is being withdrawn. */
  #takeBack(
    mitigation: Mitigation,
    attack: Attack | undefined,
    how: 'withdrawn' | 'expired',
    who: Actor,
  ): void {
    const { store, now } = this.#options
    const what = how === 'expired' ? 'expire' : 'withdraw'
    const asked =
      attack === undefined
        ? Promise.resolve<Outcome>({ kind: 'failed', error: 'its attack is no longer known' })
        : this.#enforcerOf(mitigation)?.withdraw(mitigation, { attack, flows: [], packets: [] })
    this.#hear(asked ?? notConfigured(mitigation), outcome => {
      if (this.#isStopping && outcome.kind === 'failed') return
      const before = store.get(mitigation.id) ?? mitigation
      const over = end(before, now(), how)
      if (over.kind === 'moved') store.put(over.mitigation)
      const change = over.kind === 'moved' ? { before, after: over.mitigation } : {}
      this.#audit(mitigation, what, outcome, who, change)
    })
  }

  /** `undefined` when an earlier run had it and this one has not. */
  #enforcerOf(mitigation: Mitigation): Enforcer | undefined {
    const { enforcers, dryRun } = this.#options
    return [...enforcers, dryRun].find(enforcer => enforcer.name === mitigation.enforcer)
  }

  #audit(
    mitigation: Mitigation,
    what: 'announce' | 'amend' | 'withdraw' | 'expire',
    outcome: Outcome,
    who: Actor,
    change: { readonly before?: Mitigation | undefined; readonly after?: Mitigation } = {},
  ): void {
    const { store, now, log, dryRun } = this.#options
    const result = mitigation.enforcer === dryRun.name && outcome.kind === 'done' ? 'dry-run' : outcome.kind
    const reason = outcome.kind === 'failed' ? { reason: outcome.error } : {}
    const entry = auditOf(mitigation, { at: now(), who, what, outcome: result, ...reason, ...change })
    store.record(entry)
    const { target, mitigationId, outcome: told } = entry
    const facts = { who, target, mitigation: mitigationId, outcome: told, reason: entry.reason }
    if (outcome.kind === 'failed') log.warn(`audit: ${what}`, facts)
    else log.info(`audit: ${what}`, facts)
  }
}

type Decided = Extract<Decision, { kind: 'act' }>

/** Something is done, or was asked for, and is not being taken back. */
const isHeld = ({ state }: Mitigation): boolean =>
  state === 'pending' || state === 'announced' || state === 'failed'

const notConfigured = ({ enforcer }: Mitigation): Promise<Outcome> =>
  Promise.resolve({
    kind: 'failed',
    error: `${enforcer} is not configured any more: what it did must be taken back by hand`,
  })
