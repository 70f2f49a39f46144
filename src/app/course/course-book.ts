// The courses of the attacks that the daemon remembers: written as things happen, read when somebody looks.

import type { Attack, EndedAttack, OpenAttack } from '#4-detection/attack.ts'
import { proposedText, ruleTexts } from '#5-evidence/distill/proposed-rules.ts'
import type { PacketRecord } from '#5-evidence/evidence.ts'
import { findingText, whyOpened } from '#5-evidence/report.ts'
import { type Decision, decisionText } from '#6-policy/decide.ts'
import type { AuditEntry } from '#7-mitigation/audit.ts'
import type { Mitigation } from '#7-mitigation/mitigation.ts'
import type { MitigationKeeper } from '#7-mitigation/mitigation-store.ts'
import { SteadyMap } from '#lib/hash/steady-map.ts'
import type { AttackBook } from '../attack-book.ts'
import type { AttackWitness } from '../attack-story.ts'
import { ATTACK_COLUMNS, type AttackRates } from '../engine-worker/attack-rates.ts'
import { endMoment, type Happened, Moments, mitigationMoment, orderMoment } from './course-moments.ts'
import { SpeedCourse, type SpeedsKept } from './speed-course.ts'

/** A limit that held when an attack opened. */
export interface HeldLimit {
  readonly limit: string
  readonly threshold: number
}

export interface CourseBookOptions {
  readonly book: Pick<AttackBook, 'get'>
  /** Those of its host in its direction; empty: it has none of its own. */
  readonly limitsOf: (attack: Attack) => readonly HeldLimit[]
  readonly now: () => number
}

/** What is kept of a course, as JSON can say it. */
export interface CourseKept {
  readonly speeds?: SpeedsKept
  readonly limits: readonly HeldLimit[]
  readonly moments: readonly Happened[]
  readonly leftOut: number
  readonly isWhole: boolean
}

interface Entry {
  readonly moments: Moments
  readonly limits: readonly HeldLimit[]
  /** It was here when the attack opened. */
  readonly isWhole: boolean
  speeds?: SpeedCourse
  /** As they were last told. */
  named: string
  proposed: string
}

/** Ended attacks whose courses are remembered: as many as the book does. */
const ENDED_MAX = 1000

export class CourseBook implements AttackWitness, MitigationKeeper {
  readonly #options: CourseBookOptions
  readonly #courses = new SteadyMap<Entry>()
  /** Who ended first in front. */
  readonly #ended = new Set<string>()

  constructor(options: CourseBookOptions) {
    this.#options = options
  }

  /** What open attacks do now. */
  take(atMs: number, { ids, numbers }: AttackRates): void {
    const second = Math.floor(atMs / 1000)
    for (const [place, id] of ids.entries()) {
      const entry = this.#of(id)
      if (entry === undefined || this.#ended.has(id)) continue
      entry.speeds ??= new SpeedCourse(second)
      entry.speeds.add(second, numbers, place * ATTACK_COLUMNS)
    }
  }

  opened(attack: OpenAttack, decision: Decision): void {
    const entry = this.#begin(attack, true)
    entry.moments.add({ at: attack.openedAt, kind: 'opened', text: whyOpened(attack) })
    this.#decided(entry, attack, decision)
  }

  decidedAgain(attack: OpenAttack, decision: Decision): void {
    const entry = this.#of(attack.id)
    if (entry !== undefined) this.#decided(entry, attack, decision)
  }

  #decided({ moments }: Entry, attack: OpenAttack, decision: Decision): void {
    moments.add({ at: this.#options.now(), kind: 'decided', text: decisionText(attack, decision) })
  }

  evidence(attack: Attack, packets: readonly PacketRecord[]): void {
    const count = packets.length === 1 ? 'one packet was' : `${packets.length} packets were`
    this.#of(attack.id)?.moments.add({
      ...{ at: this.#options.now(), kind: 'evidence', text: `${count} collected as evidence` },
    })
  }

  /** Only what is new about it is worth a moment: another name, other rules. */
  updated(attack: OpenAttack): void {
    const entry = this.#of(attack.id)
    if (entry === undefined) return
    const at = this.#options.now()
    const names = namesOf(attack)
    if (names !== entry.named) entry.moments.add({ at, kind: 'named', text: findingText(attack.finding) })
    entry.named = names
    const proposed = this.#options.book.get(attack.id)?.proposed
    if (proposed === undefined) return
    // The same rules come again with other shares.
    const rules = [proposed.distilled.kind, ...ruleTexts(proposed)].join()
    if (rules !== entry.proposed) entry.moments.add({ at, kind: 'proposed', text: proposedText(proposed) })
    entry.proposed = rules
  }

  ended(attack: EndedAttack): void {
    const entry = this.#of(attack.id)
    if (entry === undefined) return
    entry.moments.add(endMoment(attack))
    this.#ended.add(attack.id)
    for (const id of this.#ended) {
      if (this.#ended.size <= ENDED_MAX) return
      this.#ended.delete(id)
      this.#courses.delete(id)
    }
  }

  keepMitigation(mitigation: Mitigation, before?: Mitigation): void {
    if (before !== undefined && standsAlike(before, mitigation)) return
    const moments = this.#of(mitigation.attackId)?.moments
    const moment = mitigationMoment(mitigation, this.#options.now())
    // A mitigation is put again when only its end changed.
    if (moments !== undefined && newestOf(moments, mitigation.id)?.text !== moment.text) moments.add(moment)
  }

  record(entry: AuditEntry): void {
    const moment = orderMoment(entry)
    if (moment !== undefined) this.#of(entry.attackId)?.moments.add(moment)
  }

  /** Of an attack that was open when the daemon began, the course begins now. */
  #of(attackId: string): Entry | undefined {
    const known = this.#courses.get(attackId)
    if (known !== undefined) return known
    const attack = this.#options.book.get(attackId)?.attack
    return attack?.state === 'open' ? this.#begin(attack, false) : undefined
  }

  #begin(attack: Attack, isWhole: boolean): Entry {
    const limits = this.#options.limitsOf(attack)
    const entry = { moments: new Moments(), limits, isWhole, named: namesOf(attack), proposed: '' }
    this.#courses.set(attack.id, entry)
    return entry
  }

  /** What there is of an attack; `undefined`: nothing. */
  kept(attackId: string): CourseKept | undefined {
    const entry = this.#courses.get(attackId)
    if (entry === undefined) return undefined
    const { moments, limits, isWhole } = entry
    const speeds = entry.speeds?.kept()
    return {
      ...(speeds === undefined ? {} : { speeds }),
      ...{ limits, moments: [...moments.all], leftOut: moments.leftOut, isWhole },
    }
  }
}

/** Only its end is otherwise: reports may move it thousands of times a second. */
const standsAlike = (before: Mitigation, now: Mitigation): boolean =>
  before.state === now.state &&
  before.action === now.action &&
  before.enforcer === now.enforcer &&
  !('error' in now)

const namesOf = ({ finding }: Attack): string => finding?.parts.map(({ vector }) => vector).join(' ') ?? ''

const newestOf = ({ all }: Moments, mitigationId: string): Happened | undefined =>
  all.findLast(moment => moment.mitigationId === mitigationId)
