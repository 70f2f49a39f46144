// Shows what happens at the edge of the page, to whoever wants it, but for what he has muted.

import type { Preferences } from '#api/contract/preferences.ts'
import { call, type Failure } from './api.ts'
import { live } from './live.svelte.ts'
import { isMuted, NewsReader } from './news.ts'
import { settings } from './settings.svelte.ts'
import { toasts } from './toasts.svelte.ts'

class Newscast {
  /** Undefined: not known yet. */
  preferences = $state.raw<Preferences | undefined>(undefined)
  failure = $state.raw<Failure | undefined>(undefined)
  #changes: Promise<void> = Promise.resolve()

  /** Listens until what it gives is called. */
  start(): () => void {
    const reader = new NewsReader()
    void this.ask()
    return live.hear(message => {
      const news = reader.read(message)
      const { preferences } = this
      // Until it is known what somebody has muted, nothing is shown.
      if (news === undefined || preferences === undefined || !settings.hasNews) return
      const now = new Date()
      const hour = settings.zone === 'utc' ? now.getUTCHours() : now.getHours()
      if (!isMuted(preferences, news.event, hour)) toasts.news(news.text, news.help)
    })
  }

  async ask(): Promise<void> {
    const reply = await call('preferences', {})
    this.failure = reply.kind === 'failed' ? reply.failure : undefined
    if (reply.kind === 'ok') this.preferences = reply.value
  }

  /** Each change is made to what the one before has left: somebody may tick faster than the daemon answers. */
  change(make: (now: Preferences) => Preferences): Promise<void> {
    this.#changes = this.#changes.then(() => this.#send(make))
    return this.#changes
  }

  async #send(make: (now: Preferences) => Preferences): Promise<void> {
    if (this.preferences === undefined) return
    const wanted = make(this.preferences)
    const reply = await call('setPreferences', { ...wanted, mutedEvents: [...wanted.mutedEvents] })
    if (reply.kind === 'failed') return toasts.failed(reply.failure)
    this.preferences = reply.value
  }
}

export const newscast = new Newscast()
