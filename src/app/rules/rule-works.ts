// What is done with one rule by a person: ordered, given another end, taken back; each with its record and its line in the audit.

import type { Bounds } from '#6-policy/bounds.ts'
import type { Decision } from '#6-policy/decide.ts'
import { isOnlyCapped, type Verdict } from '#6-policy/guardrail.ts'
import type { Actor, AuditEntry } from '#7-mitigation/audit.ts'
import type { MitigationStore } from '#7-mitigation/mitigation-store.ts'
import type { RuleView } from '#api/contract/rules.ts'
import type { BanRefusal } from '#api/control.ts'
import type { Documents } from '#lib/documents.ts'
import type { AttackBook } from '../attack-book.ts'
import { REFUSAL_OF } from '../ban-refusal.ts'
import type { IntakeRoom } from '../intake/intake-room.ts'
import { RuleBook } from './rule-book.ts'
import { isLive, orderOf, over, type RuleRecord } from './rule-record.ts'
import { presentRule, type RuleStanding, standingOf } from './rule-view.ts'

export interface RuleWorksOptions {
  readonly documents: Documents
  readonly book: Pick<AttackBook, 'get'>
  readonly store: () => Pick<MitigationStore, 'ofAttack' | 'record'>
  readonly events: () => Pick<IntakeRoom['events'], 'order' | 'wouldOrder' | 'prolong' | 'end'>
  /** Takes back what is still held for an attack that is over. */
  readonly release: (attackId: string, who: Actor) => void
  readonly bounds: () => Bounds
  /** Hears of each rule that is otherwise than before. */
  readonly changed?: (rule: RuleView) => void
  /** Whether anybody does; missing: always. */
  readonly isHeard?: () => boolean
  readonly now: () => number
}

export interface Refused<Code> {
  readonly kind: 'refused'
  readonly code: Code
  readonly detail: string
}

export const refused = <Code extends string>(code: Code, detail: string): Refused<Code> => ({
  ...{ kind: 'refused', code, detail },
})

export const isoText = (at: number): string => new Date(at).toISOString()

/** `isCapped`: only for want of room, or because the daemon starts. */
export type Begun =
  | { readonly kind: 'begun'; readonly record: RuleRecord }
  | (Refused<BanRefusal> & { readonly isCapped: boolean })

export class RuleWorks {
  readonly #options: RuleWorksOptions
  readonly book: RuleBook
  /** When each was ordered last. */
  readonly orderedAt = new Map<string, number>()
  /** States that were told last. */
  readonly #told = new Map<string, string>()

  constructor(options: RuleWorksOptions) {
    this.#options = options
    this.book = new RuleBook(options.documents, record => this.tell(record))
  }

  standing(record: RuleRecord): RuleStanding {
    const { attackId } = record
    return standingOf(record, attackId === undefined ? [] : this.#options.store().ofAttack(attackId))
  }

  view(record: RuleRecord): RuleView {
    return presentRule(record, this.standing(record))
  }

  decide(record: RuleRecord, who: Actor): Decision {
    return this.#options.events().wouldOrder(orderOf(record, this.#secondsOf(record)), who)
  }

  /** What policy says of it now. */
  lookAhead(record: RuleRecord, who: Actor): Begun {
    const decision = this.decide(record, who)
    return decision.kind === 'refused' ? refusedBy(decision.refusals) : { kind: 'begun', record }
  }

  /** Orders it. Only a cap in the way: `isCapped`. */
  begin(record: RuleRecord, who: Actor): Begun {
    const { events, now } = this.#options
    this.orderedAt.set(record.id, now())
    const seconds = Math.max(
      Math.ceil((record.endsAt - now()) / 1000),
      this.#options.bounds().ttlSeconds.minimum,
    )
    const ordered = events().order(orderOf(record, seconds), who)
    if (ordered.kind === 'unavailable') return { ...refused('not-ready', ordered.reason), isCapped: true }
    if (ordered.kind === 'refused') return refusedBy(ordered.refusals)
    const { problem: _problem, ...rest } = record
    return { kind: 'begun', record: { ...rest, phase: 'live', attackId: ordered.attackId } }
  }

  /** From its start, or from now on, to its end. */
  #secondsOf({ startsAt, endsAt }: RuleRecord): number {
    const { now, bounds } = this.#options
    return Math.max(Math.ceil((endsAt - Math.max(startsAt, now())) / 1000), bounds().ttlSeconds.minimum)
  }

  /** It is over. */
  finish(record: RuleRecord): void {
    this.orderedAt.delete(record.id)
    void this.book.put(record)
    this.#told.delete(record.id)
  }

  /** It ends at another moment, later or sooner. Gives it as it is then. */
  prolong(record: RuleRecord, endsAt: number, who: Actor, reason: string | undefined): RuleRecord {
    const { events, now } = this.#options
    const { attackId } = record
    const seconds = Math.ceil((endsAt - now()) / 1000)
    if (attackId !== undefined && record.phase === 'live') events().prolong(attackId, seconds, who)
    const changed = { ...record, endsAt }
    void this.book.put(changed)
    this.record(who, record.target, 'done', `rule ${record.id} extended: ${reason ?? 'asked for'}`, {
      ...{
        attackId: attackId ?? '',
        before: { endsAt: isoText(record.endsAt) },
        after: { endsAt: isoText(endsAt) },
      },
    })
    return changed
  }

  /** Somebody takes it back. Gives it as it is then. */
  end(record: RuleRecord, reason: string, who: Actor): RuleRecord {
    const { events, release, now } = this.#options
    const { attackId } = record
    // Over first: what hears of the end of its attack must not take it for one that is to go on.
    const done = over(record, 'withdrawn', { at: now(), by: who, problem: reason })
    this.finish(done)
    this.record(who, record.target, 'done', `rule ${record.id} withdrawn: ${reason}`, {
      attackId: attackId ?? '',
    })
    if (attackId !== undefined && !events().end(attackId, who, 'operator', reason)) release(attackId, who)
    return done
  }

  record(
    who: Actor,
    target: string,
    outcome: 'done' | 'refused',
    reason: string,
    more: Partial<Pick<AuditEntry, 'attackId' | 'before' | 'after'>> = {},
  ): void {
    const { store, now } = this.#options
    store().record({
      ...{ at: now(), who, what: 'rule', target, attackId: '', mitigationId: undefined, outcome, reason },
      ...more,
    })
  }

  /** What is told of a rule that nobody changed: once for each state and end. */
  look(record: RuleRecord): void {
    // Whoever begins to hear knows from lists how rules stand.
    const isKnown = (this.#told.get(record.id) ?? '') !== ''
    if (isKnown) this.tell(record)
    else this.#told.set(record.id, wordsOf(this.#heard(record)))
  }

  /** Told where it is otherwise than it was told last. */
  tell(record: RuleRecord): void {
    const view = this.#heard(record)
    const told = wordsOf(view)
    if (view === undefined || this.#told.get(record.id) === told) return
    if (isLive(record)) this.#told.set(record.id, told)
    else this.#told.delete(record.id)
    this.#options.changed?.(view)
  }

  /** Made only where somebody hears: each second all live rules are asked. */
  #heard(record: RuleRecord): RuleView | undefined {
    const { changed, isHeard = () => true } = this.#options
    return changed !== undefined && isHeard() ? this.view(record) : undefined
  }
}

const wordsOf = (view: RuleView | undefined): string =>
  view === undefined ? '' : `${view.state} ${view.endsAt} ${view.problem ?? ''}`

function refusedBy(refusals: readonly Verdict[]): Begun {
  const [first] = refusals
  const code = first === undefined ? 'refused-by-policy' : REFUSAL_OF[first.rail]
  const detail = refusals.map(({ reason }) => reason).join('; ')
  return { ...refused(code, detail), isCapped: isOnlyCapped(refusals) }
}
