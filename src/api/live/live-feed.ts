// What happens, told as it happens to whoever subscribes within the process: the WebSocket of the API, dialects.

import type { Topic } from '../contract/live.ts'

/** One message for all who may hear it. */
export interface LiveNews {
  readonly topic: Topic
  /** Address or prefix that it is about; missing: the network as a whole. */
  readonly target?: string
  /** As JSON: made when first asked for, and once. */
  text(): string
}

export type LiveListener = (news: LiveNews) => void

/** Listeners never throw and never wait. */
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
  tell(topic: Topic, target: string | undefined, make: () => unknown): void {
    if (this.#listeners.size === 0) return
    let said: string | undefined
    const news: LiveNews = {
      ...{ topic, ...(target === undefined ? {} : { target }) },
      text: () => {
        said ??= JSON.stringify(make()) ?? 'null'
        return said
      },
    }
    for (const listener of this.#listeners) listener(news)
  }
}
