// The state of the daemon across restarts: what an earlier run left is taken up, what changes now is kept.
//
// First what is over is taken back, then what goes on is held, then policy decides about open attacks for which nothing
// is held. Only then may anything new be decided.

import { uptime } from 'node:os'
import type { Attack, OpenAttack } from '#4-detection/attack.ts'
import { decisionText, inspectAttack } from '#6-policy/decide.ts'
import { CAPS } from '#6-policy/guardrail.ts'
import type { MitigationLedger } from '#7-mitigation/mitigation-ledger.ts'
import { DocumentShelf } from '#lib/documents.ts'
import type { Logger } from '#lib/log/logger.ts'
import type { MetricSource } from '#lib/metrics/metric.ts'
import type { EventFate } from '#store/acknowledgements.ts'
import type { StoredEntry } from '#store/audit.ts'
import type { AuditFilter } from '#store/audit-filter.ts'
import type {
  BackupDone,
  BackupOrder,
  HourKey,
  Kept,
  KeptHour,
  PastAttack,
  Questions,
  ReceivedEvent,
  TrafficDay,
  TrafficTens,
} from '#store/change.ts'
import { DEFAULT_STORE, type StoreConfig } from '#store/config.ts'
import { DiskStore } from '#store/disk-store.ts'
import type { AuditVerdict } from '#store/verify-audit.ts'
import type { ActionDesk } from '../action-desk.ts'
import type { AttackBook } from '../attack-book.ts'
import type { AttackStory } from '../attack-story.ts'
import { endOf, planRestore, type Restored, type RestorePlan } from './restore-plan.ts'
import { StateKeeper } from './state-keeper.ts'

/** Stands for the decision about an attack whose own words are lost. */
const LIST_WAIT_MS = 500
const RESTORED = 'restored from an earlier run'

/** Who takes up what was left. */
export interface StateHeirs {
  readonly ledger: Pick<MitigationLedger, 'recall'>
  readonly book: AttackBook
  readonly desk: ActionDesk
  readonly story: AttackStory
  /**
   * Told that the state came too late for the start, with its open attacks: it could not be opened before. Calls `takeUp` once
   * whoever detects knows them, and with the ids of those that he does not take, because their hosts have newer ones.
   */
  readonly late: (attacks: readonly OpenAttack[], takeUp: TakeUp) => void
  /** Told what earlier runs learned, also when the file could not be opened before. */
  readonly learned?: (kept: Pick<Kept, 'learned' | 'hours' | 'mitigations'>) => void
}

/** Gives the attacks that go on. */
export type TakeUp = (superseded?: readonly string[]) => readonly OpenAttack[]

export interface StateRoomOptions {
  readonly directory: string
  /** Where the state is and for how long; missing: a file, and as long as an empty configuration says. */
  readonly store?: StoreConfig
  readonly log: Logger
  readonly now: () => number
  /** See `DiskStoreOptions`. */
  readonly retryMs?: number
  readonly openWaitMs?: number
  /** Told that what was learned must be kept again: the file is a new one. */
  readonly lost?: () => void
  /** Told when it turns out after the start that another daemon uses the state. */
  readonly heldLate?: (problem: string) => void
}

export class StateRoom {
  readonly #options: StateRoomOptions
  readonly #disk: DiskStore
  readonly keeper: StateKeeper
  #heirs: StateHeirs | undefined
  #isLate = false
  /** What was learned earlier, by key; whoever asks checks it. */
  #learned: ReadonlyMap<string, unknown> = new Map()

  constructor(options: StateRoomOptions) {
    const { now: _now, lost, store = DEFAULT_STORE, ...disk } = options
    this.#options = options
    this.#disk = new DiskStore({
      ...disk,
      ...store,
      found: kept => this.#found(kept),
      lost: () => {
        this.keeper.keepAll()
        for (const document of this.documents.every()) this.#disk.put({ kind: 'document', document })
        lost?.()
      },
    })
    this.keeper = new StateKeeper({ disk: this.#disk, uptimeSeconds: uptimeClock() })
  }

  /**
   * Opens the state and hands it out. Settles at the latest after some seconds; what could not be read by then comes late.
   * Throws when another daemon uses the state: two that announce and withdraw beside each other undo each other's work.
   */
  async open(heirs: StateHeirs): Promise<void> {
    this.#heirs = heirs
    await this.#disk.open()
    const { holder } = this.#disk
    if (holder !== undefined) throw new Error(holder)
    this.#isLate = true
  }

  /** Writes what waits as far as there is time. */
  async close(deadlineMs: number): Promise<void> {
    this.keeper.keepLast()
    const lost = await this.#disk.close(deadlineMs)
    if (lost > 0)
      this.#options.log.error('changes that did not come to the disk before the end', { changes: lost })
  }

  /** Why what is held would not survive a restart just now. */
  get problem(): string | undefined {
    return this.#disk.problem
  }

  /** Keeps an attack that is over for whoever looks it up. */
  keepPastAttack(make: () => PastAttack): void {
    this.#disk.keepPastAttack(make)
  }

  /** Keeps what a foreign detector reported; settles when it is on disk, or says why it is not. */
  keepEvent(event: ReceivedEvent, waitMs?: number): Promise<EventFate> {
    return this.#disk.keepEvent(event, waitMs)
  }

  /** Settles when everything that was decided before is on disk (true), or after so long (false). */
  onDisk(waitMs?: number): Promise<boolean> {
    return this.#disk.onDisk(waitMs)
  }

  /** What the state has, with what was just put unless the disk is slow. Rejects when it cannot be asked. */
  async look<About extends Exclude<keyof Questions, 'audit' | 'verify' | 'backup'>>(
    about: About,
    asked: Questions[About]['asked'],
  ): Promise<Questions[About]['answered']> {
    await this.#disk.onDisk(LIST_WAIT_MS)
    return await this.#disk.ask(about, asked)
  }

  /** Users, tokens and other small things. */
  readonly documents = new DocumentShelf((kind, id, value) => {
    this.#disk.put({ kind: 'document', document: { kind, id, value } })
    return this.#disk.onDisk()
  })

  /** Entries of the audit that fit, newest first. Rejects when the state cannot be asked. */
  async listAudit(filter: AuditFilter): Promise<readonly StoredEntry[]> {
    // What was just done is in the list, unless the disk is slow.
    await this.#disk.onDisk(LIST_WAIT_MS)
    return await this.#disk.ask('audit', filter)
  }

  /** Whether the audit is what was written. Rejects when the state cannot be asked. */
  verifyAudit(): Promise<AuditVerdict> {
    return this.#disk.ask('verify', undefined)
  }

  /** Saves the state into a file that must not exist yet, with all that was put before. Rejects with what went wrong. */
  async backUp(order: BackupOrder): Promise<BackupDone> {
    this.keeper.keepLast()
    await this.#disk.onDisk()
    return await this.#disk.ask('backup', order)
  }

  /** How long things are kept from now on. */
  retain(retention: StoreConfig['retention']): void {
    this.#disk.retain(retention)
  }

  get metrics(): MetricSource {
    return this.#disk.metrics
  }

  /** A value learned by an earlier run. */
  recall(key: string): unknown {
    return this.#learned.get(key)
  }

  /** Keeps a learned value, anything JSON can say, in place of the one before. */
  learn(key: string, value: unknown): void {
    this.#disk.put({ kind: 'learned', key, value })
  }

  /** Keeps an hour of what calm traffic did, in place of the same hour before. */
  keepHour(hour: KeptHour): void {
    this.#disk.put({ kind: 'hour', ...hour })
  }

  /** Keeps what is known of a day of traffic, among what is kept of it. */
  keepTraffic(day: TrafficDay): void {
    this.#disk.put({ kind: 'traffic-day', ...day })
  }

  /** Keeps five minutes of traffic by ten seconds, for a day. */
  keepTrafficTens(tens: TrafficTens): void {
    this.#disk.put({ kind: 'traffic-tens', ...tens })
  }

  dropHour({ scope, hour }: HourKey): void {
    this.#disk.put({ kind: 'hour-gone', scope, hour })
  }

  #found(kept: Kept): void {
    const heirs = this.#heirs
    if (heirs === undefined) return
    this.#learned = kept.learned
    // What was put while the state could not be read is newer.
    for (const { kind, id, value } of kept.documents)
      if (!this.documents.all(kind).has(id)) this.documents.recall(kind, id, value)
    heirs.learned?.(kept)
    for (const entry of kept.audit) heirs.ledger.recall(entry)
    const plan = planRestore(kept, this.#options.now(), attack => this.#isStillOurs(attack, heirs))
    const takeUp: TakeUp = (superseded = []) => this.#takeUp(plan, heirs, superseded)
    const open = plan.open.map(({ attack }) => attack)
    if (this.#isLate) heirs.late(open, takeUp)
    else takeUp()
  }

  #takeUp(plan: RestorePlan, heirs: StateHeirs, superseded: readonly string[]): OpenAttack[] {
    for (const over of plan.over) this.#takeBack(over, heirs)
    const goOn = plan.open.filter(restored => !this.#isSuperseded(restored, heirs, superseded))
    const unanswered = goOn.filter(restored => !this.#hold(restored, heirs)).map(({ attack }) => attack)
    for (const attack of unanswered) {
      heirs.book.decided(attack.id, decisionText(attack, heirs.desk.opened(attack, [])))
    }
    const attacks = goOn.map(({ attack }) => attack)
    this.#options.log.info('state restored', {
      ...{ bans: attacks.length, ended: plan.over.length, mitigations: mitigationsOf(plan) },
      decidedAgain: unanswered.length,
    })
    return attacks
  }

  /** A ban that is over: everything that is still held for it is taken back. */
  #takeBack(over: RestorePlan['over'][number], heirs: StateHeirs): void {
    if (this.#isSuperseded(over, heirs)) return
    const { attack, ageSeconds, mitigations, isNews } = over
    this.keeper.adopt(attack, ageSeconds, mitigations)
    heirs.book.opened(attack, RESTORED, [])
    heirs.desk.adopt(attack, mitigations)
    if (isNews) heirs.story.tell([{ kind: 'ended', attack }])
    else heirs.book.ended(attack)
    this.keeper.keepAttack(attack)
  }

  /** A ban that goes on. False: nothing is held for it. */
  #hold({ attack, ageSeconds, mitigations }: Restored<OpenAttack>, { book, desk }: StateHeirs): boolean {
    this.keeper.adopt(attack, ageSeconds, mitigations)
    const [first] = mitigations
    book.opened(attack, first === undefined ? RESTORED : `${RESTORED}: ${first.reason}`, [])
    return desk.adopt(attack, mitigations)
  }

  /**
   * The state came late, and the host has a newer ban: what the earlier run holds for it passes to that one, because
   * taking it back would lift both.
   */
  #isSuperseded(
    { attack, ageSeconds, mitigations }: Restored<Attack>,
    { book, desk }: StateHeirs,
    superseded: readonly string[] = [],
  ): boolean {
    const hasNewer = book.isOpen(attack.host) || superseded.includes(attack.id)
    if (!this.#isLate || !hasNewer) return false
    this.keeper.adopt(attack, ageSeconds, mitigations)
    desk.letGo(mitigations)
    this.keeper.keepAttack(endOf(attack, 'finished', this.#options.now()))
    return true
  }

  #isStillOurs(attack: Attack, { desk }: StateHeirs): boolean {
    return inspectAttack(attack, desk.rails()).every(({ rail }) => CAPS.includes(rail))
  }
}

const mitigationsOf = ({ over, open }: RestorePlan): number =>
  [...over, ...open].reduce((sum, { mitigations }) => sum + mitigations.length, 0)

/** The uptime of the machine; asked of the system once a second, because that reads a file. */
function uptimeClock(): () => number {
  let asked = Number.NEGATIVE_INFINITY
  let seconds = 0
  return () => {
    const now = performance.now()
    if (now - asked > 1000) {
      asked = now
      seconds = uptime()
    }
    return seconds + (now - asked) / 1000
  }
}
