// What the dispatcher needs of whoever is told, and what it says of how he fares.

import type { Carried, Message } from './carrier.ts'

export interface OutletStatus {
  readonly id: string
  readonly name: string
  readonly type: string
  /** Unused: nothing was sent yet. */
  readonly state: 'ok' | 'failing' | 'unused'
  readonly waiting: number
  readonly sent: number
  readonly lost: number
  /** Milliseconds since 1970 UTC. */
  readonly lastSuccessAt?: number
  readonly lastFailureAt?: number
  readonly lastError?: string
  /** When a message that waits is tried next. */
  readonly nextTryAt?: number
}

export interface Outlet {
  readonly id: string
  /** Never throws, never waits. */
  tell(message: Message): void
  /** Sends one at once, beside those that wait. */
  test(message: Message): Promise<Carried>
  status(): OutletStatus
  /** Nothing is sent any more; what waits stays on disk. */
  stop(): void
}

/** What came of deliveries. */
export class Fares {
  sent = 0
  lost = 0
  lastSuccessAt: number | undefined
  lastFailureAt: number | undefined
  lastError: string | undefined

  took(at: number): void {
    this.sent++
    this.lastSuccessAt = at
    this.lastError = undefined
  }

  failed(at: number, error: string): void {
    this.lastFailureAt = at
    this.lastError = error
  }

  view(): Pick<OutletStatus, 'state' | 'sent' | 'lost' | 'lastSuccessAt' | 'lastFailureAt' | 'lastError'> {
    const { sent, lost, lastSuccessAt, lastFailureAt, lastError } = this
    const state = lastError !== undefined ? 'failing' : lastSuccessAt === undefined ? 'unused' : 'ok'
    return {
      ...{ state, sent, lost },
      ...(lastSuccessAt === undefined ? {} : { lastSuccessAt }),
      ...(lastFailureAt === undefined ? {} : { lastFailureAt }),
      ...(lastError === undefined ? {} : { lastError }),
    }
  }
}
