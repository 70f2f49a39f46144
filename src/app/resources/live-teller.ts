// Tells the live feed what happens to attacks and mitigations, and the traffic of each second.
//
// A storm opens 65,536 attacks in a tick: what is told in a second is bounded, and beyond that whoever hears is told to
// ask for lists again.

import { TotalReadings } from '#3-traffic/totals.ts'
import type { Attack, EndedAttack, OpenAttack } from '#4-detection/attack.ts'
import { type Decision, decisionText } from '#6-policy/decide.ts'
import type { AuditEntry } from '#7-mitigation/audit.ts'
import type { Mitigation } from '#7-mitigation/mitigation.ts'
import type { MitigationKeeper, MitigationStore } from '#7-mitigation/mitigation-store.ts'
import { type LiveMessage, TOPICS, type Topic } from '#api/contract/live.ts'
import type { Profile } from '#api/contract/protection.ts'
import type { RuleView } from '#api/contract/rules.ts'
import type { LiveFeed } from '#api/live/live-feed.ts'
import { presentAttack } from '#api/present-attack.ts'
import type { AttackBook } from '../attack-book.ts'
import type { AttackWitness } from '../attack-story.ts'
import type { EngineFacts } from '../engine-worker/engine-facts.ts'
import { mitigationView } from './present-mitigation.ts'

export interface LiveTellerOptions {
  readonly feed: LiveFeed
  readonly book: AttackBook
  readonly store: () => Pick<MitigationStore, 'ofAttack'>
  readonly facts: () => Pick<EngineFacts, 'totals' | 'wallMs'>
}

/** Messages of a topic within a second; of more a resync is told. */
const PER_SECOND_MAX = 500
const EVERYTHING = ['0.0.0.0/0', '::/0']

export class LiveTeller implements AttackWitness, MitigationKeeper {
  readonly #options: LiveTellerOptions
  readonly #told: Record<Topic, number> = {
    ...{ attacks: 0, mitigations: 0, rules: 0, protection: 0, traffic: 0 },
  }
  readonly #missed = new Set<Topic>()
  /** Open attacks that stand otherwise since the last second. */
  readonly #changed = new Map<string, OpenAttack>()

  constructor(options: LiveTellerOptions) {
    this.#options = options
  }

  opened(attack: OpenAttack, decision: Decision): void {
    this.#tellAttack('attack-opened', attack, () => decisionText(attack, decision))
  }

  evidence(): void {}

  /** Told once a second, as it is then. */
  updated(attack: OpenAttack): void {
    if (this.#options.feed.isHeard) this.#changed.set(attack.id, attack)
  }

  ended(attack: EndedAttack): void {
    this.#changed.delete(attack.id)
    this.#tellAttack('attack-ended', attack, () => this.#options.book.get(attack.id)?.decision ?? '')
  }

  keepMitigation(mitigation: Mitigation): void {
    // Reports extend thousands of them a second.
    if (!this.#options.feed.isHeard) return
    const { target, attackId } = mitigation
    this.#tell({ topic: 'mitigations', kind: 'mitigation-changed', targets: [target], attackId }, () => ({
      ...{ kind: 'mitigation-changed', mitigation: mitigationView(mitigation, undefined) },
    }))
  }

  record(_entry: AuditEntry): void {}

  /** A rule by a person is otherwise than before. */
  rule(rule: RuleView): void {
    this.#tell({ topic: 'rules', kind: 'rule-changed', targets: [rule.target] }, () => ({
      ...{ kind: 'rule-changed', rule },
    }))
  }

  /** A protection profile stands otherwise than before. */
  profile(profile: Profile): void {
    // General protection is about whatever nobody else covers.
    const targets = profile.isDefault ? EVERYTHING : profile.prefixes
    this.#tell({ topic: 'protection', kind: 'protection-changed', targets }, () => ({
      ...{ kind: 'protection-changed', profile },
    }))
  }

  /** Call once a second. */
  second(): void {
    const { feed } = this.#options
    if (feed.isHeard) {
      for (const attack of this.#changed.values())
        this.#tellAttack('attack-updated', attack, () => this.#options.book.get(attack.id)?.decision ?? '')
      this.#tell({ topic: 'traffic', kind: 'traffic', targets: [] }, () => this.#traffic())
      for (const topic of this.#missed)
        feed.tell({ topic, kind: 'resync', targets: [] }, () => ({
          ...{ kind: 'resync', reason: `more happened to ${topic} within a second than is told` },
        }))
    }
    this.#changed.clear()
    this.#missed.clear()
    for (const topic of TOPICS) this.#told[topic] = 0
  }

  #tellAttack(
    kind: 'attack-opened' | 'attack-updated' | 'attack-ended',
    attack: Attack,
    decision: () => string,
  ): void {
    const { store, book } = this.#options
    const about = { topic: 'attacks', kind, targets: attack.prefixes, attackId: attack.id } as const
    this.#tell(about, () => ({
      kind,
      attack: presentAttack(attack, decision(), store().ofAttack(attack.id), book.get(attack.id)?.proposed),
    }))
  }

  #tell(about: Parameters<LiveFeed['tell']>[0], make: () => LiveMessage): void {
    const { feed } = this.#options
    if (!feed.isHeard) return
    if (++this.#told[about.topic] > PER_SECOND_MAX) this.#missed.add(about.topic)
    else feed.tell(about, make)
  }

  #traffic(): LiveMessage {
    const { facts, book } = this.#options
    const { totals, wallMs } = facts()
    const readings = new TotalReadings(totals)
    return {
      ...{ kind: 'traffic', at: new Date(wallMs).toISOString() },
      incoming: readings.speed('incoming'),
      outgoing: readings.speed('outgoing'),
      internal: readings.speed('internal'),
      other: readings.speed('other'),
      openAttacks: book.openCount,
    }
  }
}

/** Tells all of them, in this order. */
export const keepersOf = (...keepers: readonly MitigationKeeper[]): MitigationKeeper => ({
  keepMitigation(mitigation, before) {
    for (const keeper of keepers) keeper.keepMitigation(mitigation, before)
  },
  record(entry) {
    for (const keeper of keepers) keeper.record(entry)
  },
})
