// Attacks that are over go into the history, each with its report.

import type { EndedAttack } from '#4-detection/attack.ts'
import { reportOf } from '#5-evidence/report.ts'
import { reportJson } from '#5-evidence/report-json.ts'
import type { PastAttack } from '#store/change.ts'
import type { AttackBook } from '../attack-book.ts'
import type { AttackWitness } from '../attack-story.ts'

/** Packets and lines of flows that a report takes into the history; with more it goes there without any. */
const RECORDS_MAX = 200

export interface HistoryOptions {
  readonly book: Pick<AttackBook, 'get'>
  /** `make` is called when there is room. */
  readonly keep: (make: () => PastAttack) => void
}

export class History implements AttackWitness {
  readonly #options: HistoryOptions

  constructor(options: HistoryOptions) {
    this.#options = options
  }

  opened(): void {}

  evidence(): void {}

  ended(attack: EndedAttack): void {
    this.#options.keep(() => this.#pastOf(attack))
  }

  #pastOf(attack: EndedAttack): PastAttack {
    const { flows = [], packets = [], decision = '', proposed } = this.#options.book.get(attack.id) ?? {}
    const records = flows.reduce((sum, section) => sum + section.flows.length, packets.length)
    const evidence = records > RECORDS_MAX ? { flows: [], packets: [] } : { flows, packets }
    const report = reportJson(reportOf({ attack, ...evidence, ...(proposed && { proposed }) }), {
      headers: false,
    })
    const { id, host, openedAt, endedAt } = attack
    return { id, host, openedAt, endedAt, report: { decision, facts: attack, ...report } }
  }
}
