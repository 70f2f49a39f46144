// Reports of foreign detectors and orders of operators: each becomes an attack, extends one, or ends one, and is kept.
//
// What is decided holds at once; whoever reported is answered when it is on disk as well, so that he need not send it again.

import type { EndReason, OpenAttack } from '#4-detection/attack.ts'
import type { ForeignEvent } from '#4-detection/foreign-event.ts'
import {
  attackOfEvent,
  attackOfOrder,
  extendedBy,
  type Heard,
  isReported,
  type ManualOrder,
} from '#4-detection/reported-attack.ts'
import type { Decision } from '#6-policy/decide.ts'
import type { Verdict } from '#6-policy/guardrail.ts'
import type { Actor } from '#7-mitigation/audit.ts'
import type { EventOutcome } from '#7-mitigation/event-outcome.ts'
import type { EventsConfig } from '#7-mitigation/events-config.ts'
import { ExpiryOrder } from '#7-mitigation/expiry-order.ts'
import { endsAt } from '#7-mitigation/lifetime.ts'
import { isActive, isDryRun, isHeld } from '#7-mitigation/mitigation.ts'
import type { MitigationStore } from '#7-mitigation/mitigation-store.ts'
import { nameReport } from '#7-mitigation/name-report.ts'
import { newUuid } from '#lib/uuid.ts'
import type { ActionDesk } from '../action-desk.ts'
import type { AttackBook } from '../attack-book.ts'
import type { AttackStory } from '../attack-story.ts'
import { endOf } from '../state/restore-plan.ts'
import type { StateRoom } from '../state/state-room.ts'
import { EventCounts } from './event-counts.ts'
import type { GroupDesk } from './group-desk.ts'
import { KnownReports, scopeOfAttack } from './known-reports.ts'
import type { ReportWindow } from './report-window.ts'

export interface EventDeskOptions {
  readonly desk: Pick<ActionDesk, 'decide' | 'extend' | 'prolong'>
  readonly book: AttackBook
  readonly story: Pick<AttackStory, 'tell' | 'reported' | 'refused'>
  readonly store: Pick<MitigationStore, 'ofAttack' | 'record'>
  readonly state: Pick<StateRoom, 'keepEvent' | 'look'>
  readonly reports: ReportWindow
  readonly now: () => number
  /** Seconds that nothing outlives. */
  readonly maximumSeconds: () => number
  readonly settings: () => EventsConfig
  /** Whether detectors have to agree first; missing: nothing waits. */
  readonly groups?: Pick<GroupDesk, 'admit' | 'isCorroboratingOnly' | 'takeBack'>
}

/** What came of an order, or of the end of an attack. */
export type Ordered =
  | { readonly kind: 'opened' | 'extended'; readonly attackId: string }
  | { readonly kind: 'refused'; readonly refusals: readonly Verdict[] }
  | { readonly kind: 'unavailable'; readonly reason: string }

/** Watched only, an attack lasts so long after its last report. */
const WATCHED_SECONDS = 300
/** Reports of one name that are looked through for the first of them. */
const NAMES_LOOKED_AT = 100
/** What is being taken back is looked at again after so long. */
const AGAIN_MS = 1000

export class EventDesk {
  readonly #options: EventDeskOptions
  readonly #known = new KnownReports()
  readonly #expiries = new ExpiryOrder()
  readonly counts = new EventCounts()
  /** Why nothing is taken now; `undefined` when it is. */
  #closed: string | undefined = 'the daemon is starting'
  #number = 0
  #startedAt = 0

  constructor(options: EventDeskOptions) {
    this.#options = options
  }

  /** From now on reports are taken; attacks of earlier runs among the open ones are known. */
  open(): void {
    const { book, now } = this.#options
    this.#closed = undefined
    this.#startedAt = now()
    for (const attack of book.open) this.#adopt(attack)
  }

  stopping(): void {
    this.#closed = 'the daemon is stopping'
  }

  #adopt(attack: OpenAttack): void {
    const scope = scopeOfAttack(attack)
    if (scope === undefined) return
    this.#known.opened(scope, attack.id)
    this.#expiries.set(attack.id, this.#options.now())
  }

  /** `sees`: whose reports the caller may take back, by their host; missing: anybody's. */
  async receive(said: ForeignEvent, sees?: (host: string) => boolean): Promise<EventOutcome> {
    const event = nameReport(said, this.#options.settings().vectors)
    const outcome = await this.#answer(event, sees)
    this.counts.count(event, outcome)
    return outcome
  }

  async #answer(event: ForeignEvent, sees?: (host: string) => boolean): Promise<EventOutcome> {
    if (this.#closed !== undefined) return { kind: 'unavailable', reason: this.#closed }
    const { groups } = this.#options
    if (groups?.isCorroboratingOnly(event.source)) return { kind: 'corroborating-only' }
    if (event.action === 'unban') return await this.#unban(event, sees)
    const known = await this.#duplicate(event)
    if (known !== undefined) return known
    // It may have been told to stop while the state was asked.
    if (this.#closed !== undefined) return { kind: 'unavailable', reason: this.#closed }
    const { reports, now } = this.#options
    reports.add(event, now())
    const eventId = newUuid()
    return await this.#keep(event, eventId, this.#admit(event, eventId))
  }

  /** Has detectors agree first, where that is wanted. */
  #admit(event: ForeignEvent, eventId: string): EventOutcome {
    const { groups } = this.#options
    const admitted = groups?.admit(event, eventId) ?? { kind: 'go' }
    if (admitted.kind === 'wait') return { kind: 'waiting', eventId, groupId: admitted.groupId }
    return this.#decide(event, { eventId, agreed: admitted.agreed })
  }

  /** The first time, when its source sent it before and something is still done about it. */
  async #duplicate(event: ForeignEvent): Promise<EventOutcome | undefined> {
    const { externalId, source } = event
    if (externalId === undefined) return undefined
    const { book, settings, state } = this.#options
    const isStrict = settings().strictDuplicates
    const answered = this.#known.answered(source, externalId)
    if (answered !== undefined && this.#isHeld(answered.attackId)) return { kind: 'duplicate', ...answered }
    // Names that earlier runs heard are in the state alone, and matter when their attack goes on.
    const attackId = this.#known.attackOf(event)
    const openedAt = attackId === undefined ? undefined : book.get(attackId)?.attack.openedAt
    if (!isStrict && (openedAt === undefined || openedAt >= this.#startedAt)) return undefined
    const rows = await state.look('events', { source, externalId, limit: NAMES_LOOKED_AT }).catch(() => [])
    // The first that was no unban.
    const before = rows.findLast(({ outcome }) => outcome !== 'withdrawn')
    if (before === undefined) return undefined
    if (!isStrict && before.attackId !== attackId) return undefined
    return {
      ...{ kind: 'duplicate', eventId: before.id },
      ...(before.attackId === '' ? {} : { attackId: before.attackId }),
    }
  }

  #isHeld(attackId: string): boolean {
    const { book, store } = this.#options
    return book.get(attackId)?.attack.state === 'open' && store.ofAttack(attackId).some(isHeld)
  }

  #decide(event: ForeignEvent, heard: Heard): EventOutcome {
    const known = this.#attackFor(event)
    if (known !== undefined) return this.#extend(known, event, heard)
    const { desk } = this.#options
    const { eventId } = heard
    const attack = attackOfEvent(event, heard, this.#opening())
    const decision = desk.decide(attack)
    if (decision.kind === 'refused') {
      const { refusals } = decision
      if (refusals.every(({ rail }) => rail === 'outside-networks')) return { kind: 'not-ours', eventId }
      this.#refused(attack, decision, `detector:${event.source}`)
      return { kind: 'refused', eventId, refusals }
    }
    if (decision.kind === 'nothing' && decision.playbook === undefined)
      return { kind: 'no-playbook', eventId, reason: decision.reason }
    this.#begin(attack, decision, `detector:${event.source}`)
    this.#known.add(event, { eventId, attackId: attack.id })
    return { kind: 'accepted', eventId, attackId: attack.id, isDryRun: this.#isDryRun(attack.id) }
  }

  #isDryRun(attackId: string): boolean {
    const held = this.#options.store.ofAttack(attackId).filter(isHeld)
    return held.length > 0 && held.every(isDryRun)
  }

  /** The open attack that the report is about: one of such reports, or one we found ourselves and act against. */
  #attackFor(event: ForeignEvent): OpenAttack | undefined {
    const { book, store } = this.#options
    const id = this.#known.attackOf(event) ?? book.openOn(event.host)
    const attack = id === undefined ? undefined : book.get(id)?.attack
    if (attack?.state !== 'open') return undefined
    if (isReported(attack)) return attack
    return attack.direction === event.direction && store.ofAttack(attack.id).some(isHeld) ? attack : undefined
  }

  #extend(attack: OpenAttack, event: ForeignEvent, heard: Heard): EventOutcome {
    const { desk, story, now } = this.#options
    const { eventId } = heard
    this.#known.add(event, { eventId, attackId: attack.id })
    const outcome = { eventId, attackId: attack.id, isDryRun: this.#isDryRun(attack.id) }
    if (!isReported(attack)) return { kind: 'extended', ...outcome }
    story.tell([{ kind: 'updated', attack: extendedBy(attack, event, heard, now()) }])
    desk.extend(attack.id, `detector:${event.source}`)
    this.#schedule(attack.id)
    return { kind: 'extended', ...outcome }
  }

  /** It stands in the audit, and whoever is to know of it is told. */
  #refused(attack: OpenAttack, decision: Extract<Decision, { kind: 'refused' }>, who: Actor): void {
    const { store, story, now } = this.#options
    store.record({
      ...{ at: now(), who, what: 'decide', target: attack.host, attackId: attack.id },
      ...{ mitigationId: undefined, outcome: 'refused' },
      reason: decision.refusals.map(({ reason }) => reason).join('; '),
    })
    story.refused(attack, decision)
  }

  #begin(attack: OpenAttack, decision: Decision, who: Actor): void {
    const { story } = this.#options
    const scope = scopeOfAttack(attack)
    if (scope !== undefined) this.#known.opened(scope, attack.id)
    story.reported(attack, decision, who)
    this.#schedule(attack.id, decision.ttlSeconds)
  }

  /** When to look whether anything is still done about it. */
  #schedule(attackId: string, ttlSeconds: number = WATCHED_SECONDS): void {
    const { store, now } = this.#options
    const ends = store.ofAttack(attackId).filter(isActive).map(endsAt)
    this.#expiries.set(
      attackId,
      Math.max(now() + AGAIN_MS, ...(ends.length > 0 ? ends : [now() + ttlSeconds * 1000])),
    )
  }

  async #unban(event: ForeignEvent, sees?: (host: string) => boolean): Promise<EventOutcome> {
    const { externalId, source } = event
    if (externalId === undefined) return { kind: 'no-external-id' }
    this.#options.reports.takeBack(event)
    this.#options.groups?.takeBack(event)
    const first = await this.#reportNamed(source, externalId)
    // The host of the report need not be the one that the unban says: what is somebody else's is as if it were not there.
    if (first === undefined || sees?.(first.host) === false) return { kind: 'unknown-event' }
    if (this.#closed !== undefined) return { kind: 'unavailable', reason: this.#closed }
    const { attackId, eventId: before } = first
    const attack = this.#options.book.get(attackId)?.attack
    // What we see ourselves goes on until we see it no more.
    if (attack?.state !== 'open' || !isReported(attack)) return { kind: 'no-active', eventId: before }
    const eventId = newUuid()
    this.end(attackId, `detector:${source}`, 'finished', `Detector unban: ${source}`)
    return await this.#keep(event, eventId, { kind: 'withdrawn', eventId, attackId })
  }

  async #reportNamed(source: string, externalId: string) {
    const { book, state } = this.#options
    const answered = this.#known.answered(source, externalId)
    const host = answered && book.get(answered.attackId)?.attack.host
    if (answered !== undefined && host !== undefined) return { ...answered, host }
    const [row] = await state.look('events', { source, externalId, limit: 1 }).catch(() => [])
    return row && { eventId: row.id, attackId: row.attackId, host: row.host }
  }

  /** Ends an attack that reports or an order made. False: it is none, or over. */
  end(attackId: string, who: Actor, endedBy: EndReason, because?: string): boolean {
    const { book, story, now } = this.#options
    const attack = book.get(attackId)?.attack
    if (attack?.state !== 'open' || !isReported(attack)) return false
    this.#known.ended(attackId)
    this.#expiries.delete(attackId)
    story.tell([{ kind: 'ended', attack: endOf(attack, endedBy, now(), because) }], who)
    return true
  }

  /** Has done what an operator wants: again for as long when the same is done already. */
  order(order: ManualOrder, who: Actor): Ordered {
    if (this.#closed !== undefined) return { kind: 'unavailable', reason: this.#closed }
    const { desk, book, story, now } = this.#options
    const attack = attackOfOrder(order, who, this.#opening())
    const before = this.#known.orderLike(scopeOfAttack(attack))
    const known = before === undefined ? undefined : book.get(before)?.attack
    if (known?.state === 'open' && isSameOrder(known, attack)) {
      story.tell([{ kind: 'updated', attack: { ...known, lastOverAt: now() } }], who)
      desk.extend(known.id, who)
      this.#schedule(known.id)
      return { kind: 'extended', attackId: known.id }
    }
    const decision = desk.decide(attack)
    if (decision.kind === 'refused') {
      this.#refused(attack, decision, who)
      return { kind: 'refused', refusals: decision.refusals }
    }
    this.#begin(attack, decision, who)
    // The new one is held before the old one is taken back.
    if (before !== undefined) this.end(before, who, 'operator', 'another order took its place')
    return { kind: 'opened', attackId: attack.id }
  }

  /** What policy would say of an order now; nothing is done. */
  wouldOrder(order: ManualOrder, who: Actor): Decision {
    return this.#options.desk.decide(attackOfOrder(order, who, this.#opening()))
  }

  /**
   * What was ordered, or is done because of reports, ends in so many seconds from now, later or sooner than it would. False:
   * it is over, or an attack that we count ourselves.
   */
  prolong(attackId: string, ttlSeconds: number, who: Actor, because?: string): boolean {
    const { book, desk, story, now } = this.#options
    const attack = book.get(attackId)?.attack
    const { reported } = attack ?? {}
    if (attack?.state !== 'open' || reported === undefined || this.#closed !== undefined) return false
    // The next run is not to take it for one that is too old.
    const banSeconds = Math.ceil((now() - attack.openedAt) / 1000) + ttlSeconds
    const { order } = reported
    const longer = order === undefined ? reported : { ...reported, order: { ...order, ttlSeconds } }
    const prolonged = { ...attack, banSeconds, lastOverAt: now(), reported: longer }
    story.tell([{ kind: 'updated', attack: prolonged }], who)
    desk.prolong(attackId, ttlSeconds, who, because)
    this.#schedule(attackId)
    return true
  }

  /** Ends attacks for which nothing is done any more; call some times a second. */
  tick(): void {
    const { store, now } = this.#options
    for (const id of this.#expiries.take(now())) {
      const active = store.ofAttack(id).filter(isActive)
      if (active.length === 0) this.end(id, 'floodwarden', 'finished')
      else this.#schedule(id)
    }
  }

  #opening() {
    const { now, maximumSeconds } = this.#options
    const openedAt = now()
    // The leading 9 tells them from attacks that the engine opens in the same millisecond.
    const id = `${openedAt.toString(36)}-9${String(++this.#number).padStart(9, '0')}`
    return { id, openedAt, maximumSeconds: maximumSeconds() }
  }

  /** Gives the outcome, and whether it is on disk. */
  async #keep(event: ForeignEvent, id: string, outcome: EventOutcome): Promise<EventOutcome> {
    const { state, now } = this.#options
    const { source, externalId = '', host } = event
    const attackId = 'attackId' in outcome ? (outcome.attackId ?? '') : ''
    const about = { id, source, externalId, receivedAt: now(), host, outcome: outcome.kind, attackId }
    const report = 'isDryRun' in outcome && outcome.isDryRun ? { ...event, isDryRun: true } : event
    const fate = await state.keepEvent({ ...about, report })
    this.counts.kept(fate)
    return fate.kind === 'kept' ? outcome : { ...outcome, notKept: fate.kind }
  }
}

const COMPARED = ['kind', 'bitsPerSecond', 'packetsPerSecond', 'ttlSeconds', 'flow', 'isMonitored'] as const

const isSameOrder = ({ reported: a }: OpenAttack, { reported: b }: OpenAttack): boolean =>
  COMPARED.every(key => a?.order?.[key] === b?.order?.[key])
