// From attacks to actions: policy decides, mitigations are held in the ledger, enforcers carry them out (carrier.ts).
//
// An attack that only a cap kept back is decided about again, in turn, as soon as there is room and while it is open. So
// is one whose mitigations lived their time, when it is seen again.

import { isDeepStrictEqual } from 'node:util'
import type { Attack, OpenAttack } from '#4-detection/attack.ts'
import type { ProposedRules } from '#5-evidence/distill/proposed-rules.ts'
import type { FlowSection, PacketRecord } from '#5-evidence/evidence.ts'
import type { Report } from '#6-policy/correlate.ts'
import { type Decision, type DecisionContext, decide, decisionText } from '#6-policy/decide.ts'
import { floodFactsOf } from '#6-policy/flood-facts.ts'
import { hasRoom, isOnlyCapped, type RailPrefixes, type Rails, railPrefixesOf } from '#6-policy/guardrail.ts'
import type { DecisionCounts } from '#6-policy/metrics.ts'
import type { Actor } from '#7-mitigation/audit.ts'
import type { Briefing, Enforcer } from '#7-mitigation/enforcer.ts'
import { due, expiryOf } from '#7-mitigation/lifetime.ts'
import { isActive, isHeld, isWanted, type Mitigation } from '#7-mitigation/mitigation.ts'
import { changeStep, replacedNow } from '#7-mitigation/step-change.ts'
import type { ArmingChange } from '#api/contract/arming.ts'
import { ifArmed, ifDisarmed } from './arming/if-switched.ts'
import type { AttackBook } from './attack-book.ts'
import { Carrier, type CarrierOptions } from './carrier.ts'
import { type DeskContext, railsOf, saidBy } from './desk-context.ts'
import { isDistilled } from './distill-input.ts'
import { LadderWatch, type Slice } from './ladder-watch.ts'
import { MitigationMaker } from './mitigation-maker.ts'
import { RuleProposals } from './rule-proposals.ts'

/** What may change while the daemon runs. */
export interface DeskSettings {
  readonly maximumSeconds: number
  /** Missing: 0. */
  readonly holdDownSeconds?: number
  readonly context: DeskContext
}

export interface ActionDeskOptions extends CarrierOptions, DeskSettings {
  readonly counts: DecisionCounts
  /** What foreign detectors say of a host now. Missing: nobody says anything. */
  readonly reportsAbout?: (host: string) => readonly Report[]
  /** Told what is decided about an attack that is open already, when it is otherwise than before. Missing: nobody is. */
  readonly decidedAgain?: (attack: OpenAttack, decision: Decision) => void
}

export class ActionDesk {
  #options: ActionDeskOptions
  #prefixes: RailPrefixes
  readonly #carrier: Carrier
  readonly #maker: MitigationMaker
  /** Open attacks that only a cap kept back, and who asked, in the order in which they opened. */
  readonly #capped = new Map<string, Actor>()
  /** Open attacks that are decided about again as soon as nothing is held for them any more. */
  readonly #again = new Set<string>()
  readonly #watch = new LadderWatch()
  readonly proposals = new RuleProposals()
  /** Open attacks whose mitigations lived their time, and when: decided about again when they are seen after that. */
  readonly #lapsed = new Map<string, number>()

  constructor(options: ActionDeskOptions) {
    this.#options = options
    this.#prefixes = railPrefixesOf(options.context)
    this.#carrier = new Carrier(options)
    this.#maker = new MitigationMaker(options, this.#carrier, () => this.#options.maximumSeconds)
  }

  /**
   * Goes on by other rails and means. Open attacks for which nothing is done are decided about again; when it was armed
   * or disarmed all are, and what is held is taken back first. What the old means began they also take back.
   */
  reconfigure(changes: DeskSettings, book: AttackBook): void {
    const { context, store } = this.#options
    this.#options = { ...this.#options, ...changes }
    if (isDeepStrictEqual(context, changes.context)) return
    this.#prefixes = railPrefixesOf(changes.context)
    const isSwitched = context.armed !== changes.context.armed
    for (const attack of book.open) {
      const active = store.ofAttack(attack.id).filter(isActive)
      if (!isSwitched && active.length > 0) {
        this.#reconsider(attack, book)
        continue
      }
      for (const mitigation of active) this.#carrier.withdraw(mitigation, attack, 'withdrawn', 'floodwarden')
      // What others reported is over with its time: only another report begins it anew.
      if (attack.origin !== 'event' || !this.#lapsed.has(attack.id)) this.#again.add(attack.id)
    }
    this.#decideAgain(book)
  }

  /** From now on an enforcer that gives up because the daemon stops has not failed: the next run asks again. */
  stopping(): void {
    this.#carrier.stopping()
  }

  /** Settles when every enforcer that was asked has answered. */
  settled(): Promise<void> {
    return this.#carrier.settled()
  }

  /** What policy says about an attack now; nothing is done. */
  decide(attack: Attack, flows: readonly FlowSection[] = []): Decision {
    return decide(attack, this.#contextFor(attack, flows))
  }

  #contextFor(attack: Attack, flows: readonly FlowSection[]): DecisionContext {
    const { context, store, now, reportsAbout } = this.#options
    const { floodPorts, ...facts } = floodFactsOf(attack, flows)
    const ladder = this.#watch.ladderOf(attack.id)
    const held = store.ofAttack(attack.id).filter(isHeld)
    const { reported } = attack
    const distilling = this.proposals.of(attack.id, now())
    return {
      ...context,
      rails: this.rails(),
      nowMs: now(),
      ...(distilling === undefined ? {} : { distilling }),
      ...(ladder === undefined ? {} : { ladder }),
      held: held.map(({ action }) => action),
      ...(reportsAbout === undefined ? {} : { reports: reportsAbout(attack.host) }),
      ...(attack.state === 'open' ? { speed: attack.speed } : {}),
      ...facts,
      // Who knows nothing of a host's services is not to drop one port and wait for the flood to take another.
      ...(context.inventory === undefined || floodPorts === undefined ? {} : { floodPorts }),
      ...(reported === undefined ? {} : saidBy(reported, attack)),
    }
  }

  /** From now on these carry out what is decided. */
  set enforcers(enforcers: readonly Enforcer[]) {
    this.#carrier.enforcers = enforcers
  }

  /** What would change if it were armed, or disarmed, now: of each open attack, newest first. */
  ifSwitched(book: AttackBook): ArmingChange[] {
    const { store, context } = this.#options
    return book
      .list('open')
      .flatMap(({ attack, flows }) =>
        context.armed
          ? ifDisarmed(attack, store.ofAttack(attack.id))
          : ifArmed(attack, decide(attack, { ...this.#contextFor(attack, flows), armed: true })),
      )
  }

  /** What no action may cross, as it is now. Costs the same however many bans there are. */
  rails(): Rails {
    const { context, store, now } = this.#options
    return railsOf(context, this.#prefixes, store, now())
  }

  /** What policy decides by now, whatever the attack. */
  get decisionContext(): DecisionContext {
    return { ...this.#options.context, rails: this.rails() }
  }

  /** Decides about an attack that opened, unless that was done just now, and has it carried out; gives back what was decided. */
  opened(
    attack: OpenAttack,
    flows: readonly FlowSection[],
    who: Actor = 'floodwarden',
    decision: Decision = this.decide(attack, flows),
  ): Decision {
    const { log, counts } = this.#options
    counts.count(decision)
    this.#watch.decided(attack.id, decision)
    log.info('decided', { attack: attack.id, host: attack.host, decision: decisionText(attack, decision) })
    switch (decision.kind) {
      case 'act':
      case 'dry-run':
        this.#changeStep({ attack, flows, packets: [] }, decision, who)
        break
      case 'refused':
        if (isOnlyCapped(decision.refusals)) this.#capped.set(attack.id, who)
        counts.capped = this.#capped.size
        this.#maker.refused(attack, decision.refusals.map(({ reason }) => reason).join('; '), who)
        break
      case 'nothing':
        break
    }
    return decision
  }

  /** More evidence about an open attack: enforcers that announced are told. */
  evidence(attack: Attack, packets: readonly PacketRecord[]): void {
    const known = this.proposals.of(attack.id, this.#options.now())
    const proposed = known?.kind === 'known' ? { proposed: known.proposed } : {}
    this.#carrier.amend({ attack, packets, ...proposed })
  }

  /** Other rules are proposed against an attack: it is decided about again at once. */
  proposed(attackId: string, proposed: ProposedRules, book: AttackBook): void {
    const attack = book.get(attackId)?.attack
    if (!this.proposals.proposed(attackId, proposed) || attack?.state !== 'open') return
    if ((this.#options.context.playbooks ?? []).length > 0) this.#reconsider(attack, book)
  }

  /** Another report or order about an attack: what is held for it is held for its TTL again. */
  extend(attackId: string, who: Actor): void {
    const { store, now, maximumSeconds } = this.#options
    for (const mitigation of store.ofAttack(attackId)) {
      const expiresAt = expiryOf(mitigation, now(), maximumSeconds)
      if (isHeld(mitigation) && expiresAt > mitigation.expiresAt)
        this.#carrier.extend(mitigation, expiresAt, who)
    }
  }

  /** Somebody decided anew how long: what is held for an attack ends then, at most a maximum lifetime from now. */
  prolong(attackId: string, ttlSeconds: number, who: Actor, because?: string): void {
    const { store, now, maximumSeconds } = this.#options
    const expiresAt = now() + Math.min(ttlSeconds, maximumSeconds) * 1000
    for (const held of store.ofAttack(attackId).filter(isHeld)) {
      if (held.state !== 'ending')
        this.#carrier.put(
          held,
          { kind: 'moved', mitigation: { ...held, ttlSeconds, expiresAt } },
          'renew',
          who,
          because,
        )
    }
  }

  /** An attack is over: everything done about it is taken back, routes and rules after their hold-down. */
  ended(attack: Attack, who: Actor = 'floodwarden'): void {
    if (this.#capped.delete(attack.id)) this.#options.counts.capped = this.#capped.size
    this.#lapsed.delete(attack.id)
    this.#watch.forget(attack.id)
    this.proposals.forget(attack.id)
    const { store, now, holdDownSeconds = 0 } = this.#options
    const isFinished = attack.state === 'ended' && attack.endedBy === 'finished'
    for (const mitigation of store.ofAttack(attack.id)) {
      const isHeldDown = holdDownSeconds > 0 && isFinished && mitigation.action.kind !== 'script'
      if (isHeldDown) this.#carrier.holdDown(mitigation, now() + holdDownSeconds * 1000, who)
      else this.#carrier.withdraw(mitigation, attack, 'withdrawn', who)
    }
  }

  /**
   * Extends what attacks that are still seen need, ends what nothing keeps alive, and decides about attacks that waited
   * for room; call about once a second, or more often with `slice`. The book says which attacks are
   * open, and hears what is decided now.
   */
  expire(book: AttackBook, slice?: Slice): void {
    const { store, now, maximumSeconds } = this.#options
    const isSeen = (id: string, withinSeconds: number) => book.wasSeen(id, now() - withinSeconds * 1000)
    for (const each of due(store.expiring(now()), isSeen, now(), maximumSeconds)) {
      const { kind, mitigation } = each
      const before = store.get(mitigation.id) ?? mitigation
      const attack = book.get(mitigation.attackId)?.attack
      if (kind === 'renew') this.#carrier.put(before, { kind: 'moved', mitigation }, 'renew', 'floodwarden')
      else if (kind === 'release') this.#carrier.withdraw(mitigation, attack, 'withdrawn', 'floodwarden')
      else {
        this.#carrier.withdraw(mitigation, attack, 'expired', 'floodwarden')
        if (attack?.state === 'open') this.#lapsed.set(attack.id, now())
      }
    }
    this.#climb(book, slice)
    // Each of those that wait costs a decision: once a turn is often enough.
    if (slice?.isNewTurn !== false) this.#decideAgain(book)
  }

  /** Has open attacks go up and down the steps of their playbooks, and takes back what another step replaced. */
  #climb(book: AttackBook, slice?: Slice): void {
    if ((this.#options.context.playbooks ?? []).length === 0) return
    for (const id of this.#watch.next(slice)) {
      const attack = book.get(id)?.attack
      if (attack?.state === 'open') this.#reconsider(attack, book)
      else this.#watch.forget(id)
    }
  }

  /** Decides about an attack for which something is held or watched; what is wanted no more is taken back. */
  #reconsider(attack: OpenAttack, book: AttackBook): void {
    const { store, log } = this.#options
    const before = this.#watch.ladderOf(attack.id)
    const { flows = [], packets = [] } = book.get(attack.id) ?? {}
    const decision = this.decide(attack, flows)
    const refusals = decision.kind === 'refused' ? decision.refusals : []
    if (isOnlyCapped(refusals)) return
    const isOther = this.#watch.decided(attack.id, decision)
    const isOnLadder = before !== undefined || decision.ladder !== undefined
    if (isOther && (isOnLadder || refusals.length > 0)) {
      const text = decisionText(attack, decision)
      log.info('decided again', { attack: attack.id, host: attack.host, decision: text })
      book.decided(attack.id, text)
      this.#changeStep({ attack, flows, packets }, decision, 'floodwarden')
      this.#options.decidedAgain?.(attack, decision)
    }
    const { playbook = '', step = 0 } = decision.ladder ?? {}
    const wanted = decision.ladder === undefined ? undefined : this.#maker.wantedBy(decision)
    for (const mitigation of replacedNow(store.ofAttack(attack.id), { playbook, step }, wanted)) {
      this.#carrier.withdraw(mitigation, attack, 'withdrawn', 'floodwarden')
    }
  }

  /** Begins what is wanted and not held yet; what is held and not wanted any more is marked as replaced. */
  #changeStep(briefing: Briefing, decision: Decision, who: Actor): void {
    const { store, maximumSeconds } = this.#options
    const { attack } = briefing
    const { ladder, ttlSeconds = maximumSeconds } = decision
    const place = { playbook: ladder?.playbook ?? '', step: ladder?.step ?? 0, ttlSeconds }
    const isDecided = decision.kind === 'act' || decision.kind === 'dry-run'
    const mitigations = store.ofAttack(attack.id)
    const { kept, begin, replaced } = changeStep(mitigations, this.#maker.wantedBy(decision), place)
    for (const mitigation of kept) store.put(mitigation)
    for (const mitigation of replaced) {
      const before = store.get(mitigation.id) ?? mitigation
      if (before.state !== mitigation.state)
        this.#carrier.put(before, { kind: 'moved', mitigation }, 'escalate', who)
    }
    if (isDecided) this.#maker.begin(briefing, decision, who, begin)
  }

  /** In the order in which they opened, as long as there is room. */
  #decideAgain(book: AttackBook): void {
    for (const [id, at] of this.#lapsed) {
      if (book.get(id)?.attack.state !== 'open') this.#lapsed.delete(id)
      else if (book.wasSeen(id, at)) this.#again.add(id)
    }
    for (const id of this.#again) {
      if (this.#options.store.ofAttack(id).some(({ state }) => state === 'withdrawing')) continue
      this.#again.delete(id)
      this.#lapsed.delete(id)
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
    const decision = this.opened(attack, flows, who)
    book.decided(id, decisionText(attack, decision))
    this.#options.decidedAgain?.(attack, decision)
    if (packets.length > 0) this.evidence(attack, packets)
  }

  /** Open attacks that wait for room under a cap. */
  get cappedCount(): number {
    return this.#capped.size
  }

  /**
   * Takes up what an earlier run of the daemon held for an attack. What that run announced is not announced again; what
   * it did not get an answer about is asked again; what it was taking back, or what belongs to an attack that is over and
   * is not held down, is taken back. A dry run of an attack is dropped when this run is armed, and what was done is taken
   * back when it is not. True: something is still done for it.
   */
  adopt(attack: Attack, mitigations: readonly Mitigation[]): boolean {
    const { store, context, dryRun, now } = this.#options
    const carrier = this.#carrier
    for (const mitigation of mitigations) {
      store.adopt(mitigation)
      const { state, enforcer } = mitigation
      if (state === 'withdrawing') carrier.takeBack(mitigation, attack, 'withdrawn', 'floodwarden')
      else if (state === 'ending') continue
      else if (attack.state === 'ended') carrier.withdraw(mitigation, attack, 'withdrawn', 'floodwarden')
      else if (context.armed && enforcer === dryRun.name) carrier.drop(mitigation)
      else if (!context.armed && enforcer !== dryRun.name)
        carrier.withdraw(mitigation, attack, 'withdrawn', 'floodwarden')
      else if (state === 'pending')
        carrier.announce(mitigation, { attack, flows: [], packets: [] }, 'floodwarden')
    }
    this.#watch.adopt(attack, mitigations)
    if (context.isDistilling === true && attack.state === 'open' && isDistilled(attack))
      this.proposals.sought(attack, now(), true)
    return store.ofAttack(attack.id).some(isWanted)
  }

  /** See `Carrier.reconcile`. */
  reconcile(isAll: boolean): void {
    this.#carrier.reconcile(isAll)
  }

  /** Ends what an earlier run held without asking anybody: a newer ban of the same host stands in its place. */
  letGo(mitigations: readonly Mitigation[]): void {
    for (const mitigation of mitigations) {
      this.#options.store.adopt(mitigation)
      this.#carrier.drop(mitigation)
    }
  }
}
