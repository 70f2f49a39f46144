// What happens to attacks, told to everybody it concerns in the right order: log, policy, book.

import type { Attack, EndedAttack, Finding, OpenAttack } from '#4-detection/attack.ts'
import type { AttackKeeper } from '#4-detection/attack-store.ts'
import type { AttackCounts } from '#4-detection/metrics.ts'
import { isRule } from '#4-detection/reported-attack.ts'
import { type ProposedRules, proposedText, ruleTexts } from '#5-evidence/distill/proposed-rules.ts'
import type { FlowSection, PacketRecord } from '#5-evidence/evidence.ts'
import { findingText, whyOpened } from '#5-evidence/report.ts'
import { type Decision, decisionText } from '#6-policy/decide.ts'
import type { Actor } from '#7-mitigation/audit.ts'
import type { Logger } from '#lib/log/logger.ts'
import type { ActionDesk } from './action-desk.ts'
import type { AttackBook } from './attack-book.ts'
import type { EngineEvent } from './engine-event.ts'

/** Somebody who writes down what happens and takes no part in it. Never throws, never waits. */
export interface AttackWitness {
  opened(attack: OpenAttack, decision: Decision, flows: readonly FlowSection[]): void
  evidence(attack: Attack, packets: readonly PacketRecord[]): void
  /** More is known of an open attack, or it stands otherwise. */
  updated?(attack: OpenAttack): void
  /** Policy decided about an open attack again, and otherwise than before. */
  decidedAgain?(attack: OpenAttack, decision: Decision): void
  /** Rails refused what somebody reported or ordered: no attack comes of it. */
  refused?(attack: OpenAttack, decision: Extract<Decision, { kind: 'refused' }>): void
  ended(attack: EndedAttack): void
}

/** The same, who is told nothing of what only carries out a rule by a person; but of what rails refuse. */
export const butRules = (witness: AttackWitness): AttackWitness => ({
  opened: (attack, ...told) => {
    if (!isRule(attack)) witness.opened(attack, ...told)
  },
  evidence: (attack, packets) => {
    if (!isRule(attack)) witness.evidence(attack, packets)
  },
  updated: attack => {
    if (!isRule(attack)) witness.updated?.(attack)
  },
  decidedAgain: (attack, decision) => {
    if (!isRule(attack)) witness.decidedAgain?.(attack, decision)
  },
  refused: (attack, decision) => witness.refused?.(attack, decision),
  ended: attack => {
    if (!isRule(attack)) witness.ended(attack)
  },
})

export interface StoryOptions {
  readonly desk: ActionDesk
  readonly book: AttackBook
  readonly counts: AttackCounts
  /** Keeps attacks where a restart finds them; missing: nobody does. */
  readonly keeper?: AttackKeeper
  /** Told after everybody else. */
  readonly witnesses?: readonly AttackWitness[]
  readonly log: Logger
}

export class AttackStory {
  readonly #options: StoryOptions

  constructor(options: StoryOptions) {
    this.#options = options
  }

  tell(events: readonly EngineEvent[], who: Actor = 'floodwarden'): void {
    for (const event of events) this.#tellOne(event, who)
  }

  #tellOne(event: EngineEvent, who: Actor): void {
    const { desk, book, log, keeper, witnesses = [] } = this.#options
    if ('attack' in event) keeper?.keepAttack(event.attack)
    switch (event.kind) {
      case 'opened':
        if (event.isDistilled) desk.proposals.sought(event.attack, event.attack.openedAt, false)
        this.#opened(event.attack, event.flows, who)
        break
      case 'updated': {
        const { id, host, peak, isOver } = event.attack
        log.debug('attack updated', { attack: id, host, peak, isOver })
        book.updated(event.attack)
        for (const witness of witnesses) witness.updated?.(event.attack)
        break
      }
      case 'evidence': {
        if (event.named !== undefined) this.#rename(event.named)
        if (event.tallies !== undefined) book.tallied(event.attackId, event.tallies)
        const attack = book.evidence(event.attackId, event.packets)
        if (attack !== undefined && attack.state === 'open') desk.evidence(attack, event.packets)
        if (attack !== undefined) for (const witness of witnesses) witness.evidence(attack, event.packets)
        break
      }
      case 'tallied':
        book.tallied(event.attackId, event.tallies)
        break
      case 'distilled':
        this.#proposed(event.attackId, event.proposed)
        break
      case 'ended': {
        const { id, host, peak, endedBy, banSeconds } = event.attack
        log.info('attack ended', { attack: id, host, peak, endedBy, banSeconds })
        book.ended(event.attack)
        desk.ended(event.attack, who)
        for (const witness of witnesses) witness.ended(event.attack)
        break
      }
    }
  }

  /** Rules are proposed, of which only others than before are worth a line. */
  #proposed(attackId: string, proposed: ProposedRules): void {
    const { desk, book, log, witnesses = [] } = this.#options
    const before = book.proposed(attackId, proposed)
    const attack = book.get(attackId)?.attack
    if (attack?.state !== 'open') return
    const text = proposedText(proposed)
    const fields = { attack: attackId, host: attack.host, proposed: text }
    const isNew =
      before === undefined ||
      ruleTexts(before).join() !== ruleTexts(proposed).join() ||
      before.distilled.kind !== proposed.distilled.kind
    if (isNew) log.info('rules proposed', fields)
    else log.debug('rules proposed again', fields)
    desk.proposed(attackId, proposed, book)
    if (isNew) for (const witness of witnesses) witness.updated?.(attack)
  }

  /** An attack that a report made, and what was just decided about it. */
  reported(attack: OpenAttack, decided: Decision, who: Actor): void {
    this.#options.keeper?.keepAttack(attack)
    this.#opened(attack, [], who, decided)
  }

  /** Rails refused what a report or an order would have made. */
  refused(attack: OpenAttack, decision: Extract<Decision, { kind: 'refused' }>): void {
    for (const witness of this.#options.witnesses ?? []) witness.refused?.(attack, decision)
  }

  /** What was decided about an attack that was open already. */
  decidedAgain(attack: OpenAttack, decision: Decision): void {
    for (const witness of this.#options.witnesses ?? []) witness.decidedAgain?.(attack, decision)
  }

  #opened(attack: OpenAttack, flows: readonly FlowSection[], who: Actor, decided?: Decision): void {
    const { desk, book, counts, log, witnesses = [] } = this.#options
    const { id, host, origin, direction, type, protocol, power } = attack
    const { incoming, outgoing } = attack.speeds
    log.info('attack opened', {
      attack: id,
      host,
      origin,
      direction,
      type,
      protocol,
      power,
      incomingPackets: Math.round(incoming.packets),
      incomingBytes: Math.round(incoming.bytes),
      outgoingPackets: Math.round(outgoing.packets),
      outgoingBytes: Math.round(outgoing.bytes),
      is: findingText(attack.finding),
      why: whyOpened(attack),
    })
    counts.count({ kind: 'opened', attack })
    const decision = desk.opened(attack, flows, who, decided)
    book.opened(attack, decisionText(attack, decision), flows)
    for (const witness of witnesses) witness.opened(attack, decision, flows)
  }

  /** More packets may give an attack a better name; only another name is worth a line. */
  #rename(attack: OpenAttack): void {
    const { book, keeper, log, witnesses = [] } = this.#options
    const namesOf = (finding: Finding | undefined) => finding?.parts.map(({ vector }) => vector).join(' ')
    const known = book.get(attack.id)?.attack.finding
    const fields = { attack: attack.id, host: attack.host, is: findingText(attack.finding) }
    if (namesOf(known) === namesOf(attack.finding)) log.debug('attack named again', fields)
    else log.info('attack named again', fields)
    book.updated(attack)
    keeper?.keepAttack(attack)
    for (const witness of witnesses) witness.updated?.(attack)
  }
}
