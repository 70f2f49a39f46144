// What prefixd's signal routes need: webhooks of the configuration in force, and their secrets.

import { type Adapter, adapterOf } from '#compat/prefixd/api/signals-adapter.ts'
import type { SignalsConfig } from '#compat/prefixd/api/signals-config.ts'
import type { SignalDesk } from '#compat/prefixd/api/signals-routes.ts'

export interface SignalDeskOptions {
  /** As it is in force. */
  readonly config: () => SignalsConfig
  readonly environment: Readonly<Record<string, string | undefined>>
  /** By the words of a source; missing: nobody says any. */
  readonly confidences?: (source: string) => Readonly<Record<string, number>>
}

export function signalDesk({ config, environment, confidences }: SignalDeskOptions): SignalDesk {
  let made: { readonly of: SignalsConfig; readonly adapters: ReadonlyMap<string, Adapter> } | undefined
  return {
    adapter: name => {
      const present = config()
      if (made?.of !== present) {
        const enabled = present.webhooks.filter(webhook => webhook.enabled)
        made = { of: present, adapters: new Map(enabled.map(webhook => [webhook.name, adapterOf(webhook)])) }
      }
      return made.adapters.get(name)
    },
    secret: variable => environment[variable],
    confidences: source => confidences?.(source) ?? {},
  }
}
