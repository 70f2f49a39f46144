// Who is told of alerts: as somebody set it over the API, which is kept with the state, else as the configuration says.

import { type StoredAlerting, storedAlertingSchema } from '#compat/prefixd/api/alerting-body.ts'
import type { Documents } from '#lib/documents.ts'
import type { Logger } from '#lib/log/logger.ts'
import type { WebhooksConfig } from '#notify/webhook/destinations-config.ts'
import { configuredAlerting } from './configured-alerting.ts'

export interface AlertSettingsOptions {
  readonly documents: Documents
  /** As it is in force. */
  readonly configured: () => WebhooksConfig
  readonly log: Pick<Logger, 'warn'>
  readonly environment: Readonly<Record<string, string | undefined>>
}

const KIND = 'alerting'
const ID = 'settings'

export class AlertSettings {
  readonly #options: AlertSettingsOptions
  /** What was made of the document, and of which; `undefined` when it cannot be read. */
  #set: { readonly of: unknown; readonly alerting: StoredAlerting | undefined } | undefined
  /** What was made of the configuration, and of which. */
  #read:
    | { readonly of: unknown; readonly alerting: StoredAlerting; readonly problems: readonly string[] }
    | undefined

  constructor(options: AlertSettingsOptions) {
    this.#options = options
  }

  /** The same object as long as nothing is otherwise. */
  get current(): StoredAlerting {
    return this.#overApi ?? this.#configured.alerting
  }

  /** Whether it was set over the API, so that what the configuration says of it waits. */
  get isSet(): boolean {
    return this.#overApi !== undefined
  }

  /** Destinations of the configuration that are in force and nobody can be told by. */
  get problems(): readonly string[] {
    return this.isSet ? [] : this.#configured.problems
  }

  /** In force at once; true when it is on disk. */
  change(settings: StoredAlerting): Promise<boolean> {
    return this.#options.documents.put(KIND, ID, settings)
  }

  /** From now on as the configuration says; true when that is on disk. */
  forget(): Promise<boolean> {
    return this.#options.documents.drop(KIND, ID)
  }

  get #overApi(): StoredAlerting | undefined {
    const of = this.#options.documents.all(KIND).get(ID)
    if (of === undefined) return undefined
    if (this.#set?.of !== of) this.#set = { of, alerting: storedAlertingSchema.safeParse(of).data }
    return this.#set.alerting
  }

  /** Secrets are read when a configuration comes into force, so a reload reads them again. */
  get #configured() {
    const { configured, environment, log } = this.#options
    const of = configured()
    if (this.#read?.of === of) return this.#read
    const { alerting, problems } = configuredAlerting(of, environment)
    const texts = problems.map(
      ({ at, field, text }) => `notify.webhooks.destinations[${at}] is told nothing: ${field}: ${text}`,
    )
    for (const problem of texts) log.warn('alerts', { problem })
    this.#read = { of, alerting, problems: texts }
    return this.#read
  }
}
