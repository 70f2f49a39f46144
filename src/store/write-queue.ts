// Changes that wait for the disk. Of each thing only the latest state waits, so that memory is bounded by how many
// things there are, however long the disk takes; audit entries are bounded by number, and the oldest go first.

import type { AuditEntry } from '#7-mitigation/audit.ts'
import { Newest } from '#7-mitigation/newest.ts'
import type { Change } from './change.ts'

type Keyed = Exclude<Change, { kind: 'audit' }>

/** Audit entries that may wait. */
const AUDIT_WAITING_MAX = 10_000

export class WriteQueue {
  // Maps and sets keep the order of insertion: oldest first.
  #waiting = new Map<string, Keyed>()
  #flying = new Map<string, Keyed>()
  #audit: Newest<AuditEntry>
  #flyingAudit: readonly AuditEntry[] = []
  /** Keys that are on disk. */
  readonly #onDisk = new Set<string>()
  readonly #auditMax: number
  droppedEntries = 0

  constructor(auditMax: number = AUDIT_WAITING_MAX) {
    this.#auditMax = auditMax
    this.#audit = new Newest(auditMax)
  }

  put(change: Keyed): void {
    const key = keyOf(change)
    const isGone = change.kind === 'attack-gone' || change.kind === 'mitigation-gone'
    // What never came to the disk need not be deleted from it.
    if (isGone && !this.#onDisk.has(key) && !this.#flying.has(key)) this.#waiting.delete(key)
    else this.#waiting.set(key, change)
  }

  record(entry: AuditEntry): void {
    if (this.#audit.push(entry)) this.droppedEntries++
  }

  /** Things and entries that are not on disk yet. */
  get size(): number {
    return this.#waiting.size + this.#flying.size + this.#audit.size + this.#flyingAudit.length
  }

  /** The next changes, at most so many. They are on their way until `written` or `failed`. */
  take(most: number): Change[] {
    for (const [key, change] of this.#waiting) {
      if (this.#flying.size === most) break
      this.#flying.set(key, change)
      this.#waiting.delete(key)
    }
    const room = Math.min(most - this.#flying.size, this.#audit.size)
    this.#flyingAudit = Array.from({ length: room }, () => this.#audit.shift()).filter(
      entry => entry !== undefined,
    )
    return [...this.#flying.values(), ...this.#flyingAudit.map(entry => ({ kind: 'audit', entry }) as const)]
  }

  /** What was taken is on disk. */
  written(): void {
    for (const [key, { kind }] of this.#flying) {
      if (kind === 'attack-gone' || kind === 'mitigation-gone' || kind === 'hour-gone')
        this.#onDisk.delete(key)
      else this.#onDisk.add(key)
    }
    this.#flying.clear()
    this.#flyingAudit = []
  }

  /** What was taken is not on disk: it waits again, in its place, unless something newer waits already. */
  failed(): void {
    const newer = this.#waiting
    this.#waiting = new Map([...this.#flying, ...newer])
    const entries = [...this.#flyingAudit, ...this.#audit.all]
    this.#flying = new Map()
    this.#flyingAudit = []
    this.#audit = new Newest(this.#auditMax)
    for (const entry of entries) this.record(entry)
  }

  /** The file holds these already. */
  found(attackIds: Iterable<string>, mitigationIds: Iterable<string>): void {
    for (const id of attackIds) this.#onDisk.add(`attack ${id}`)
    for (const id of mitigationIds) this.#onDisk.add(`mitigation ${id}`)
  }

  /** The file is new and holds nothing. */
  forget(): void {
    this.failed()
    this.#onDisk.clear()
  }
}

function keyOf(change: Keyed): string {
  switch (change.kind) {
    case 'attack':
      return `attack ${change.attack.id}`
    case 'attack-gone':
      return `attack ${change.id}`
    case 'mitigation':
      return `mitigation ${change.mitigation.id}`
    case 'mitigation-gone':
      return `mitigation ${change.id}`
    case 'learned':
      return `learned ${change.key}`
    case 'hour':
    case 'hour-gone':
      return `hour ${change.hour} ${change.scope}`
  }
}
