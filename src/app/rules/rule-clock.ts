// What time does to rules by people: they begin, are put off or end, and what nobody wanted to end is ordered again.
//
// A rule is desired from its start to its end. What ends its attack before, but an operator and policy, is undone: so a rule
// outlives a restart, a switch of arming and a mitigation that lived its maximum.

import type { EndedAttack } from '#4-detection/attack.ts'
import { isActive } from '#7-mitigation/mitigation.ts'
import { STOPPED } from '../state/restore-plan.ts'
import { over, type RuleRecord } from './rule-record.ts'
import type { RuleWorks, RuleWorksOptions } from './rule-works.ts'

/** What ended without anybody wanting it is ordered again, not more often than this. */
const AGAIN_MS = 5000
/** Of those that neither begin nor end now so many are looked at in a second: nobody else waits for the thread long. */
const LOOKED_AT_MAX = 1000
/** After its end a rule has so long to be gone by itself. */
const GRACE_MS = 1500

export class RuleClock {
  readonly #options: RuleWorksOptions
  readonly #works: RuleWorks

  constructor(options: RuleWorksOptions, works: RuleWorks) {
    this.#options = options
    this.#works = works
  }

  /** Begins and ends what is due, and orders again what is to go on. Call about once a second. */
  tick(): void {
    const { book } = this.#works
    for (const record of book.due(this.#options.now())) this.#look(record)
    for (const record of book.some(LOOKED_AT_MAX)) this.#look(record)
  }

  #look(record: RuleRecord): void {
    const now = this.#options.now()
    if (record.phase === 'scheduled' && record.startsAt > now) return
    if (record.endsAt <= now) {
      this.#expire(record, now)
      return
    }
    const attack = record.attackId === undefined ? undefined : this.#options.book.get(record.attackId)?.attack
    if (record.phase === 'live' && attack?.state === 'open') {
      this.#lookAtHeld(record, attack.id, now)
      return
    }
    const ending = attack?.state === 'ended' ? this.#endingOf(record, attack) : undefined
    if (ending !== undefined) this.#works.finish(ending)
    else if (this.#mayOrder(record, now)) this.#beginAgain(record, now)
  }

  #mayOrder(record: RuleRecord, now: number): boolean {
    return now - (this.#works.orderedAt.get(record.id) ?? 0) >= AGAIN_MS
  }

  #beginAgain(record: RuleRecord, now: number): void {
    const begun = this.#works.begin(record, 'floodwarden')
    if (begun.kind === 'begun') void this.#works.book.put(begun.record)
    else if (begun.isCapped) this.#wait(record, begun.detail)
    else this.#works.finish(over(record, 'refused', { at: now, problem: begun.detail }))
  }

  /** Until there is room. */
  #wait(record: RuleRecord, problem: string): void {
    if (record.problem !== problem || record.phase !== 'live')
      void this.#works.book.put({ ...record, phase: 'live', problem })
  }

  /** Its attack is open. Nothing held for it: a router or a rail refused it, or what was held is gone. */
  #lookAtHeld(record: RuleRecord, attackId: string, now: number): void {
    const mitigations = this.#options.store().ofAttack(attackId)
    if (mitigations.some(isActive)) {
      this.#renew(record, now)
      this.#works.look(record)
      return
    }
    const last = mitigations.at(-1)
    if (last?.state === 'refused') {
      this.#refuse(record, attackId, last.error)
      return
    }
    if (!this.#mayOrder(record, now)) return
    this.#works.orderedAt.set(record.id, now)
    const ahead = this.#works.lookAhead(record, 'floodwarden')
    if (ahead.kind === 'refused' && ahead.isCapped) this.#wait(record, ahead.detail)
    else if (ahead.kind === 'refused') this.#refuse(record, attackId, ahead.detail)
    else {
      this.#options.events().end(attackId, 'floodwarden', 'operator', 'it is ordered anew')
      this.#beginAgain(record, now)
    }
  }

  #refuse(record: RuleRecord, attackId: string, problem: string): void {
    this.#works.finish(over(record, 'refused', { at: this.#options.now(), problem }))
    this.#options.events().end(attackId, 'floodwarden', 'operator', problem)
  }

  /** How a rule ends whose attack did; `undefined`: it goes on. */
  #endingOf(record: RuleRecord, attack: EndedAttack): RuleRecord | undefined {
    const { store } = this.#options
    const { endedAt: at, endedBy, because } = attack
    // What a stop took back is wanted as before.
    if (endedBy === 'operator' && because !== STOPPED)
      return over(record, 'withdrawn', { at, problem: because ?? 'its attack was ended' })
    const last = store().ofAttack(attack.id).at(-1)
    return last?.state === 'refused' ? over(record, 'refused', { at, problem: last.error }) : undefined
  }

  #expire(record: RuleRecord, now: number): void {
    const { attackId, endsAt } = record
    const { events, book } = this.#options
    const attack = attackId === undefined ? undefined : book.get(attackId)?.attack
    // Its mitigations end by themselves, as expired.
    if (attack?.state === 'open' && now < endsAt + GRACE_MS) return
    this.#works.finish(over(record, 'expired', { at: now }))
    if (attackId !== undefined) events().end(attackId, 'floodwarden', 'operator', 'its time is up')
    this.#works.record('floodwarden', record.target, 'done', `rule ${record.id} expired`, {
      attackId: attackId ?? '',
    })
  }

  /** In the middle of its time, so that a daemon that is away for a while finds it alive. */
  #renew(record: RuleRecord, now: number): void {
    const { renewSeconds } = record
    if (renewSeconds === undefined || record.endsAt - now > renewSeconds * 500) return
    this.#works.prolong(
      record,
      now + renewSeconds * 1000,
      'floodwarden',
      'it goes on until somebody withdraws it',
    )
  }
}
