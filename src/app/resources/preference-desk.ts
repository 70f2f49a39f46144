// What each does not want to be shown: one document for whoever asks, in the words of prefixd, whose API has the same.

import type { Identity } from '#api/contract/access.ts'
import type { Preferences } from '#api/contract/preferences.ts'
import type { Caller } from '#api/control.ts'
import type { PreferencesDesk as NativeDesk } from '#api/resources.ts'
import {
  type PreferencesDesk as PrefixdDesk,
  type Preferences as PrefixdPreferences,
  preferencesSchema,
} from '#compat/prefixd/api/preferences-routes.ts'
import type { Documents } from '#lib/documents.ts'

const KIND = 'preferences'
/** Of more the oldest are forgotten: users and tokens come and go. */
const KEPT_MAX = 10_000

export class PreferenceDesk implements NativeDesk {
  readonly #documents: Documents

  constructor(documents: Documents) {
    this.#documents = documents
  }

  of({ identity }: Caller): Preferences {
    const kept = preferencesSchema.safeParse(this.#kept(identity)).data
    const { muted_events: mutedEvents = [], quiet_hours_start: from, quiet_hours_end: to } = kept ?? {}
    return { mutedEvents, ...(from == null || to == null ? {} : { quietHours: { from, to } }) }
  }

  async set({ mutedEvents, quietHours }: Preferences, by: Caller): Promise<Preferences> {
    await this.#keep(by.identity, {
      muted_events: [...new Set(mutedEvents)],
      quiet_hours_start: quietHours?.from ?? null,
      quiet_hours_end: quietHours?.to ?? null,
    })
    return this.of(by)
  }

  /** The same for prefixd's API. */
  readonly prefixd: PrefixdDesk = {
    preferences: by => this.#kept(by),
    keep: (preferences, by) => this.#keep(by, preferences),
  }

  #kept(by: Identity | undefined): unknown {
    return this.#documents.all(KIND).get(nameOf(by))
  }

  async #keep(by: Identity | undefined, preferences: PrefixdPreferences): Promise<void> {
    const kept = this.#documents.all(KIND)
    const [oldest] = kept.keys()
    if (kept.size >= KEPT_MAX && !kept.has(nameOf(by)) && oldest !== undefined)
      void this.#documents.drop(KIND, oldest)
    await this.#documents.put(KIND, nameOf(by), preferences)
  }
}

/** Those without an id share theirs with all of their kind and name. */
const nameOf = (by: Identity | undefined): string =>
  by === undefined ? 'socket' : `${by.kind}:${by.id || by.name}`
