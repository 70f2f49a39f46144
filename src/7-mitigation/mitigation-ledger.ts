// The ledger: every mitigation we hold, in memory. For enforcers that cannot list what they hold it is the only record.
//
// Active mitigations are never forgotten: the rail bans-max bounds their number before they get here. Ended ones and
// audit entries are remembered up to a bound, then forgotten oldest first, and counted. Whatever is asked for each
// attack or each second is kept ready: 65,536 attacks may open in one tick.

import type { HeldCounts } from '#6-policy/guardrail.ts'
import { SteadyMap } from '#lib/hash/steady-map.ts'
import type { MetricSource } from '#lib/metrics/metric.ts'
import { AnnouncementCounts } from './announcement-counts.ts'
import type { AuditEntry } from './audit.ts'
import { BanPace } from './ban-pace.ts'
import { ExpiryOrder } from './expiry-order.ts'
import { endsAt } from './lifetime.ts'
import { isActive, type Mitigation, type MitigationState, STATES } from './mitigation.ts'
import type { MitigationKeeper, MitigationStore } from './mitigation-store.ts'
import { Newest } from './newest.ts'

export interface LedgerBounds {
  readonly endedMax: number
  readonly auditMax: number
  /** Bans within a minute that are told apart; more than any rail allows. */
  readonly paceMax: number
}

const BOUNDS: LedgerBounds = { endedMax: 1000, auditMax: 10_000, paceMax: 100_000 }

const NONE: readonly Mitigation[] = []
const NOBODY: MitigationKeeper = { keepMitigation() {}, record() {} }

/** Mitigations of one attack by their ids. They are asked for more often than they change. */
interface OfAttack {
  readonly known: Map<string, Mitigation>
  /** In the order in which they began; missing until they are asked for again. */
  list: readonly Mitigation[] | undefined
}

export class MitigationLedger implements MitigationStore {
  readonly #bounds: LedgerBounds
  readonly #keeper: MitigationKeeper
  // Maps keep the order of insertion: the first key is the oldest.
  readonly #active = new Map<string, Mitigation>()
  readonly #ended = new Map<string, Mitigation>()
  readonly #byAttack = new SteadyMap<OfAttack>()
  /** Active mitigations by target: how many. */
  readonly #targets = new SteadyMap<number>()
  readonly #expiries = new ExpiryOrder()
  readonly #pace: BanPace
  readonly #announcements: AnnouncementCounts
  readonly #audit: Newest<AuditEntry>
  #forgottenMitigations = 0
  #forgottenEntries = 0
  #heard: (entry: AuditEntry) => void = () => {}

  constructor(bounds: Partial<LedgerBounds> = {}, keeper: MitigationKeeper = NOBODY) {
    this.#bounds = { ...BOUNDS, ...bounds }
    this.#keeper = keeper
    this.#pace = new BanPace(this.#bounds.paceMax)
    this.#announcements = new AnnouncementCounts(this.#bounds.paceMax)
    this.#audit = new Newest(this.#bounds.auditMax)
  }

  put(mitigation: Mitigation): void {
    const isNewTarget = isActive(mitigation) && !this.#targets.has(mitigation.target)
    const before = this.#active.get(mitigation.id)
    const isNew = isActive(mitigation) && before === undefined
    this.#hold(mitigation)
    if (isNewTarget) this.#pace.began(mitigation.createdAt)
    if (isNew) this.#announcements.began(mitigation)
    this.#keeper.keepMitigation(mitigation, before)
  }

  adopt(mitigation: Mitigation): void {
    this.#hold(mitigation)
  }

  #hold(mitigation: Mitigation): void {
    const { id, attackId } = mitigation
    const of = this.#ofAttack(attackId)
    of.known.set(id, mitigation)
    of.list = undefined
    this.#countTarget(mitigation)
    if (isActive(mitigation)) {
      this.#ended.delete(id)
      this.#active.set(id, mitigation)
      if (mitigation.state === 'withdrawing') this.#expiries.delete(id)
      else this.#expiries.set(id, endsAt(mitigation))
      return
    }
    this.#active.delete(id)
    this.#expiries.delete(id)
    this.#ended.set(id, mitigation)
    if (this.#ended.size > this.#bounds.endedMax) this.#forgetOldest()
  }

  #ofAttack(attackId: string): OfAttack {
    const known = this.#byAttack.get(attackId)
    if (known !== undefined) return known
    const made: OfAttack = { known: new Map(), list: undefined }
    this.#byAttack.set(attackId, made)
    return made
  }

  /** Counts the target of what became active, or of what is no longer. */
  #countTarget(mitigation: Mitigation): void {
    const { target, id } = mitigation
    const change = Number(isActive(mitigation)) - Number(this.#active.has(id))
    if (change === 0) return
    this.#announcements.change(mitigation, change)
    const count = (this.#targets.get(target) ?? 0) + change
    if (count > 0) this.#targets.set(target, count)
    else this.#targets.delete(target)
  }

  #forgetOldest(): void {
    for (const [id, { attackId }] of this.#ended) {
      this.#ended.delete(id)
      this.#forgetOf(attackId, id)
      this.#forgottenMitigations++
      return
    }
  }

  #forgetOf(attackId: string, id: string): void {
    const of = this.#byAttack.get(attackId)
    if (of === undefined) return
    of.known.delete(id)
    of.list = undefined
    if (of.known.size === 0) this.#byAttack.delete(attackId)
  }

  get(id: string): Mitigation | undefined {
    return this.#active.get(id) ?? this.#ended.get(id)
  }

  active(): readonly Mitigation[] {
    return [...this.#active.values()]
  }

  ofAttack(attackId: string): readonly Mitigation[] {
    const of = this.#byAttack.get(attackId)
    if (of === undefined) return NONE
    of.list ??= [...of.known.values()].sort((a, b) => a.createdAt - b.createdAt)
    return of.list
  }

  expiring(now: number): readonly Mitigation[] {
    return this.#expiries.take(now).flatMap(id => this.#active.get(id) ?? [])
  }

  get targets(): Pick<ReadonlySet<string>, 'size' | 'has'> {
    return this.#targets
  }

  bansWithinMinute(now: number): number {
    return this.#pace.within(now)
  }

  counts(now: number): HeldCounts {
    return this.#announcements.at(now)
  }

  /** From now on told each new entry; it must not throw. */
  listen(heard: (entry: AuditEntry) => void): void {
    this.#heard = heard
  }

  record(entry: AuditEntry): void {
    this.recall(entry)
    this.#heard(entry)
    this.#keeper.record(entry)
  }

  /** Takes in an entry that an earlier run wrote. */
  recall(entry: AuditEntry): void {
    if (this.#audit.push(entry)) this.#forgottenEntries++
  }

  audit(): readonly AuditEntry[] {
    return this.#audit.all
  }

  readonly metrics: MetricSource = () => {
    const counts = new Map<MitigationState, number>(STATES.map(state => [state, 0]))
    for (const { state } of [...this.#active.values(), ...this.#ended.values()]) {
      counts.set(state, (counts.get(state) ?? 0) + 1)
    }
    return [
      ...[...counts].map(([state, value]) => ({ name: 'floodwarden_mitigations', value, labels: { state } })),
      { name: 'floodwarden_forgotten_mitigations_total', value: this.#forgottenMitigations },
      { name: 'floodwarden_forgotten_audit_entries_total', value: this.#forgottenEntries },
    ]
  }
}
