// Whether alerts can be told to whom the configuration names, asked before the first attack rather than during it.

import { destinationFaults } from '#compat/prefixd/alerting-rules.ts'
import type { StoredDestination } from '#compat/prefixd/api/alerting-body.ts'
import { allowanceOf, judgeUrl } from '#lib/safe-fetch.ts'
import type { Problem, SettingsSource } from '#lib/schema/problem.ts'
import { configuredAlerting, placeOf } from '../alerts/configured-alerting.ts'
import type { Config } from './config.ts'
import { problemAt } from './problems.ts'

const PATH = ['notify', 'webhooks', 'destinations'] as const

/** By what prefixd calls them. */
const NATIVE: Readonly<Record<string, string>> = {
  ...{ webhook_url: 'url', bot_token: 'botToken', chat_id: 'chatId', routing_key: 'routingKey' },
  ...{ events_url: 'eventsUrl', api_key: 'apiKey' },
}

/** Warnings only: detection does not need alerts. No text holds a secret. `isForeign`: what they hold was checked already. */
export function checkWebhooks(
  config: Config,
  source: SettingsSource,
  isForeign: boolean,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Problem[] {
  const { alerting, problems } = configuredAlerting(config.notify.webhooks, environment)
  const report = (at: number, field: string, message: string): Problem =>
    problemAt(source, 'config-webhook', 'warning', [...PATH, at, ...field.split(/\.(.*)/s, 2)], message)
  const unread = problems.map(({ at, field, text }) => report(at, field, `it is told nothing: ${text}`))
  const { allow, plainHttp } = config.outgoing
  const mayReach = (url: string) => judgeUrl(url, allowanceOf(allow, plainHttp)).kind === 'fine'
  const wrong = (isForeign ? [] : alerting.destinations).flatMap(one =>
    faultsOf(one, mayReach).map(({ field, text }) => report(placeOf(one), field, text)),
  )
  return [...unread, ...wrong]
}

function faultsOf(
  { id: _id, ...destination }: StoredDestination,
  mayReach: (url: string) => boolean,
): { readonly field: string; readonly text: string }[] {
  const url = destination.webhook_url ?? destination.url ?? destination.events_url
  return destinationFaults(destination)
    .filter(({ isUseless }) => isUseless || !(url && mayReach(url)))
    .map(({ field, text }) => {
      const native = NATIVE[field] ?? field
      return { field: native, text: text.replace(field, native) }
    })
}
