// Alert destinations in prefixd's words become those that are sent to.

import type { AlertEvent } from '#7-mitigation/alert-events.ts'
import type { StoredDestination } from '#compat/prefixd/api/alerting-body.ts'
import type { Fetched, SafeRequest } from '#lib/safe-fetch.ts'
import { carriedBy, type Destination, type Message } from '#notify/delivery/carrier.ts'
import { requestFor, type Service } from '#notify/webhook/destination.ts'

export interface AlertDestination extends Destination {
  /** Only these; empty: all. */
  readonly events: readonly AlertEvent[]
}

/** Those that lack something were refused when they were saved. */
export const destinationsOf = (
  stored: readonly StoredDestination[],
  fetch: (request: SafeRequest) => Promise<Fetched>,
): readonly AlertDestination[] =>
  stored.flatMap(one => {
    const service = serviceOf(one)
    if (service === undefined) return []
    const carry = async (message: Message) =>
      message.form === 'alert'
        ? carriedBy(await fetch(requestFor(message.alert, service)))
        : { kind: 'refused' as const, error: 'it is told alerts alone' }
    return [{ id: `alerting:${one.id}`, name: nameOf(one), type: one.type, events: one.events ?? [], carry }]
  })

function serviceOf(one: StoredDestination): Service | undefined {
  const { type, webhook_url: url } = one
  switch (type) {
    case 'slack':
      return url ? { type, url, channel: one.channel ?? undefined } : undefined
    case 'discord':
    case 'teams':
      return url ? { type, url } : undefined
    case 'telegram':
      return one.bot_token && one.chat_id ? { type, botToken: one.bot_token, chatId: one.chat_id } : undefined
    case 'pagerduty':
      return one.routing_key
        ? { type, routingKey: one.routing_key, url: one.events_url || undefined }
        : undefined
    case 'opsgenie':
      return one.api_key
        ? { type, apiKey: one.api_key, region: one.region === 'eu' ? 'eu' : 'us' }
        : undefined
    case 'generic':
      return one.url
        ? { type, url: one.url, secret: one.secret ?? undefined, headers: one.headers }
        : undefined
  }
}

/** The type and what tells it from others; never an address, which may be a secret. */
function nameOf({ type, channel, chat_id: chat, region, id }: StoredDestination): string {
  const detail = channel || chat || region || id.slice(-6)
  return `${type} ${detail}`
}
