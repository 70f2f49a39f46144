// Alert destinations in prefixd's words become those that are sent to.

import type { StoredDestination } from '#compat/prefixd/api/alerting-body.ts'
import type { Destination, Service } from '#notify/webhook/destination.ts'

/** Those that lack something were refused when they were saved. */
export const destinationsOf = (stored: readonly StoredDestination[]): readonly Destination[] =>
  stored.flatMap(one => {
    const service = serviceOf(one)
    return service === undefined ? [] : [{ id: one.id, name: nameOf(one), service, events: one.events ?? [] }]
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
