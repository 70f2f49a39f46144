// Follows the sessions of gobgpd: by a stream of their changes, and by asking for all of them now and then.

import type { Sessions } from '../bgp/sessions.ts'
import type { GobgpClient } from './client.ts'
import { eventOf, reportOf } from './peers.ts'

/** A stream that has ended while gobgpd is there is begun again after so long. */
const AGAIN_MS = 1000

export class SessionWatch {
  readonly #client: Pick<GobgpClient, 'followPeers' | 'peers'>
  readonly #sessions: Sessions
  readonly #cameUp: () => void
  #cancel: (() => void) | undefined
  #timer: NodeJS.Timeout | undefined

  /** `cameUp`: a session is established now that was not before. */
  constructor(client: Pick<GobgpClient, 'followPeers' | 'peers'>, sessions: Sessions, cameUp: () => void) {
    this.#client = client
    this.#sessions = sessions
    this.#cameUp = cameUp
  }

  /** gobgpd is there: its sessions are followed from now on. */
  start(): void {
    this.stop()
    this.#cancel = this.#client.followPeers(
      event => {
        const report = eventOf(event)
        if (report !== undefined && this.#sessions.hear(report)) this.#cameUp()
      },
      () => this.#lost(),
    )
  }

  /** gobgpd is gone, or we are. */
  stop(): void {
    clearTimeout(this.#timer)
    this.#cancel?.()
    this.#cancel = undefined
    this.#sessions.lose()
  }

  /** Finds neighbours that were taken out, families, and what a stream did not tell. */
  async refresh(): Promise<void> {
    const cancel = this.#cancel
    const reply = await this.#client.peers()
    // Whoever was lost meanwhile knows nothing of its sessions.
    if (reply.kind !== 'ok' || cancel === undefined || cancel !== this.#cancel) return
    this.#sessions.hearAll(reply.value.map(reportOf).filter(report => report !== undefined))
  }

  #lost(): void {
    this.stop()
    this.#timer = setTimeout(() => this.start(), AGAIN_MS)
    this.#timer.unref()
  }
}
