// Reports that wait for others to agree, and what corroborates them: groups and their bounds. What is open is kept with the state.

import type { Agreement } from '#4-detection/attack.ts'
import type { ForeignEvent } from '#4-detection/foreign-event.ts'
import {
  type Corroboration,
  corroborates,
  type Demands,
  type GroupNews,
  type GroupRules,
  type GroupVerdict,
  judgeSignals,
  rulesUnder,
  type Signal,
  type Surroundings,
} from '#6-policy/signal-groups.ts'
import { DocumentShelf, type Documents } from '#lib/documents.ts'
import { newUuid } from '#lib/uuid.ts'
import { type KeptGroup, KeptGroups, type KeptSignal } from './kept-groups.ts'

export interface SignalGroup {
  readonly id: string
  readonly host: string
  readonly vector: string
  readonly createdAt: number
  readonly expiresAt: number
  readonly surroundings: Surroundings
  readonly status: 'open' | 'resolved' | 'expired'
  /** Of the playbook that answers its newest report; missing: what holds for all. */
  readonly demands?: Demands | undefined
  readonly verdict: GroupVerdict
  readonly signals: readonly Signal[]
}

export type Admission =
  /** `agreed` missing: nobody has to agree. */
  { readonly kind: 'go'; readonly agreed?: Agreement } | { readonly kind: 'wait'; readonly groupId: string }

export interface GroupDeskOptions {
  /** As they are in force. */
  readonly rules: () => GroupRules
  readonly surroundingsOf: (host: string) => Surroundings
  /** What the playbook that answers a report demands in place of that; missing: none demands anything. */
  readonly demandsOf?: (event: ForeignEvent) => Demands | undefined
  readonly now: () => number
  /** Where what is open outlives a restart; missing: nowhere. */
  readonly documents?: Documents
  readonly bounds?: Partial<typeof BOUNDS>
}

/** Groups that are open, closed ones that are still shown and those of them that outlive a restart, signals of a group, corroborators that wait, sources that are counted. */
const BOUNDS = {
  ...{ open: 10_000, closed: 10_000, closedKept: 1000, signals: 64 },
  ...{ waiting: 10_000, heard: 100_000 },
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] }
type Group = Mutable<SignalGroup>

export class GroupDesk {
  readonly #options: GroupDeskOptions
  readonly #bounds: typeof BOUNDS
  readonly #kept: KeptGroups
  /** By host and vector, oldest first. */
  #open = new Map<string, Group>()
  readonly #byId = new Map<string, Group>()
  readonly #closed: Group[] = []
  #waiting: KeptSignal[] = []
  /** When corroborators were heard, by source. */
  #heard: { readonly source: string; readonly atMs: number }[] = []
  readonly #listeners: ((news: GroupNews) => void)[] = []
  /** Dropped: groups and corroborators that were given up at a bound. */
  readonly counts = { groups: 0, met: 0, expired: 0, attached: 0, dropped: 0 }

  constructor(options: GroupDeskOptions) {
    this.#options = options
    this.#bounds = { ...BOUNDS, ...options.bounds }
    this.#kept = new KeptGroups(options.documents ?? new DocumentShelf())
  }

  /** Tells from now on what becomes of groups and corroborators; it must not throw. */
  listen(heard: (news: GroupNews) => void): void {
    this.#listeners.push(heard)
  }

  #tell(news: GroupNews): void {
    for (const heard of this.#listeners) heard(news)
  }

  /** Whether a source may report attacks at all. */
  isCorroboratingOnly(source: string): boolean {
    return this.#options.rules().sources.get(source)?.mode === 'corroborating'
  }

  /** Whether a report of a source that may report is acted upon now. While nothing is demanded, every one is. */
  admit(event: ForeignEvent, eventId: string): Admission {
    const { rules, now } = this.#options
    if (!rules().isEnabled) return { kind: 'go' }
    this.expire()
    const group = this.#groupOf(event)
    group.demands = this.#options.demandsOf?.(event)
    const { source, confidence = 0 } = event
    this.#add(group, { id: eventId, source, confidence, atMs: now(), isPrimary: true })
    if (group.status === 'open' && group.verdict.isMet) {
      group.status = 'resolved'
      this.counts.met++
      this.#tell({ kind: 'met', verdict: group.verdict })
      this.#keep(group)
    }
    const { id: groupId, status, verdict } = group
    if (status !== 'resolved') return { kind: 'wait', groupId }
    const { isMet: _isMet, ...said } = verdict
    return { kind: 'go', agreed: { groupId, ...said } }
  }

  /** Takes up what an earlier run left, as far as its window is not over. Reports that came meanwhile count beside it. */
  adopt(): void {
    const { rules, now } = this.#options
    const latest = now() + rules().windowSeconds * 1000
    for (const kept of this.#kept.groups()) {
      if (this.#byId.has(kept.id)) continue
      if (kept.verdict !== undefined) {
        this.#recallClosed(kept, kept.verdict)
        continue
      }
      const known = this.#open.get(keyOf(kept))
      if (known === undefined) this.#recall({ ...kept, expiresAt: Math.min(kept.expiresAt, latest) })
      else this.#join(known, kept)
    }
    this.#open = new Map([...this.#open].sort(([, a], [, b]) => a.expiresAt - b.expiresAt))
    this.#closed.sort((a, b) => a.createdAt - b.createdAt)
    this.#boundClosed()
    const known = new Set(this.#waiting.map(({ id }) => id))
    const left = this.#kept.waiting().filter(({ id }) => !known.has(id))
    this.#waiting = [...left, ...this.#waiting]
    this.#boundWaiting()
    this.expire()
  }

  #recall({ isMet, signals, ...about }: KeptGroup): void {
    const { rules, now } = this.#options
    const verdict = judgeSignals(about.host, signals, rulesUnder(rules(), about.demands), now())
    const status = isMet ? 'resolved' : 'open'
    const group: Group = { ...about, signals, status, verdict: { ...verdict, isMet: verdict.isMet || isMet } }
    this.#open.set(keyOf(about), group)
    this.#byId.set(group.id, group)
    this.#makeRoom()
  }

  #recallClosed({ isMet, ...about }: KeptGroup, verdict: GroupVerdict): void {
    const group: Group = { ...about, verdict, status: isMet ? 'resolved' : 'expired' }
    this.#closed.push(group)
    this.#byId.set(group.id, group)
  }

  /** The same host and vector has a newer group already. */
  #join(group: Group, { id, isMet, signals }: KeptGroup): void {
    this.#kept.forget(id)
    if (isMet) group.status = 'resolved'
    for (const signal of signals) this.#add(group, signal)
  }

  /** A detector takes back what it said of a host; groups that were met stay met. */
  takeBack({ host, source }: ForeignEvent): void {
    for (const group of this.#open.values()) {
      if (group.host !== host || group.status !== 'open') continue
      group.signals = group.signals.filter(signal => signal.source !== source)
      this.#judge(group)
      this.#keep(group)
    }
  }

  /** Attaches a signal to the groups it belongs to, or keeps it for those that come within the window. */
  corroborate(told: Corroboration & { readonly confidence: number }): {
    readonly signalId: string
    readonly groupIds: readonly string[]
  } {
    const { rules, now } = this.#options
    this.expire()
    const kept: KeptSignal = { ...told, id: newUuid(), atMs: now() }
    this.#tell({ kind: 'heard', source: kept.source })
    this.#heard.push({ source: kept.source, atMs: kept.atMs })
    if (this.#heard.length > this.#bounds.heard) this.#heard = this.#heard.slice(-this.#bounds.heard / 2)
    const groups = [...this.#open.values()].filter(group => corroborates(kept, group, rules()))
    for (const group of groups) this.#attach(group, kept)
    if (groups.length === 0) {
      this.#waiting.push(kept)
      this.#kept.keepWaiting(kept)
      this.#boundWaiting()
    }
    return { signalId: kept.id, groupIds: groups.map(({ id }) => id) }
  }

  /** Those that wait, oldest first. */
  get waiting(): readonly KeptSignal[] {
    this.expire()
    return this.#waiting
  }

  /** Sources of corroborators since a moment. */
  activity(sinceMs: number): readonly { source: string; lastSeen: number; count: number }[] {
    const found = new Map<string, { source: string; lastSeen: number; count: number }>()
    for (const { source, atMs } of this.#heard) {
      if (atMs < sinceMs) continue
      const row = found.get(source) ?? { source, lastSeen: atMs, count: 0 }
      found.set(source, { source, lastSeen: atMs, count: row.count + 1 })
    }
    return [...found.values()].sort((a, b) => (a.source < b.source ? -1 : 1))
  }

  /** Newest first. */
  list(): readonly SignalGroup[] {
    this.expire()
    return [...this.#closed, ...this.#open.values()].sort((a, b) => b.createdAt - a.createdAt)
  }

  get(id: string): SignalGroup | undefined {
    this.expire()
    return this.#byId.get(id)
  }

  /** Ends what is older than its window. */
  expire(): void {
    const { rules, now } = this.#options
    for (const [key, group] of this.#open) {
      if (group.expiresAt > now()) break
      this.#close(key, group)
    }
    const since = now() - rules().windowSeconds * 1000
    const [oldest] = this.#waiting
    if (oldest === undefined || oldest.atMs >= since) return
    for (const { source, atMs } of this.#waiting) if (atMs < since) this.#tell({ kind: 'lapsed', source })
    this.#keepWaiting(({ atMs }) => atMs >= since)
  }

  /** Of those that wait only these, the others are forgotten. */
  #keepWaiting(isKept: (signal: KeptSignal) => boolean): void {
    for (const signal of this.#waiting) if (!isKept(signal)) this.#kept.forgetWaiting(signal.id)
    this.#waiting = this.#waiting.filter(isKept)
  }

  #boundWaiting(): void {
    while (this.#waiting.length > this.#bounds.waiting) {
      const oldest = this.#waiting.shift()
      if (oldest !== undefined) this.#kept.forgetWaiting(oldest.id)
      this.counts.dropped++
    }
  }

  #close(key: string, group: Group): void {
    this.#open.delete(key)
    if (group.status === 'open') {
      group.status = 'expired'
      this.counts.expired++
      this.#tell({ kind: 'expired', verdict: group.verdict })
    }
    this.#closed.push(group)
    this.#keep(group)
    this.#boundClosed()
  }

  /** Of those that are closed all are shown for a while, and the newest also after a restart. */
  #boundClosed(): void {
    while (this.#closed.length > this.#bounds.closed) {
      const oldest = this.#closed.shift()
      if (oldest === undefined) return
      this.#byId.delete(oldest.id)
      this.#kept.forget(oldest.id)
    }
    for (let at = this.#closed.length - this.#bounds.closedKept - 1; at >= 0; at--) {
      const group = this.#closed[at]
      if (group === undefined || !this.#kept.has(group.id)) return
      this.#kept.forget(group.id)
    }
  }

  #groupOf({ host, vector }: ForeignEvent): Group {
    const key = keyOf({ host, vector })
    const { rules, now, surroundingsOf } = this.#options
    const known = this.#open.get(key)
    if (known !== undefined) return known
    const group: Group = {
      ...{ id: newUuid(), host, vector, createdAt: now(), surroundings: surroundingsOf(host) },
      ...{ expiresAt: now() + rules().windowSeconds * 1000, status: 'open', signals: [] },
      verdict: judgeSignals(host, [], rules(), now()),
    }
    this.counts.groups++
    this.#tell({ kind: 'begun' })
    this.#open.set(key, group)
    this.#byId.set(group.id, group)
    this.#makeRoom()
    const fitting = new Set(this.#waiting.filter(kept => corroborates(kept, group, rules())))
    for (const kept of fitting) this.#attach(group, kept)
    if (fitting.size > 0) this.#keepWaiting(kept => !fitting.has(kept))
    return group
  }

  #makeRoom(): void {
    const [oldest] = this.#open
    if (this.#open.size <= this.#bounds.open || oldest === undefined) return
    this.#close(...oldest)
    this.counts.dropped++
  }

  #attach(group: Group, { id, source, confidence, atMs }: KeptSignal): void {
    this.#add(group, { id, source, confidence, atMs, isPrimary: false })
    this.counts.attached++
    this.#tell({ kind: 'attached', source })
  }

  #add(group: Group, signal: Signal): void {
    const signals = [...group.signals, signal]
    const isFull = signals.length > this.#bounds.signals
    if (isFull) this.counts.dropped++
    group.signals = isFull ? signals.toSpliced(leastOf(signals), 1) : signals
    this.#judge(group)
    this.#keep(group)
  }

  #keep({ status, verdict, surroundings, signals, demands, ...about }: Group): void {
    const { id, host, vector, createdAt, expiresAt } = about
    const isOpen = this.#open.get(keyOf(about))?.id === id
    this.#kept.keep({
      ...{ id, host, vector, createdAt, expiresAt, surroundings, signals, isMet: status === 'resolved' },
      ...(demands === undefined ? {} : { demands }),
      ...(isOpen ? {} : { verdict }),
    })
  }

  /** Met once, it stays met. */
  #judge(group: Group): void {
    const { rules, now } = this.#options
    const verdict = judgeSignals(group.host, group.signals, rulesUnder(rules(), group.demands), now())
    group.verdict = { ...verdict, isMet: verdict.isMet || group.status === 'resolved' }
  }
}

const keyOf = ({ host, vector }: Pick<Group, 'host' | 'vector'>): string => `${host} ${vector}`

/**
 * Where the signal stands that is missed least: of the source that said most, so that who repeats himself silences nobody
 * else, the least sure one, and of equals the oldest. When all have said as much, the newest goes.
 */
function leastOf(signals: readonly Signal[]): number {
  const said = new Map<string, number>()
  for (const { source } of signals) said.set(source, (said.get(source) ?? 0) + 1)
  const most = Math.max(...said.values())
  if (most === 1) return signals.length - 1
  const weight = ({ isPrimary, confidence }: Signal) => (isPrimary ? 1 : 0) + confidence
  let least = -1
  for (const [place, signal] of signals.entries()) {
    if (said.get(signal.source) !== most) continue
    const before = signals[least]
    if (before === undefined || weight(signal) < weight(before)) least = place
  }
  return least
}
