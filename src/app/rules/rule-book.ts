// All rules by people, in memory and as documents of the state: found by id and by what they match, counted by customer.
//
// Live ones are never forgotten: more than the bound are refused. Of those that are over the oldest are forgotten.

import { ExpiryOrder } from '#7-mitigation/expiry-order.ts'
import type { Documents } from '#lib/documents.ts'
import { matchKey } from '#lib/flowspec/canonical.ts'
import { parseRule } from '#lib/flowspec/parse.ts'
import { isLive, RULE, type RuleRecord, ruleRecordSchema } from './rule-record.ts'

export interface BookBounds {
  readonly liveMax: number
  readonly endedMax: number
}

const BOUNDS: BookBounds = { liveMax: 10_000, endedMax: 5000 }
const SECOND_MS = 1000
const MINUTE_MS = 60_000

/** What customers' quotas are compared with. */
export interface CustomerUsage {
  readonly active: number
  readonly newWithinMinute: number
}

export class RuleBook {
  readonly #documents: Documents
  readonly #bounds: BookBounds
  readonly #changed: (record: RuleRecord) => void
  // Oldest first: maps keep the order of insertion.
  readonly #live = new Map<string, RuleRecord>()
  readonly #ended = new Map<string, RuleRecord>()
  readonly #byKey = new Map<string, string>()
  /** How many of each customer are live. */
  readonly #liveOf = new Map<string, number>()
  /** Live ones by the moment at which each begins or ends. */
  readonly #due = new ExpiryOrder()
  #turn: Iterator<RuleRecord> | undefined
  /** Moments at which customers got their newest rules, oldest first. */
  readonly #begun = new Map<string, number[]>()

  /** `changed` hears of each rule that is otherwise than before. */
  constructor(
    documents: Documents,
    changed: (record: RuleRecord) => void = () => {},
    bounds: BookBounds = BOUNDS,
  ) {
    this.#documents = documents
    this.#changed = changed
    this.#bounds = bounds
  }

  /** Takes in what earlier runs kept; again when the state was read late. What cannot be read is left where it is. */
  load(): void {
    const records = [...this.#documents.all(RULE).values()].flatMap(value => {
      const read = ruleRecordSchema.safeParse(value)
      return read.success ? [read.data] : []
    })
    for (const record of records.sort((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1))) {
      if (this.get(record.id) === undefined) this.#hold(record)
    }
  }

  get isFull(): boolean {
    return this.#live.size >= this.#bounds.liveMax
  }

  get liveMax(): number {
    return this.#bounds.liveMax
  }

  get(id: string): RuleRecord | undefined {
    return this.#live.get(id) ?? this.#ended.get(id)
  }

  get live(): readonly RuleRecord[] {
    return [...this.#live.values()]
  }

  get ended(): readonly RuleRecord[] {
    return [...this.#ended.values()]
  }

  /** The live rule that matches the same packets. */
  like(record: Pick<RuleRecord, 'kind' | 'flow' | 'target'>): RuleRecord | undefined {
    const id = this.#byKey.get(keyOf(record))
    return id === undefined ? undefined : this.#live.get(id)
  }

  /** Live rules of a customer, and those that began within the minute before `now`. */
  usageOf(customer: string, now: number): CustomerUsage {
    const active = this.#liveOf.get(customer) ?? 0
    const begun = (this.#begun.get(customer) ?? []).filter(at => at > now - MINUTE_MS && at <= now)
    return { active, newWithinMinute: begun.length }
  }

  /** A rule that somebody made. Settles when it is on disk, or after some seconds. */
  add(record: RuleRecord): Promise<boolean> {
    const { customer, createdAt } = record
    if (customer !== undefined) {
      const young = (this.#begun.get(customer) ?? []).filter(at => at > createdAt - MINUTE_MS)
      this.#begun.set(customer, [...young, createdAt])
    }
    return this.put(record)
  }

  /** In place of what it was. */
  put(record: RuleRecord): Promise<boolean> {
    const before = this.get(record.id)
    if (before !== undefined) this.#letGo(before)
    this.#hold(record)
    const kept = this.#documents.put(RULE, record.id, record)
    this.#changed(record)
    return kept
  }

  /** Live ones that begin or end by now; asked for again each second until they are otherwise. */
  due(now: number): readonly RuleRecord[] {
    const ids = this.#due.take(now)
    for (const id of ids) this.#due.set(id, now + SECOND_MS)
    return ids.flatMap(id => this.#live.get(id) ?? [])
  }

  /** At most so many live ones, those that were not asked for longest. */
  some(most: number): readonly RuleRecord[] {
    const found: RuleRecord[] = []
    for (let left = Math.min(most, this.#live.size); left > 0; left--) {
      let next = this.#turn?.next()
      if (next === undefined || next.done === true) {
        this.#turn = this.#live.values()
        next = this.#turn.next()
      }
      if (next.done !== true) found.push(next.value)
    }
    return found
  }

  #hold(record: RuleRecord): void {
    if (isLive(record)) {
      const { id, customer, phase, startsAt, endsAt } = record
      this.#live.set(id, record)
      this.#byKey.set(keyOf(record), id)
      this.#due.set(id, phase === 'scheduled' ? startsAt : endsAt)
      this.#count(customer, 1)
      return
    }
    this.#ended.set(record.id, record)
    const [oldest] = this.#ended.keys()
    if (this.#ended.size > this.#bounds.endedMax && oldest !== undefined) {
      this.#ended.delete(oldest)
      void this.#documents.drop(RULE, oldest)
    }
  }

  #count(customer: string | undefined, change: number): void {
    if (customer === undefined) return
    const count = (this.#liveOf.get(customer) ?? 0) + change
    if (count > 0) this.#liveOf.set(customer, count)
    else this.#liveOf.delete(customer)
  }

  #letGo(record: RuleRecord): void {
    if (this.#live.delete(record.id)) this.#count(record.customer, -1)
    this.#due.delete(record.id)
    this.#ended.delete(record.id)
    const key = keyOf(record)
    if (this.#byKey.get(key) === record.id) this.#byKey.delete(key)
  }
}

function keyOf({ kind, flow, target }: Pick<RuleRecord, 'kind' | 'flow' | 'target'>): string {
  if (kind === 'blackhole') return `blackhole ${target}`
  const parsed = parseRule(flow)
  return parsed.kind === 'parsed' ? matchKey(parsed.value) : `unreadable ${flow}`
}
