// What prefixd demands of destinations that are saved through its API, in its own words. Its file it never asks so. No text
// holds a secret.

import { parseAddress } from '#lib/ip/address.ts'
import { isInside } from '#lib/ip/inside.ts'
import type { DestinationType, PrefixdDestination } from './alerting-schema.ts'

const URL_CHARACTERS_MAX = 1024
const CHAT_ID_CHARACTERS_MAX = 64
/** What the API of prefixd shows in place of a secret: in a file it is nobody's secret. */
const REDACTED = '***'

type Field = Exclude<keyof PrefixdDestination, 'type' | 'headers' | 'events'>

/** Fields that a type cannot be told without, the optional ones, and the one that is an address. */
export const FIELDS: Readonly<
  Record<
    DestinationType,
    {
      readonly required: readonly Field[]
      readonly optional: readonly (keyof PrefixdDestination)[]
      readonly url: Field | undefined
    }
  >
> = {
  slack: { required: ['webhook_url'], optional: ['channel'], url: 'webhook_url' },
  discord: { required: ['webhook_url'], optional: [], url: 'webhook_url' },
  teams: { required: ['webhook_url'], optional: [], url: 'webhook_url' },
  telegram: { required: ['bot_token', 'chat_id'], optional: [], url: undefined },
  pagerduty: { required: ['routing_key'], optional: ['events_url'], url: 'events_url' },
  opsgenie: { required: ['api_key', 'region'], optional: [], url: undefined },
  generic: { required: ['url'], optional: ['secret', 'headers'], url: 'url' },
}

export interface DestinationFault {
  readonly field: Field
  readonly text: string
  /** prefixd itself cannot send either. Otherwise its file may say so and it sends. */
  readonly isUseless: boolean
}

/** All faults of a destination, without the words `destination[0] (slack)` in front. */
export function destinationFaults(destination: PrefixdDestination): DestinationFault[] {
  const { required, url } = FIELDS[destination.type]
  const missing = required
    .filter(field => !destination[field])
    .map(field => ({ field, text: `${field} is required`, isUseless: true }))
  const hidden = [...required, 'secret' as const]
    .filter(field => destination[field] === REDACTED)
    .map(field => ({ field, text: `cannot resolve redacted ${field}`, isUseless: true }))
  const address =
    url === undefined || hidden.some(({ field }) => field === url) ? undefined : destination[url]
  const wrong = url && address ? urlFault(address) : undefined
  return [
    ...missing,
    ...hidden,
    ...(url && wrong ? [{ field: url, text: `${url} ${wrong}`, isUseless: wrong === INVALID }] : []),
    ...shapeFaults(destination),
  ]
}

function shapeFaults({ type, region, chat_id }: PrefixdDestination): DestinationFault[] {
  if (type === 'opsgenie' && region && region !== 'us' && region !== 'eu')
    return [{ field: 'region', text: "region must be 'us' or 'eu'", isUseless: true }]
  if (type === 'telegram' && (chat_id?.length ?? 0) > CHAT_ID_CHARACTERS_MAX)
    return [{ field: 'chat_id', text: `chat_id exceeds ${CHAT_ID_CHARACTERS_MAX} chars`, isUseless: false }]
  return []
}

const INVALID = 'must be a valid URL'

function urlFault(text: string): string | undefined {
  if (text.length > URL_CHARACTERS_MAX) return `exceeds ${URL_CHARACTERS_MAX} chars`
  if (!URL.canParse(text)) return INVALID
  const { protocol, hostname } = new URL(text)
  if (protocol !== 'https:') return 'must use https'
  if (hostname === '') return 'must include a host'
  const host = hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '')
  if (host === 'localhost' || host.endsWith('.localhost')) return 'host is not allowed'
  const address = parseAddress(host)
  return address !== undefined && isInside(address) ? 'host IP is not allowed' : undefined
}
