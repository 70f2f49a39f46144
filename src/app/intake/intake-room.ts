// What comes from outside about attacks, reports and orders, and what is told about attacks: joined to the daemon's parts.

import type { OpenAttack } from '#4-detection/attack.ts'
import { isReported } from '#4-detection/reported-attack.ts'
import type { Actor } from '#7-mitigation/audit.ts'
import type { MitigationLedger } from '#7-mitigation/mitigation-ledger.ts'
import type { MetricRegistry } from '#lib/metrics/registry.ts'
import type { ActionDesk } from '../action-desk.ts'
import type { AttackBook } from '../attack-book.ts'
import type { AttackStory } from '../attack-story.ts'
import type { ResolvedConfig } from '../config/config.ts'
import { strangerOf } from '../state/restore-plan.ts'
import type { StateRoom } from '../state/state-room.ts'
import { acknowledge, type Note } from './acknowledgements.ts'
import { AttackArchive } from './attack-archive.ts'
import { EventDesk } from './event-desk.ts'
import { GroupDesk } from './group-desk.ts'
import { groupMetrics } from './group-metrics.ts'
import { GroupRulesDesk, surroundingsOf } from './group-rules.ts'
import { METRICS } from './metrics.ts'
import { MitigationArchive } from './mitigation-archive.ts'
import { playbookDemands } from './playbook-demands.ts'
import { ReportWindow } from './report-window.ts'

export interface IntakeOptions {
  readonly desk: ActionDesk
  readonly book: AttackBook
  readonly story: AttackStory
  readonly store: MitigationLedger
  readonly state: StateRoom
  /** As it is in force. */
  readonly config: () => ResolvedConfig
  readonly now: () => number
}

export class IntakeRoom {
  readonly #options: IntakeOptions
  readonly events: EventDesk
  readonly archive: AttackArchive
  readonly mitigations: MitigationArchive
  readonly reports: ReportWindow
  readonly groups: GroupDesk
  readonly groupRules: GroupRulesDesk

  constructor(options: IntakeOptions) {
    const { desk, state, config } = options
    this.#options = options
    this.reports = new ReportWindow(() => config().policy.correlation.windowSeconds * 1000)
    this.groupRules = new GroupRulesDesk({
      ...{ documents: state.documents, now: options.now },
      configured: () => config().policy.correlation,
    })
    this.groups = new GroupDesk({
      ...{ now: options.now, documents: state.documents, rules: () => this.groupRules.rules },
      surroundingsOf: host => surroundingsOf(host, desk.decisionContext.inventory),
      demandsOf: event => playbookDemands(event, desk, options.now()),
    })
    this.events = new EventDesk({
      ...{ ...options, reports: this.reports, groups: this.groups },
      maximumSeconds: () => config().mitigation.maximumSeconds,
      settings: () => config().events,
    })
    this.mitigations = new MitigationArchive(state)
    const { documents } = state
    this.archive = new AttackArchive({
      ...options,
      documents,
      inventory: () => desk.decisionContext.inventory,
    })
  }

  /** From now on reports are taken. Of attacks that an earlier run left, gives those that the engine has to know of. */
  open(left: readonly OpenAttack[]): OpenAttack[] {
    this.groups.adopt()
    this.events.open()
    return left.filter(attack => !isReported(attack))
  }

  /** Notes that somebody has seen an attack. `undefined`: there is no such attack. */
  async acknowledge(attackId: string, who: Actor, by: string = who): Promise<Note | undefined> {
    const { state, store, now } = this.#options
    const record = await this.archive.get(attackId)
    if (record === undefined) return undefined
    const { note, isNew } = await acknowledge(state.documents, attackId, by, now())
    if (isNew)
      store.record({
        ...{ at: note.at, who, what: 'acknowledge', target: record.attack.host, attackId },
        ...{ mitigationId: undefined, outcome: 'done', reason: `${by} has seen it` },
      })
    return note
  }

  /** Takes back at once what is held down for an attack that is over. */
  release(attackId: string, who: Actor): void {
    const { desk, book, store, now } = this.#options
    const attack = book.get(attackId)?.attack ?? strangerOf(attackId, store.ofAttack(attackId), now())
    if (attack.state === 'ended') desk.ended({ ...attack, endedBy: 'operator' }, who)
  }

  addMetrics(registry: MetricRegistry): void {
    const ofGroups = groupMetrics(this.groups)
    registry.add(METRICS, () => [...this.events.counts.metrics(), ...ofGroups()])
  }
}
