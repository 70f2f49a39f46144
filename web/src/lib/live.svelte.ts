// What happens, as it happens: one feed for the whole console. Nothing is kept but the last traffic.

import type { LiveMessage } from '#api/contract/live.ts'
import { type LinkState, LiveLink } from './live-link.ts'
import { session } from './session.svelte.ts'

export type LiveTraffic = Extract<LiveMessage, { kind: 'traffic' }>
type Listener = (message: LiveMessage) => void

class Live {
  state = $state<LinkState>('connecting')
  /** The last that was heard; undefined: nothing yet, or whoever is in does not hear of it. */
  traffic = $state.raw<LiveTraffic | undefined>(undefined)
  /** Grows when something may have been missed: whoever shows a list asks for it again. */
  missed = $state(0)
  /** Ms since 1970, each second. */
  now = $state(Date.now())
  readonly #listeners = new Set<Listener>()

  /** Gives what ends it. */
  hear(listener: Listener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Something that other parts of the page show was just changed by hand: they ask again. */
  changed(): void {
    this.missed++
  }

  /** Listens until what it gives is called. */
  start(): () => void {
    const link = new LiveLink({
      open: () => new WebSocket(`${location.origin.replace(/^http/, 'ws')}/api/v1/live`),
      now: () => performance.now(),
      isSteady: () => !session.isConfined,
      changed: state => {
        this.state = state
      },
      heard: message => {
        if (message.kind === 'traffic') this.traffic = message
        for (const listener of this.#listeners) listener(message)
      },
      missed: () => {
        this.missed++
      },
      refused: () => void session.look(),
    })
    link.look()
    const timer = setInterval(() => {
      this.now = Date.now()
      link.look()
    }, 1000)
    const urgent = () => link.look(true)
    window.addEventListener('online', urgent)
    document.addEventListener('visibilitychange', urgent)
    return () => {
      clearInterval(timer)
      window.removeEventListener('online', urgent)
      document.removeEventListener('visibilitychange', urgent)
      link.stop()
      this.traffic = undefined
    }
  }
}

export const live = new Live()
