// Joins what arming is about: whether it is armed, who carries things out then, and the desk that decides.

import { ANNOUNCERS } from '#6-policy/action.ts'
import type { SafelistEntry } from '#6-policy/safelist.ts'
import type { Enforcer } from '#7-mitigation/enforcer.ts'
import type { MitigationStore } from '#7-mitigation/mitigation-store.ts'
import type { Logger } from '#lib/log/logger.ts'
import type { Kept } from '#store/change.ts'
import type { ActionDesk } from '../action-desk.ts'
import { Announcers, enforcersOf } from '../announcers.ts'
import type { AttackBook } from '../attack-book.ts'
import type { ResolvedConfig } from '../config/config.ts'
import { deskSettingsOf } from '../desk-context.ts'
import type { ProtectionRoom } from '../protection/protection-room.ts'
import { ARMING_KEY, Arming } from './arming.ts'
import { ArmingDesk } from './arming-desk.ts'

export interface ArmingRoomOptions {
  /** In force now. */
  readonly config: () => ResolvedConfig
  /** What was safelisted while it ran; missing: nothing. */
  readonly safelist?: () => readonly SafelistEntry[]
  readonly desk: ActionDesk
  readonly book: AttackBook
  readonly store: Pick<MitigationStore, 'record'>
  /** Acts whether armed or not: it is only asked when it is. */
  readonly script: Enforcer
  /** Who carries protection profiles out: hears first whether it is armed. Missing: nobody does. */
  readonly protection?: Pick<ProtectionRoom, 'arm' | 'enforcers' | 'stop'>
  /** Keeps a value where a restart finds it. */
  readonly keep: (key: string, value: unknown) => void
  /** Told whether it is armed from now on. */
  readonly told: (armed: boolean) => void
  readonly log: Logger
  readonly now: () => number
}

export class ArmingRoom {
  readonly announcers: Announcers
  /** For whoever asks over the API. */
  readonly desk: ArmingDesk
  readonly #options: ArmingRoomOptions
  readonly #arming: Arming
  /** What an earlier run left is known. */
  #isRestored = false

  constructor(options: ArmingRoomOptions) {
    const { config, log, store, now, book } = options
    this.#options = options
    this.#arming = new Arming(config().mitigation.armed)
    this.announcers = new Announcers(log)
    this.desk = new ArmingDesk({
      ...{ arming: this.#arming, store, now },
      enforcers: () => enforcersOf(config()),
      changes: () => options.desk.ifSwitched(book),
      apply: order => {
        options.keep(ARMING_KEY, order)
        log.warn(order.armed ? 'armed by order' : 'disarmed by order', { who: order.who })
        this.apply()
      },
    })
  }

  /** All that may carry anything out now. */
  get enforcers(): readonly Enforcer[] {
    const { script, protection } = this.#options
    return [script, ...this.announcers.enforcers, ...(protection?.enforcers ?? [])]
  }

  /** Has the desk decide and the enforcers act by the settings, and by the order about arming if there is one. */
  apply(): void {
    const { desk, book, told, protection, safelist = () => [] } = this.#options
    const config = this.#options.config()
    const { armed } = this.#arming
    protection?.arm(armed)
    const isNew = armed && this.announcers.connect(config)
    desk.enforcers = this.enforcers
    if (isNew && this.#isRestored) desk.reconcile(true)
    desk.reconfigure(deskSettingsOf(config, armed, safelist()), book)
    told(armed)
  }

  /** The configuration was read again. */
  reconfigure(): void {
    this.#arming.reconfigure(this.#options.config().mitigation.armed)
    this.apply()
  }

  /** What an earlier run left. Also disarmed, what it announced is to be taken back by whoever announced it. */
  adopt({ learned, mitigations }: Pick<Kept, 'learned' | 'mitigations'>): void {
    const held = new Set(mitigations.map(({ enforcer }) => enforcer))
    this.#arming.adopt(learned.get(ARMING_KEY))
    this.announcers.connect(
      this.#options.config(),
      ANNOUNCERS.filter(name => held.has(name)),
    )
    this.apply()
    this.#isRestored = true
  }

  /** Has enforcers compare what they hold with what is wanted, once all that was left is adopted. */
  reconcile(): void {
    this.#options.desk.reconcile(this.#isRestored)
  }

  /** Settles when nobody carries anything out any more, but for the script, or after the time. */
  async stop(deadlineMs: number): Promise<void> {
    await Promise.all([this.announcers.stop(deadlineMs), this.#options.protection?.stop(deadlineMs)])
  }
}
