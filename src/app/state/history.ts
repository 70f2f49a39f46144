// Attacks that are over go into the history, each with its report.

import type { EndedAttack } from '#4-detection/attack.ts'
import { reportOf } from '#5-evidence/report.ts'
import { reportJson } from '#5-evidence/report-json.ts'
import type { PastAttack } from '#store/change.ts'
import type { AttackBook } from '../attack-book.ts'
import type { AttackWitness } from '../attack-story.ts'
import type { CourseBook } from '../course/course-book.ts'

/** Packets and lines of flows that a report takes into the history; with more it goes there without any. */
const RECORDS_MAX = 200
/** Packets that go there with their bytes. */
const BYTES_MAX = 40

export interface HistoryOptions {
  readonly book: Pick<AttackBook, 'get'>
  /** `make` is called when there is room. */
  readonly keep: (make: () => PastAttack) => void
  readonly courses: Pick<CourseBook, 'kept'>
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
    const entry = this.#options.book.get(attack.id)
    const { flows = [], packets = [], decision = '', proposed, tallies } = entry ?? {}
    const records = flows.reduce((sum, section) => sum + section.flows.length, packets.length)
    const evidence = records > RECORDS_MAX ? { flows: [], packets: [] } : { flows, packets }
    const report = reportJson(reportOf({ attack, ...evidence, ...(proposed && { proposed }) }), {
      headers: BYTES_MAX,
    })
    const { id, host, openedAt, endedAt } = attack
    const course = this.#options.courses.kept(id)
    const beside = {
      ...{ decision, facts: attack },
      ...(course === undefined ? {} : { course }),
      ...(tallies === undefined ? {} : { tallies }),
    }
    return { id, host, openedAt, endedAt, report: { ...beside, ...report } }
  }
}
