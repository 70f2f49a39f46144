// Who is told of alerts as the configuration says it, with the secrets it only says the place of.

import type { StoredAlerting, StoredDestination } from '#compat/prefixd/api/alerting-body.ts'
import type { SecretReference } from '#notify/webhook/destination-fields.ts'
import type { ConfiguredDestination, WebhooksConfig } from '#notify/webhook/destinations-config.ts'
import { SecretReader } from '../config/read-secret.ts'

type Environment = Readonly<Record<string, string | undefined>>

export interface ConfiguredAlerting {
  readonly alerting: StoredAlerting
  /** Of destinations that are left out because a secret of theirs cannot be read: which, and why. */
  readonly problems: readonly { readonly at: number; readonly field: string; readonly text: string }[]
}

/** Names that stay the same as long as their order does: queues and numbers go by them. */
const idOf = (at: number): string => `file${String(at).padStart(2, '0')}`

/** Where in the configuration a destination stands that was made of it. */
export const placeOf = ({ id }: Pick<StoredDestination, 'id'>): number => Number(id.slice('file'.length))

const SECRETS = ['url', 'botToken', 'routingKey', 'apiKey', 'secret'] as const

/** Reads each secret now. */
export function configuredAlerting(config: WebhooksConfig, environment: Environment): ConfiguredAlerting {
  const reader = new SecretReader(environment)
  const problems: { at: number; field: string; text: string }[] = []
  const destinations = config.destinations.flatMap((destination, at) => {
    const read = secretsOf(destination, reader)
    problems.push(...read.failed.map(({ field, text }) => ({ at, field, text })))
    return read.failed.length > 0 ? [] : [storedOf(idOf(at), destination, read.known)]
  })
  return { alerting: { destinations, events: config.events }, problems }
}

interface Secrets {
  readonly known: ReadonlyMap<string, string>
  readonly failed: readonly { readonly field: string; readonly text: string }[]
}

function secretsOf(destination: ConfiguredDestination, reader: SecretReader): Secrets {
  const known = new Map<string, string>()
  const failed: { field: string; text: string }[] = []
  const read = (field: string, reference: SecretReference | undefined) => {
    if (reference === undefined) return
    const done = reader.read(reference)
    if (done.kind === 'ok') known.set(field, done.secret)
    else failed.push({ field, text: done.error })
  }
  for (const field of SECRETS) read(field, destination[field])
  for (const [name, reference] of Object.entries(destination.headers ?? {}))
    read(`headers.${name}`, reference)
  return { known, failed }
}

/** In the words in which destinations are kept. */
function storedOf(
  id: string,
  { type, channel, chatId, eventsUrl, region, headers, events }: ConfiguredDestination,
  known: Secrets['known'],
): StoredDestination {
  const url = known.get('url')
  return {
    ...{ id, type, events },
    ...(url === undefined ? {} : { [type === 'generic' ? 'url' : 'webhook_url']: url }),
    ...defined({ channel, chat_id: chatId, events_url: eventsUrl, region }),
    ...defined({
      ...{ bot_token: known.get('botToken'), routing_key: known.get('routingKey') },
      ...{ api_key: known.get('apiKey'), secret: known.get('secret') },
    }),
    ...(headers === undefined
      ? {}
      : {
          headers: Object.fromEntries(
            Object.keys(headers).map(name => [name, known.get(`headers.${name}`) ?? '']),
          ),
        }),
  }
}

const defined = (fields: Readonly<Record<string, string | undefined>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(fields).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  )
