// Which attacks are told together: a carpet of a thousand hosts is one message with updates, and one end.
//
// Attacks belong together when they have customer, direction and what else is configured in common, and each began soon
// after another. The first notice waits a moment for others; updates come at growing pauses, and at once when it gets worse.

import { z } from 'zod'
import type { Documents } from '#lib/documents.ts'
import { SteadyMap } from '#lib/hash/steady-map.ts'
import type { MetricSource } from '#lib/metrics/metric.ts'
import type { GroupingConfig } from './grouping-config.ts'
import { type Notice, type NoticeKind, worseOf } from './notice.ts'
import type { NoticeAttack } from './notice-attack.ts'
import { type NoticeGroup, noticeOf } from './notice-group.ts'

export interface GroupingOptions {
  readonly config: () => GroupingConfig
  /** `told`: who was told of this group before. Gives whom it told. */
  readonly tell: (notice: Notice, told: ReadonlySet<string>) => readonly string[]
  /** Where groups that were told are remembered, for the next run. */
  readonly documents: () => Documents
  readonly now: () => number
  /** Unlike that of any other run, so that no two groups have the same name. */
  readonly run: string
}

/** Attacks of one group; the next one begins another. */
const MEMBERS_MAX = 5000
const GROUPS_MAX = 2000
/** The longest pause between updates, as a multiple of the shortest. */
const PAUSE_TIMES_MAX = 16
const KIND = 'notice-group'

const keptSchema = z.object({
  key: z.string(),
  severity: z.enum(['low', 'medium', 'high', 'critical']),
  at: z.number(),
  attacks: z.array(z.string().max(128)).max(MEMBERS_MAX),
  told: z.array(z.string().max(128)).max(1000).default([]),
})

interface Running extends NoticeGroup {
  isTold: boolean
  /** What is due, with the strongest word for it. */
  due: NoticeKind | undefined
  dueAt: number
  /** Since the last notice. */
  pauseMs: number
  toldAt: number
  timer: NodeJS.Timeout | undefined
  notices: number
  /** Destinations that were told of it. */
  readonly told: Set<string>
  /** What was told last of its numbers. */
  toldPeak: number
}

export class Grouping {
  readonly #options: GroupingOptions
  readonly #groups = new Map<string, Running>()
  /** By attack. */
  readonly #of = new SteadyMap<Running>()
  readonly #counts = { joined: 0, untold: 0 }
  #made = 0
  #isStopped = false

  constructor(options: GroupingOptions) {
    this.#options = options
  }

  opened(attack: NoticeAttack): void {
    if (this.#isStopped || this.#of.has(attack.id)) return
    const group = this.#groupFor(attack)
    if (group === undefined) {
      this.#counts.untold++
      return
    }
    const isWorse = group.isTold && worseOf(group.severity, attack.severity) !== group.severity
    group.members.set(attack.id, { attack, isOpen: true })
    group.open++
    group.joinedAt = this.#options.now()
    group.severity = worseOf(group.severity, attack.severity)
    this.#of.set(attack.id, group)
    if (!group.isTold) this.#plan(group, 'opened', this.#waitMs)
    else if (isWorse) this.#plan(group, 'escalated', this.#waitMs)
    else this.#plan(group, 'updated', this.#pauseLeft(group))
  }

  /** What is known of an attack is otherwise; `isWorse`: more had to be done about it. */
  changed(id: string, changes: Partial<NoticeAttack>, isWorse: boolean): void {
    const group = this.#of.get(id)
    const member = group?.members.get(id)
    if (group === undefined || member === undefined || !member.isOpen) return
    const before = member.attack
    if (!isWorse && isAlike(before, changes)) return
    member.attack = { ...before, ...changes }
    if (!group.isTold) return
    if (isWorse) this.#plan(group, 'escalated', this.#waitMs)
    else if (isWorthAWord(before, member.attack, group.toldPeak))
      this.#plan(group, 'updated', this.#pauseLeft(group))
  }

  ended(id: string, changes: Partial<NoticeAttack> = {}): void {
    const group = this.#of.get(id)
    const member = group?.members.get(id)
    if (group === undefined || member === undefined || !member.isOpen) return
    this.#of.delete(id)
    member.attack = { ...member.attack, ...changes }
    member.isOpen = false
    group.open--
    if (group.open > 0) {
      if (group.isTold) this.#plan(group, 'updated', this.#pauseLeft(group))
    } else this.#plan(group, 'ended', this.#waitMs)
  }

  /**
   * Takes up groups that an earlier run told. Those of whose attacks none is open any more are told to be over. Attacks
   * that nobody was told of stay untold.
   */
  adopt(attacks: readonly NoticeAttack[]): void {
    const open = new Map(attacks.map(attack => [attack.id, attack]))
    for (const [id, value] of [...this.#options.documents().all(KIND)]) {
      const kept = keptSchema.safeParse(value).data
      if (kept === undefined) void this.#options.documents().drop(KIND, id)
      if (kept === undefined || this.#groups.has(id)) continue
      const group = this.#begin(id, kept.key, kept.severity)
      group.isTold = true
      group.joinedAt = kept.at
      for (const destination of kept.told) group.told.add(destination)
      for (const each of kept.attacks) {
        const attack = open.get(each)
        if (attack === undefined) continue
        group.members.set(each, { attack, isOpen: true })
        group.open++
        this.#of.set(each, group)
      }
      if (group.open === 0) this.#forgotten(group, kept.at)
    }
  }

  /** Groups that are open, each as it would be told now, and who was told of it. */
  current(): readonly { readonly notice: Notice; readonly told: ReadonlySet<string> }[] {
    return [...this.#groups.values()]
      .filter(({ isTold, open }) => isTold && open > 0)
      .map(group => {
        const notice = noticeOf(group, `${group.id}.now`, 'updated', this.#options.now())
        return { notice, told: group.told }
      })
  }

  /** The group of an open attack, as it would be told now. */
  about(attackId: string, kind: NoticeKind): Notice | undefined {
    const group = this.#of.get(attackId)
    return group && noticeOf(group, `${group.id}.preview`, kind, this.#options.now())
  }

  get size(): number {
    return this.#groups.size
  }

  readonly metrics: MetricSource = () => [
    { name: 'floodwarden_notice_groups', value: this.#groups.size },
    { name: 'floodwarden_notice_attacks_joined_total', value: this.#counts.joined },
    { name: 'floodwarden_notice_attacks_untold_total', value: this.#counts.untold },
  ]

  /** What was waiting for others is told at once. */
  stop(): void {
    for (const group of [...this.#groups.values()]) {
      clearTimeout(group.timer)
      if (group.due !== undefined && group.due !== 'updated') this.#tell(group)
    }
    this.#isStopped = true
  }

  get #waitMs(): number {
    return this.#options.config().waitSeconds * 1000
  }

  #pauseLeft(group: Running): number {
    return Math.max(this.#waitMs, group.toldAt + group.pauseMs - this.#options.now())
  }

  #groupFor(attack: NoticeAttack): Running | undefined {
    const { by, joinSeconds } = this.#options.config()
    const parts = [attack.customer, attack.direction, ...by.map(name => attack[name])]
    const key = JSON.stringify(parts.map(part => part ?? null))
    const now = this.#options.now()
    for (const group of this.#groups.values()) {
      if (group.key !== key || group.members.size >= MEMBERS_MAX) continue
      if (now - group.joinedAt > joinSeconds * 1000 || joinSeconds === 0) continue
      this.#counts.joined++
      return group
    }
    if (this.#groups.size >= GROUPS_MAX) return undefined
    return this.#begin(`g-${this.#options.run}-${(++this.#made).toString(36)}`, key, 'low')
  }

  #begin(id: string, key: string, severity: Notice['severity']): Running {
    const group: Running = {
      ...{ id, key, severity, members: new Map(), open: 0, joinedAt: this.#options.now(), isTold: false },
      ...{ due: undefined, dueAt: 0, toldAt: this.#options.now(), timer: undefined, notices: 0, toldPeak: 0 },
      told: new Set(),
      pauseMs: this.#options.config().updateSeconds * 1000,
    }
    this.#groups.set(id, group)
    return group
  }

  /** Sooner and stronger words win over what was planned; an end takes the place of all others. */
  #plan(group: Running, kind: NoticeKind, inMs: number): void {
    const at = this.#options.now() + inMs
    if (group.due === undefined || at < group.dueAt || kind === 'ended') {
      clearTimeout(group.timer)
      group.dueAt = at
      group.timer = setTimeout(() => this.#tell(group), inMs).unref()
    }
    // Somebody joined while its end was waiting: it goes on, and what he brings is what is told.
    const isBack = group.due === 'ended' && group.open > 0
    if (group.due === undefined || isBack || STRENGTH[kind] > STRENGTH[group.due]) group.due = kind
  }

  #tell(group: Running): void {
    if (this.#isStopped) return
    clearTimeout(group.timer)
    const { due } = group
    group.due = undefined
    if (!group.isTold) this.#say(group, 'opened')
    else if (due !== undefined && due !== 'ended') this.#say(group, due)
    if (group.open === 0) {
      this.#say(group, 'ended')
      this.#forget(group)
    } else this.#keep(group)
  }

  #say(group: Running, kind: NoticeKind): void {
    const at = this.#options.now()
    const { updateSeconds } = this.#options.config()
    const longest = updateSeconds * 1000 * PAUSE_TIMES_MAX
    group.pauseMs = kind === 'updated' ? Math.min(longest, group.pauseMs * 2) : updateSeconds * 1000
    group.isTold = true
    group.toldAt = at
    const notice = noticeOf(group, `${group.id}.${++group.notices}-${at.toString(36)}`, kind, at)
    group.toldPeak = notice.packetsPerSecond
    for (const destination of this.#options.tell(notice, group.told)) group.told.add(destination)
  }

  /** Its attacks ended while nobody looked. */
  #forgotten(group: Running, at: number): void {
    const attack: NoticeAttack = {
      ...{ id: 'gone', target: '', direction: 'other', severity: group.severity, hostgroup: '', vector: '' },
      ...{ openedAt: at, packetsPerSecond: 0, bitsPerSecond: 0, isDryRun: false },
      ...{ why: 'it ended while Floodwarden was not running', decision: 'all of it was taken back' },
    }
    group.members.set(attack.id, { attack, isOpen: false })
    this.#say(group, 'ended')
    this.#forget(group)
  }

  #forget(group: Running): void {
    for (const id of group.members.keys()) if (this.#of.get(id) === group) this.#of.delete(id)
    this.#groups.delete(group.id)
    void this.#options.documents().drop(KIND, group.id)
  }

  #keep({ id, key, severity, joinedAt: at, members, told }: Running): void {
    const attacks = [...members].filter(([, { isOpen }]) => isOpen).map(([attack]) => attack)
    void this.#options.documents().put(KIND, id, { key, severity, at, attacks, told: [...told] })
  }
}

const STRENGTH: Readonly<Record<NoticeKind, number>> = {
  ...{ test: 0, refused: 0, reloaded: 0, trouble: 0, updated: 1, escalated: 2, opened: 3, ended: 4 },
}

const isAlike = (before: NoticeAttack, changes: Partial<NoticeAttack>): boolean => {
  for (const key in changes)
    if (before[key as keyof NoticeAttack] !== changes[key as keyof NoticeAttack]) return false
  return true
}

/** A new name, a customer, a decision; of a peak only that it doubled since it was told. */
const isWorthAWord = (before: NoticeAttack, now: NoticeAttack, toldPeak: number): boolean =>
  before.vector !== now.vector ||
  before.decision !== now.decision ||
  (now.packetsPerSecond !== before.packetsPerSecond && now.packetsPerSecond >= 2 * toldPeak)
