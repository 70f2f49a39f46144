// Words for people about attacks: in prefixd's words to whoever asked for those, and as notices to the destinations of the
// configuration. Both go through one dispatcher.

import type { Attack, EndedAttack, OpenAttack } from '#4-detection/attack.ts'
import type { Decision } from '#6-policy/decide.ts'
import type { MetricRegistry } from '#lib/metrics/registry.ts'
import type { Alert } from '#notify/webhook/alert.ts'
import { AlertRoom, type AlertRoomOptions } from './alert-room.ts'
import { NoticeRoom, type NoticeRoomOptions } from './notice-room.ts'

export type NotifyRoomOptions = Omit<AlertRoomOptions, 'config'> &
  Pick<NoticeRoomOptions, 'config'> & {
    readonly config: AlertRoomOptions['config'] & NoticeRoomOptions['config']
  }

export class NotifyRoom extends AlertRoom {
  readonly notices: NoticeRoom

  constructor(options: NotifyRoomOptions) {
    super(options)
    this.notices = new NoticeRoom({ ...options, dispatcher: this.dispatcher, fetch: this.fetch })
  }

  override follow(): void {
    super.follow()
    this.notices.follow()
  }

  override get problems(): readonly string[] {
    return [...super.problems, ...this.notices.problems.map(({ text }) => text)]
  }

  /** A sentence for each destination that does not take what it is told. */
  get failing(): readonly string[] {
    return this.dispatcher
      .status()
      .filter(({ state }) => state === 'failing')
      .map(({ id, lastError = 'failed', waiting }) => {
        const many = waiting === 1 ? '1 message waits' : `${waiting} messages wait`
        const rest = waiting === 0 ? '' : `; ${many}`
        return `${id} takes no notifications: ${lastError}${rest}`
      })
  }

  override adopt(attacks: Iterable<Attack>): void {
    const all = [...attacks]
    super.adopt(all)
    this.follow()
    this.notices.adopt(all)
  }

  override opened(attack: OpenAttack, decision: Decision): void {
    super.opened(attack, decision)
    this.notices.opened(attack, decision)
  }

  updated(attack: OpenAttack): void {
    this.notices.updated(attack)
  }

  override decidedAgain(attack: OpenAttack, decision: Decision): void {
    super.decidedAgain(attack, decision)
    this.notices.decidedAgain(attack, decision)
  }

  override ended(attack: EndedAttack): void {
    super.ended(attack)
    this.notices.ended(attack)
  }

  override reloaded(changed: readonly string[]): void {
    super.reloaded(changed)
    this.notices.reloaded(changed)
  }

  protected override refusedAloud(alert: Alert): void {
    super.refusedAloud(alert)
    // With an attack it is told as what was decided about that.
    if (alert.mitigation_id === undefined) this.notices.refusedAloud(alert)
  }

  override addMetrics(registry: MetricRegistry): void {
    super.addMetrics(registry)
    this.notices.addMetrics(registry)
  }

  override stop(): void {
    this.notices.stop()
    super.stop()
  }
}
