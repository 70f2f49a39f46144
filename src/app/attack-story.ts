// What happens to attacks, told to everybody it concerns in the right order: log, policy, book.

import type { AttackCounts } from '#4-detection/metrics.ts'
import { whyOpened } from '#5-evidence/report.ts'
import { decisionText } from '#6-policy/decide.ts'
import type { Actor } from '#7-mitigation/audit.ts'
import type { Logger } from '#lib/log/logger.ts'
import type { ActionDesk } from './action-desk.ts'
import type { AttackBook } from './attack-book.ts'
import type { EngineEvent } from './engine.ts'

export interface StoryOptions {
  readonly desk: ActionDesk
  readonly book: AttackBook
  readonly counts: AttackCounts
  readonly log: Logger
}

export class AttackStory {
  readonly #options: StoryOptions

  constructor(options: StoryOptions) {
    this.#options = options
  }

  tell(events: readonly EngineEvent[], who: Actor = 'floodwarden'): void {
    for (const event of events) this.#tellOne(event, who)
  }

  #tellOne(event: EngineEvent, who: Actor): void {
    const { desk, book, counts, log } = this.#options
    switch (event.kind) {
      case 'opened': {
        const { attack, flows } = event
        const { id, host, direction, type, protocol, power } = attack
        log.info('attack opened', {
          attack: id,
          host,
          direction,
          type,
          protocol,
          power,
          why: whyOpened(attack),
        })
        counts.count(event)
        book.opened(attack, decisionText(attack, desk.opened(attack, flows, who)), flows)
        break
      }
      case 'updated': {
        const { id, host, peak, isOver } = event.attack
        log.debug('attack updated', { attack: id, host, peak, isOver })
        book.updated(event.attack)
        break
      }
      case 'evidence': {
        const attack = book.evidence(event.attackId, event.packets)
        if (attack !== undefined && attack.state === 'open') desk.evidence(attack, event.packets)
        break
      }
      case 'ended': {
        const { id, host, peak, endedBy } = event.attack
        log.info('attack ended', { attack: id, host, peak, endedBy })
        book.ended(event.attack)
        desk.ended(event.attack, who)
        break
      }
    }
  }
}
