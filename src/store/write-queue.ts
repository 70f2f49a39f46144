// Changes that wait for the disk. Of each thing only the latest state waits, so that memory is bounded by how many
// things there are, however long the disk takes; audit entries, events and attacks that are over are bounded by number.

import type { AuditEntry } from '#7-mitigation/audit.ts'
import { Newest } from '#7-mitigation/newest.ts'
import { SteadyMap } from '#lib/hash/steady-map.ts'
import type { Change } from './change.ts'

type Keyed = Exclude<Change, { kind: 'audit' }>

interface Waiting {
  readonly change: Keyed
  /** When it was put, counted in changes; what takes the place of an earlier state keeps the place and this number. */
  readonly ticket: number
  /** Called when it is on disk. */
  readonly written?: (() => void) | undefined
}

interface Entry {
  readonly entry: AuditEntry
  readonly ticket: number
}

/** Audit entries that may wait; the oldest go first, the log has them. */
const AUDIT_WAITING_MAX = 10_000
/** Events that may wait; more are refused, and whoever sent one knows. */
const EVENTS_WAITING_MAX = 10_000
/** Attacks that are over and may wait; more are not kept. */
const PAST_WAITING_MAX = 10_000
/** Likewise of mitigations. */
const PAST_MITIGATIONS_WAITING_MAX = 50_000

export interface QueueBounds {
  readonly audit?: number
  readonly events?: number
  readonly pastAttacks?: number
}

/**
 * Maps and sets keep the order of insertion: oldest first. What waits and what is on its way gets a map of its own each
 * time: a map that is emptied and filled for ever leaves a chain of tables behind, of which one that has grown old keeps
 * all that come after it, with their changes, until the whole heap is collected.
 */
export class WriteQueue {
  #waiting = new Map<string, Waiting>()
  #flying = new Map<string, Waiting>()
  #audit: Newest<Entry>
  #flyingAudit: readonly Entry[] = []
  /** Keys of attacks and mitigations that are on disk: of those that go what never came there is known. */
  readonly #onDisk = new SteadyMap<true>()
  readonly #auditMax: number
  readonly #most: Readonly<Record<KeptOnce, number>>
  readonly #held: Record<KeptOnce, number> = { event: 0, 'past-attack': 0, 'past-mitigation': 0 }
  #ticket = 0
  droppedEntries = 0
  droppedPastAttacks = 0
  refusedEvents = 0

  constructor(bounds: QueueBounds = {}) {
    const { audit = AUDIT_WAITING_MAX, events = EVENTS_WAITING_MAX, pastAttacks = PAST_WAITING_MAX } = bounds
    this.#auditMax = audit
    this.#most = {
      ...{ event: events, 'past-attack': pastAttacks, 'past-mitigation': PAST_MITIGATIONS_WAITING_MAX },
    }
    this.#audit = new Newest(audit)
  }

  /** `written` is called when it is on disk, unless something newer takes its place. False: there is no room for it. */
  put(change: Keyed, written?: () => void): boolean {
    const key = keyOf(change)
    const isGone = change.kind === 'attack-gone' || change.kind === 'mitigation-gone'
    // What never came to the disk need not be deleted from it.
    if (isGone && !this.#onDisk.has(key) && !this.#flying.has(key)) {
      this.#waiting.delete(key)
      return true
    }
    if (isKeptOnce(change)) {
      // It waits already, takes up its room, and does not change.
      if (this.#waiting.has(key) || this.#flying.has(key)) return true
      if (!this.#hasRoom(change.kind)) return false
    }
    const before = this.#waiting.get(key)
    this.#waiting.set(key, { change, ticket: before?.ticket ?? ++this.#ticket, written })
    return true
  }

  #hasRoom(kind: KeptOnce): boolean {
    if (this.#held[kind] < this.#most[kind]) {
      this.#held[kind]++
      return true
    }
    if (kind === 'event') this.refusedEvents++
    else this.droppedPastAttacks++
    return false
  }

  record(entry: AuditEntry): void {
    if (this.#audit.push({ entry, ticket: ++this.#ticket })) this.droppedEntries++
  }

  /** Whether an attack that is over may wait too; when not it counts as dropped. */
  mayTakePastAttack(): boolean {
    const hasRoom = this.#held['past-attack'] < this.#most['past-attack']
    if (!hasRoom) this.droppedPastAttacks++
    return hasRoom
  }

  /** Things and entries that are not on disk yet. */
  get size(): number {
    return this.#waiting.size + this.#flying.size + this.#audit.size + this.#flyingAudit.length
  }

  /** The ticket of the change that was put last. */
  get newestTicket(): number {
    return this.#ticket
  }

  /** Of what is not on disk the lowest ticket; infinite when all is. */
  get oldestTicket(): number {
    const tickets = [this.#waiting, this.#flying].map(map => map.values().next().value?.ticket)
    const ofAudit = [this.#flyingAudit[0]?.ticket, this.#audit.oldest?.ticket]
    return Math.min(...[...tickets, ...ofAudit].filter(ticket => ticket !== undefined))
  }

  /** The next changes, at most so many. They are on their way until `written` or `failed`. */
  take(most: number): Change[] {
    if (this.#waiting.size <= most) {
      this.#flying = this.#waiting
      this.#waiting = new Map()
    } else this.#takeSome(most)
    const room = Math.min(most - this.#flying.size, this.#audit.size)
    this.#flyingAudit = Array.from({ length: room }, () => this.#audit.shift()).filter(
      entry => entry !== undefined,
    )
    return [
      ...[...this.#flying.values()].map(({ change }) => change),
      ...this.#flyingAudit.map(({ entry, ticket }) => ({ kind: 'audit', entry, ticket }) as const),
    ]
  }

  #takeSome(most: number): void {
    this.#flying = new Map()
    for (const [key, waiting] of this.#waiting) {
      if (this.#flying.size === most) break
      this.#flying.set(key, waiting)
      this.#waiting.delete(key)
    }
  }

  /** What was taken is on disk. */
  written(): void {
    const written = this.#flying
    this.#flying = new Map()
    this.#flyingAudit = []
    for (const [key, { change }] of written) {
      const { kind } = change
      if (isKeptOnce(change)) this.#held[change.kind]--
      else if (kind === 'attack-gone' || kind === 'mitigation-gone') this.#onDisk.delete(key)
      else if (kind === 'attack' || kind === 'mitigation') this.#onDisk.set(key, true)
    }
    for (const each of written.values()) each.written?.()
  }

  /** What was taken is not on disk: it waits again, in its place, unless something newer waits already. */
  failed(): void {
    const newer = this.#waiting
    this.#waiting = new Map([...this.#flying, ...newer])
    for (const [key, { ticket }] of this.#flying) {
      const waiting = this.#waiting.get(key)
      if (waiting !== undefined) this.#waiting.set(key, { ...waiting, ticket })
    }
    const entries = [...this.#flyingAudit, ...this.#audit.all]
    this.#flying = new Map()
    this.#flyingAudit = []
    this.#audit = new Newest(this.#auditMax)
    for (const entry of entries) if (this.#audit.push(entry)) this.droppedEntries++
  }

  /** The state holds these already. */
  found(attackIds: Iterable<string>, mitigationIds: Iterable<string>): void {
    for (const id of attackIds) this.#onDisk.set(`attack ${id}`, true)
    for (const id of mitigationIds) this.#onDisk.set(`mitigation ${id}`, true)
  }

  /** The state is new and holds nothing. */
  forget(): void {
    this.failed()
    this.#onDisk.clear()
  }
}

/** What is appended and never changed: there is nothing to take its place. */
type KeptOnce = 'event' | 'past-attack' | 'past-mitigation'

const isKeptOnce = (change: Change): change is Extract<Change, { kind: KeptOnce }> =>
  change.kind === 'event' || change.kind === 'past-attack' || change.kind === 'past-mitigation'

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
    case 'event':
      return `event ${change.event.id}`
    case 'past-attack':
      return `past ${change.attack.id}`
    case 'past-mitigation':
      return `past mitigation ${change.mitigation.id}`
    case 'document':
      return `document ${change.document.kind} ${change.document.id}`
    case 'learned':
      return `learned ${change.key}`
    case 'traffic-day':
      return `traffic ${change.day} ${change.series}`
    case 'traffic-tens':
      return `traffic tens ${change.step} ${change.series}`
    case 'hour':
    case 'hour-gone':
      return `hour ${change.hour} ${change.scope}`
  }
}
