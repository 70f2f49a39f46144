// What happens, told as it happens to whoever subscribes within the process: the WebSocket of the API, dialects.

import type { LiveMessage, Topic } from '../contract/live.ts'

/** One message for all who may hear it. */
export interface LiveNews {
  readonly topic: Topic
  readonly kind: LiveMessage['kind']
  /** Addresses and prefixes that it is about; empty: the network as a whole. */
  readonly targets: readonly string[]
  /** The attack that it is about, for whoever tells it in other words. */
  readonly attackId?: string
  /** As JSON: made when first asked for, and once. */
  text(): string
}

/** Never throws, never waits. */
export type LiveListener = (news: LiveNews) => void

export class LiveFeed {
  readonly #listeners = new Set<LiveListener>()

  /** Gives what ends it. */
  subscribe(listener: LiveListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Whether anybody hears: otherwise nothing need be made. */
  get isHeard(): boolean {
    return this.#listeners.size > 0
  }

  /** `make` is called at most once, when somebody wants the words. */
  tell(about: Omit<LiveNews, 'text'>, make: () => LiveMessage): void {
    let said: string | undefined
    const text = (): string => {
      said ??= JSON.stringify(make())
      return said
    }
    for (const listener of this.#listeners) listener({ ...about, text })
  }
}
