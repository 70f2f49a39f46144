// Rules by people: made, scheduled, carried out as orders, extended and taken back. What a rule is lies in its record; how it
// stands follows from what is held for its attack.

import type { Decision } from '#6-policy/decide.ts'
import type { Actor } from '#7-mitigation/audit.ts'
import type { RuleState, RuleView } from '#api/contract/rules.ts'
import type { RuleRefusal } from '#api/resources.ts'
import { RuleCounts } from './metrics.ts'
import type { RuleBook } from './rule-book.ts'
import { RuleClock } from './rule-clock.ts'
import { isLive, over, type RuleRecord } from './rule-record.ts'
import { type AskedSpan, spanOf } from './rule-times.ts'
import { isoText, type Refused, RuleWorks, type RuleWorksOptions, refused } from './rule-works.ts'

export interface RuleRoomOptions extends RuleWorksOptions {
  /** Id of the customer to whom all of a target belongs. */
  readonly customerOf: (target: string) => string | undefined
  /** Rules that a customer may have at a time, and begin within a minute. */
  readonly quotaOf: (customer: string) => CustomerQuota
  /** Ours, as text. */
  readonly networks: () => readonly string[]
  readonly onDisk: () => Promise<unknown>
}

export interface CustomerQuota {
  readonly activeMax: number
  readonly newPerMinute: number
}

/** What somebody wants; moments in ms. */
export interface RuleWish
  extends AskedSpan,
    Pick<RuleRecord, 'kind' | 'target' | 'flow' | 'action' | 'reason' | 'via'> {
  readonly bitsPerSecond?: number
  readonly packetsPerSecond?: number
  /** Its end is put off by so much each time, until somebody withdraws it. */
  readonly renewSeconds?: number
  /** When a live rule matches the same: that one lasts as long as this would. */
  readonly mayExtend?: boolean
}

/** What policy, and the bounds of rules by people, say of a wish. */
export interface Foreseen {
  readonly refusals: readonly { readonly by: string; readonly reason: string }[]
  readonly decision: Decision
}

/** As DDPS's rules last when nobody says otherwise. */
const PREVIEW_SECONDS = 600

export type RuleOutcome =
  | { readonly kind: 'done'; readonly outcome: 'created' | 'extended'; readonly record: RuleRecord }
  | Refused<RuleRefusal>

export class RuleRoom {
  readonly #options: RuleRoomOptions
  readonly #works: RuleWorks
  readonly #clock: RuleClock
  readonly counts = new RuleCounts()
  #number = 0
  #isOpen = false

  constructor(options: RuleRoomOptions) {
    this.#options = options
    this.#works = new RuleWorks(options)
    this.#clock = new RuleClock(options, this.#works)
  }

  /** From now on rules begin and end; again when the state was read late. */
  open(): void {
    this.#book.load()
    this.#isOpen = true
  }

  get #book(): RuleBook {
    return this.#works.book
  }

  /** Begins and ends what is due, and orders again what is to go on. Call about once a second. */
  tick(): void {
    if (this.#isOpen) this.#clock.tick()
  }

  get(id: string): RuleRecord | undefined {
    return this.#book.get(id)
  }

  /** All of them, in no order. */
  all(): readonly RuleRecord[] {
    return [...this.#book.live, ...this.#book.ended]
  }

  get live(): readonly RuleRecord[] {
    return this.#book.live
  }

  /** Ours, as text. */
  get networks(): readonly string[] {
    return this.#options.networks()
  }

  /** Nothing lasts longer without somebody saying so again. */
  get longestSeconds(): number {
    return this.#options.bounds().ttlSeconds.maximum
  }

  stateOf(record: RuleRecord): RuleState {
    return this.#works.standing(record).state
  }

  view(record: RuleRecord): RuleView {
    return this.#works.view(record)
  }

  /** What would come of it now; nothing is made. Without an end it is looked at as if it lasted some minutes. */
  preview(wish: RuleWish, who: Actor): Foreseen {
    const { now, bounds } = this.#options
    const asked = wish.until === undefined ? { ttlSeconds: PREVIEW_SECONDS, ...wish } : wish
    const span = spanOf(asked, now(), bounds())
    const like = this.#book.like(wish)
    const room = this.#whyNoRoom(wish.target)
    const times = span.kind === 'span' ? span : { startsAt: now(), endsAt: now() + PREVIEW_SECONDS * 1000 }
    const decision = this.#works.decide(this.#newRecord(wish, times, who), who)
    const rails = decision.kind === 'refused' ? decision.refusals : []
    return {
      refusals: [
        ...(span.kind === 'refused' ? [{ by: span.code, reason: span.detail }] : []),
        ...(like === undefined ? [] : [{ by: 'duplicate-rule', reason: `rule ${like.id} matches the same` }]),
        ...(room === undefined ? [] : [{ by: room.code, reason: room.detail }]),
        ...rails.map(({ rail, reason }) => ({ by: rail, reason })),
      ],
      decision,
    }
  }

  /** Settles when it is on disk, or after some seconds; what is refused is in the audit. */
  async create(wish: RuleWish, who: Actor): Promise<RuleOutcome> {
    const outcome = await this.#create(wish, who)
    this.counts.count(outcome.kind === 'done' ? outcome.outcome : outcome.code)
    if (outcome.kind === 'refused') this.#works.record(who, wish.target, 'refused', outcome.detail)
    await this.#options.onDisk()
    return outcome
  }

  async #create(wish: RuleWish, who: Actor): Promise<RuleOutcome> {
    const { now, bounds } = this.#options
    const span = spanOf(wish, now(), bounds())
    if (span.kind === 'refused') return span
    const like = this.#book.like(wish)
    if (like !== undefined) return this.#existing(like, wish, span.endsAt, who)
    const why = this.#whyNoRoom(wish.target)
    if (why !== undefined) return why
    const record = this.#newRecord(wish, span, who)
    const begun =
      record.phase === 'scheduled' ? this.#works.lookAhead(record, who) : this.#works.begin(record, who)
    // What begins later may find room then.
    const waits = record.phase === 'scheduled' && begun.kind === 'refused' && begun.isCapped
    if (begun.kind === 'refused' && !waits) return refused(begun.code, begun.detail)
    const made = begun.kind === 'begun' ? begun.record : record
    const kept = this.#book.add(made)
    const after = { rule: this.view(made).rule, endsAt: new Date(span.endsAt).toISOString() }
    this.#works.record(who, record.target, 'done', `rule ${record.id} made: ${record.reason}`, {
      ...{ attackId: made.attackId ?? '', after },
    })
    await kept
    return { kind: 'done', outcome: 'created', record: made }
  }

  #existing(like: RuleRecord, wish: RuleWish, endsAt: number, who: Actor): RuleOutcome {
    const isSame = wish.action === like.action && rateOf(wish) === rateOf(like)
    if (wish.mayExtend !== true || !isSame)
      return refused(
        'duplicate-rule',
        `rule ${like.id} matches the same and lasts until ${isoText(like.endsAt)}`,
      )
    const record = endsAt > like.endsAt ? this.#works.prolong(like, endsAt, who, wish.reason) : like
    return { kind: 'done', outcome: 'extended', record }
  }

  #whyNoRoom(target: string): Refused<RuleRefusal> | undefined {
    const { customerOf, quotaOf, now } = this.#options
    if (this.#book.isFull)
      return refused('too-many-rules', `there are ${this.#book.liveMax} live rules, and these are the most`)
    const customer = customerOf(target)
    if (customer === undefined) return undefined
    const { activeMax, newPerMinute } = quotaOf(customer)
    const { active, newWithinMinute } = this.#book.usageOf(customer, now())
    if (active >= activeMax)
      return refused(
        'customer-active-rules',
        `customer ${customer} has ${active} live rules and ${activeMax} are the most`,
      )
    return newWithinMinute < newPerMinute
      ? undefined
      : refused(
          'customer-new-rules',
          `customer ${customer} made ${newWithinMinute} rules within a minute and ${newPerMinute} are the most`,
        )
  }

  #newRecord(wish: RuleWish, span: { startsAt: number; endsAt: number }, who: Actor): RuleRecord {
    const { kind, target, flow, action, bitsPerSecond, packetsPerSecond, reason, via, renewSeconds } = wish
    const createdAt = this.#options.now()
    const customer = this.#options.customerOf(target)
    return {
      ...{ id: this.#newId(createdAt), kind, target, flow, action },
      ...(bitsPerSecond === undefined ? {} : { bitsPerSecond }),
      ...(packetsPerSecond === undefined ? {} : { packetsPerSecond }),
      ...{ reason, via, createdAt, createdBy: who, startsAt: span.startsAt, endsAt: span.endsAt },
      ...(customer === undefined ? {} : { customer }),
      ...(renewSeconds === undefined ? {} : { renewSeconds }),
      phase: span.startsAt > createdAt ? 'scheduled' : 'live',
    }
  }

  /** The letter tells them from attacks. */
  #newId(at: number): string {
    const id = `${at.toString(36)}-r${++this.#number}`
    return this.#book.get(id) === undefined ? id : this.#newId(at)
  }

  /** It ends at another moment, later or sooner. */
  async extend(
    id: string,
    asked: Pick<AskedSpan, 'until' | 'ttlSeconds'>,
    reason: string | undefined,
    who: Actor,
  ): Promise<RuleOutcome | Refused<'unknown-rule' | 'rule-over'>> {
    const record = this.#book.get(id)
    if (record === undefined) return refused('unknown-rule', `there is none of the id ${id}`)
    if (!isLive(record))
      return refused('rule-over', `rule ${id} is over since ${isoText(record.endedAt ?? 0)}`)
    const { now, bounds } = this.#options
    const startsAt = Math.max(record.startsAt, now())
    const span = spanOf({ ...asked, startsAt }, now(), bounds())
    if (span.kind === 'refused') return span
    const changed = this.#works.prolong(record, span.endsAt, who, reason)
    await this.#options.onDisk()
    return { kind: 'done', outcome: 'extended', record: changed }
  }

  /** Takes it back. What is over already stays as it is. */
  async withdraw(
    id: string,
    reason: string | undefined,
    who: Actor,
  ): Promise<
    { readonly kind: 'done'; readonly isNew: boolean; readonly record: RuleRecord } | Refused<'unknown-rule'>
  > {
    const record = this.#book.get(id)
    if (record === undefined) return refused('unknown-rule', `there is none of the id ${id}`)
    if (!isLive(record)) return { kind: 'done', isNew: false, record }
    const done = this.#works.end(record, reason ?? 'asked for', who)
    await this.#options.onDisk()
    return { kind: 'done', isNew: true, record: done }
  }

  /** All that is live, for good. Gives how many. */
  withdrawAll(reason: string, who: Actor): number {
    const { live } = this.#book
    for (const record of live) this.#works.end(record, reason, who)
    return live.length
  }

  /** Orders again what failed or was refused and has time left. */
  async retry(
    id: string,
    who: Actor,
  ): Promise<RuleOutcome | Refused<'unknown-rule' | 'rule-over' | 'rule-not-failed'>> {
    const record = this.#book.get(id)
    if (record === undefined) return refused('unknown-rule', `there is none of the id ${id}`)
    const { state } = this.#works.standing(record)
    if (state !== 'failed' && state !== 'refused') return refused('rule-not-failed', `rule ${id} is ${state}`)
    const { now, events, release } = this.#options
    if (record.endsAt <= now()) return refused('rule-over', `its end was ${isoText(record.endsAt)}`)
    const like = this.#book.like(record)
    if (like !== undefined && like.id !== id)
      return refused('duplicate-rule', `rule ${like.id} matches the same`)
    if (!isLive(record)) {
      const why = this.#whyNoRoom(record.target)
      if (why !== undefined) return why
    }
    const { attackId } = record
    if (attackId !== undefined && !events().end(attackId, who, 'operator', 'it is tried again'))
      release(attackId, who)
    const { how: _how, endedAt: _at, endedBy: _by, problem: _problem, ...rest } = record
    const begun = this.#works.begin({ ...rest, phase: 'live' }, who)
    if (begun.kind === 'refused') {
      void this.#book.put(over(record, 'refused', { at: now(), problem: begun.detail }))
      return refused(begun.code, begun.detail)
    }
    void this.#book.put(begun.record)
    this.#works.record(who, record.target, 'done', `rule ${id} tried again`, {
      attackId: begun.record.attackId ?? '',
    })
    await this.#options.onDisk()
    return { kind: 'done', outcome: 'created', record: begun.record }
  }
}

const rateOf = ({
  bitsPerSecond,
  packetsPerSecond,
}: Pick<RuleWish, 'bitsPerSecond' | 'packetsPerSecond'>): string =>
  `${bitsPerSecond ?? ''} ${packetsPerSecond ?? ''}`
