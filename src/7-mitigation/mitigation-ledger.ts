// The ledger: every mitigation we hold, in memory. For enforcers that cannot list what they hold it is the only record.
//
// Active mitigations are never forgotten: the rail bans-max bounds their number before they get here. Ended ones and
// audit entries are remembered up to a bound, then forgotten oldest first, and counted.

import type { MetricSource } from '#lib/metrics/metric.ts'
import type { AuditEntry } from './audit.ts'
import { isActive, type Mitigation, type MitigationState, STATES } from './mitigation.ts'
import type { MitigationStore } from './mitigation-store.ts'

export interface LedgerBounds {
  readonly endedMax: number
  readonly auditMax: number
}

const BOUNDS: LedgerBounds = { endedMax: 1000, auditMax: 10_000 }

export class MitigationLedger implements MitigationStore {
  readonly #bounds: LedgerBounds
  // Maps keep the order of insertion: the first key is the oldest.
  readonly #active = new Map<string, Mitigation>()
  readonly #ended = new Map<string, Mitigation>()
  readonly #audit = new Set<AuditEntry>()
  #forgottenMitigations = 0
  #forgottenEntries = 0

  constructor(bounds: LedgerBounds = BOUNDS) {
    this.#bounds = bounds
  }

  put(mitigation: Mitigation): void {
    const { id } = mitigation
    if (isActive(mitigation)) {
      this.#ended.delete(id)
      this.#active.set(id, mitigation)
      return
    }
    this.#active.delete(id)
    this.#ended.set(id, mitigation)
    if (this.#ended.size <= this.#bounds.endedMax) return
    for (const oldest of this.#ended.keys()) {
      this.#ended.delete(oldest)
      this.#forgottenMitigations++
      break
    }
  }

  get(id: string): Mitigation | undefined {
    return this.#active.get(id) ?? this.#ended.get(id)
  }

  active(): readonly Mitigation[] {
    return [...this.#active.values()]
  }

  ofAttack(attackId: string): readonly Mitigation[] {
    return [...this.#ended.values(), ...this.#active.values()]
      .filter(mitigation => mitigation.attackId === attackId)
      .sort((a, b) => a.createdAt - b.createdAt)
  }

  record(entry: AuditEntry): void {
    this.#audit.add(entry)
    if (this.#audit.size <= this.#bounds.auditMax) return
    for (const oldest of this.#audit) {
      this.#audit.delete(oldest)
      this.#forgottenEntries++
      break
    }
  }

  audit(): readonly AuditEntry[] {
    return [...this.#audit]
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
