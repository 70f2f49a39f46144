// Has mitigations carried out: asks their enforcers, hears the answers when they come, and writes both into ledger and audit.
//
// It never waits for an enforcer: its answer comes when it comes, and the state table decides what it still means.

import type { Attack } from '#4-detection/attack.ts'
import { type Actor, auditOf } from '#7-mitigation/audit.ts'
import type { Briefing, Enforcer, Outcome } from '#7-mitigation/enforcer.ts'
import { isActive, isHeld, isWanted, type Mitigation } from '#7-mitigation/mitigation.ts'
import type { MitigationStore } from '#7-mitigation/mitigation-store.ts'
import { announced, end, failed, holdDown, type Move, refused, withdraw } from '#7-mitigation/transitions.ts'
import type { Logger } from '#lib/log/logger.ts'
import { ExtensionAudit } from './extension-audit.ts'
import { strangerOf } from './state/restore-plan.ts'

export interface CarrierOptions {
  readonly store: MitigationStore
  readonly enforcers: readonly Enforcer[]
  /** Carries all actions while nothing is armed. */
  readonly dryRun: Enforcer
  readonly log: Logger
  /** Wall clock in ms. */
  readonly now: () => number
}

interface Change {
  readonly before?: Mitigation | undefined
  readonly after?: Mitigation
}

export class Carrier {
  #options: CarrierOptions
  readonly #pending = new Set<Promise<void>>()
  readonly #extensions: ExtensionAudit
  #isStopping = false

  constructor(options: CarrierOptions) {
    this.#options = options
    this.#extensions = new ExtensionAudit(options)
    this.#listen(options.enforcers)
  }

  get enforcers(): readonly Enforcer[] {
    return this.#options.enforcers
  }

  /** From now on these; what others carried they are asked to take back no more. */
  set enforcers(enforcers: readonly Enforcer[]) {
    this.#listen(enforcers.filter(enforcer => !this.#options.enforcers.includes(enforcer)))
    this.#options = { ...this.#options, enforcers }
  }

  #listen(enforcers: readonly Enforcer[]): void {
    for (const enforcer of enforcers) {
      enforcer.listen?.((id, outcome) => {
        const mitigation = this.#options.store.get(id)
        if (mitigation !== undefined) this.#announced(mitigation, outcome, 'floodwarden')
      })
    }
  }

  /** From now on an enforcer that gives up because the daemon stops has not failed: the next run asks again. */
  stopping(): void {
    this.#isStopping = true
    this.#extensions.stopping()
  }

  /** Settles when every enforcer that was asked has answered. */
  async settled(): Promise<void> {
    while (this.#pending.size > 0) await Promise.all(this.#pending)
  }

  /** Has a mitigation announced that the ledger has as pending. */
  announce(mitigation: Mitigation, briefing: Briefing, who: Actor): void {
    const asked = this.#enforcerOf(mitigation)?.announce(mitigation, briefing)
    this.#hear(asked ?? notConfigured(mitigation), outcome => this.#announced(mitigation, outcome, who))
  }

  /** More evidence about an open attack: enforcers that announced are told. */
  amend({ attack, ...known }: Omit<Briefing, 'flows'>): void {
    for (const mitigation of this.#options.store.ofAttack(attack.id)) {
      if (!isWanted(mitigation)) continue
      const asked = this.#enforcerOf(mitigation)?.amend(mitigation, { attack, flows: [], ...known })
      this.#hear(asked ?? notConfigured(mitigation), outcome => {
        if (outcome.kind === 'failed') this.#audit(mitigation, 'amend', outcome, 'floodwarden')
      })
    }
  }

  /** Asks for it to be taken back; what is being taken back already is not asked for again. */
  withdraw(
    mitigation: Mitigation,
    attack: Attack | undefined,
    how: 'withdrawn' | 'expired',
    who: Actor,
  ): void {
    const move = withdraw(mitigation)
    if (move.kind === 'refused') return
    this.#extensions.over(mitigation.id)
    this.#options.store.put(move.mitigation)
    this.takeBack(move.mitigation, attack, how, who)
  }

  /** It lives until then. */
  extend(mitigation: Mitigation, expiresAt: number, who: Actor): void {
    const after = { ...mitigation, expiresAt }
    this.#options.store.put(after)
    this.#extensions.extended(mitigation, after, who)
  }

  /** Its attack is over: held until then, taken back by `withdraw` afterwards. */
  holdDown(mitigation: Mitigation, until: number, who: Actor): void {
    const move = holdDown(mitigation, until)
    if (move.kind === 'refused') return
    this.#extensions.over(mitigation.id)
    this.put(mitigation, move, 'end', who)
  }

  /** Puts what a move gave in place of what was, with an entry in the audit. */
  put(
    before: Mitigation,
    move: Move,
    what: 'renew' | 'escalate' | 'end',
    who: Actor,
    because?: string,
  ): void {
    if (move.kind === 'refused') return
    const { store, now } = this.#options
    store.put(move.mitigation)
    const reason = because === undefined ? {} : { reason: because }
    const told = { at: now(), who, what, outcome: 'done', ...reason } as const
    store.record(auditOf(move.mitigation, { ...told, before, after: move.mitigation }))
  }

  /** Asks the enforcer of a mitigation that is being withdrawn. */
  takeBack(
    mitigation: Mitigation,
    attack: Attack | undefined,
    how: 'withdrawn' | 'expired',
    who: Actor,
  ): void {
    const { store, now } = this.#options
    const what = how === 'expired' ? 'expire' : 'withdraw'
    const asked = this.#askBack(mitigation, attack)
    this.#hear(asked ?? notConfigured(mitigation), outcome => {
      if (this.#isStopping && outcome.kind === 'failed') return
      const before = store.get(mitigation.id) ?? mitigation
      const over = end(before, now(), how)
      if (over.kind === 'moved') store.put(over.mitigation)
      const change = over.kind === 'moved' ? { before, after: over.mitigation } : {}
      this.#audit(mitigation, what, outcome, who, change)
    })
  }

  /** A script is told of an attack. Who knows of none takes a route or a rule back all the same. */
  #askBack(mitigation: Mitigation, known: Attack | undefined): Promise<Outcome> | undefined {
    if (known === undefined && mitigation.action.kind === 'script')
      return Promise.resolve({ kind: 'failed', error: 'its attack is no longer known' })
    const attack = known ?? strangerOf(mitigation.attackId, [mitigation], this.#options.now())
    return this.#enforcerOf(mitigation)?.withdraw(mitigation, { attack, flows: [], packets: [] })
  }

  /**
   * Tells enforcers whose announcements can be lost what earlier runs left them. Call when it is adopted. `isAll`: what
   * earlier runs left is known, so what is held beyond it with our mark is nobody's; otherwise nothing is left to be told.
   */
  reconcile(isAll: boolean): void {
    const { enforcers, store, log } = this.#options
    for (const enforcer of enforcers) {
      const left = store.active().filter(held => held.enforcer === enforcer.name && isHeld(held))
      if (enforcer.reconcile === undefined || (left.length === 0 && !isAll)) continue
      const facts = { enforcer: enforcer.name, mitigations: left.length }
      this.#hear(enforcer.reconcile(left), outcome => {
        if (outcome.kind !== 'done') log.warn('not taken up yet', { ...facts, error: outcome.error })
        else if (left.length > 0) log.info('taken up again', facts)
      })
    }
  }

  /** Ends what no enforcer holds without asking one. */
  drop(mitigation: Mitigation): void {
    this.#extensions.over(mitigation.id)
    const going =
      mitigation.state === 'withdrawing' ? ({ kind: 'moved', mitigation } as const) : withdraw(mitigation)
    const over = going.kind === 'moved' ? end(going.mitigation, this.#options.now(), 'withdrawn') : going
    if (over.kind === 'moved') this.#options.store.put(over.mitigation)
  }

  /** Hears an enforcer's answer when it comes. */
  #hear(answer: Promise<Outcome>, take: (outcome: Outcome) => void): void {
    const heard = answer.then(take).finally(() => this.#pending.delete(heard))
    this.#pending.add(heard)
  }

  #announced(mitigation: Mitigation, outcome: Outcome, who: Actor): void {
    const { store, now, log } = this.#options
    if (this.#isStopping && outcome.kind === 'failed') return
    // One that the store has forgotten is over: only those that are may be forgotten.
    const current = store.get(mitigation.id)
    const move = current && answered(current, outcome, now())
    if (move?.kind === 'moved') store.put(move.mitigation)
    if (move?.kind === 'moved' && !isActive(move.mitigation)) this.#extensions.over(mitigation.id)
    if (move?.kind !== 'moved')
      log.debug('an answer came late', { mitigation: mitigation.id, reason: move?.reason ?? 'it is over' })
    const change = move?.kind === 'moved' ? { before: current, after: move.mitigation } : {}
    this.#audit(mitigation, 'announce', outcome, who, change)
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
    change: Change = {},
  ): void {
    const { store, now, log, dryRun } = this.#options
    const result = mitigation.enforcer === dryRun.name && outcome.kind === 'done' ? 'dry-run' : outcome.kind
    const reason = outcome.kind === 'done' ? {} : { reason: outcome.error }
    const entry = auditOf(mitigation, { at: now(), who, what, outcome: result, ...reason, ...change })
    store.record(entry)
    const { target, mitigationId, outcome: told } = entry
    const facts = { who, target, mitigation: mitigationId, outcome: told, reason: entry.reason }
    if (outcome.kind === 'done') log.info(`audit: ${what}`, facts)
    else log.warn(`audit: ${what}`, facts)
  }
}

function answered(current: Mitigation, outcome: Outcome, now: number): Move {
  switch (outcome.kind) {
    case 'done':
      return announced(current, now)
    case 'failed':
      return failed(current, now, outcome.error)
    case 'refused':
      return refused(current, now, outcome.error)
  }
}

const notConfigured = ({ enforcer }: Mitigation): Promise<Outcome> =>
  Promise.resolve({
    kind: 'failed',
    error: `${enforcer} is not configured any more: what it did must be taken back by hand`,
  })
