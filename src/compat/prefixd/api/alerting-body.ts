// prefixd's alert destinations as its API takes and shows them: a secret is shown as `***`, and a `***` that comes back
// keeps what is stored. Each destination has an id of its own, so that two of one kind are told apart.

import { z } from 'zod'
import { destinationFaults } from '../alerting-rules.ts'
import { destination, events } from '../alerting-schema.ts'

const DESTINATIONS_MAX = 64
const REDACTED = '***'
const SECRETS = ['webhook_url', 'bot_token', 'routing_key', 'api_key', 'url', 'secret'] as const
/** By what one without an id is found. */
const OPEN = ['channel', 'chat_id', 'events_url', 'region'] as const

const stored = destination.extend({ id: z.string().min(1).max(64) }).strip()
const given = destination.extend({ id: z.string().max(64).nullish() }).strip()

export const storedAlertingSchema = z.object({ destinations: z.array(stored), events })
export const alertingSchema = z.object({
  destinations: z.array(given).max(DESTINATIONS_MAX).nullish(),
  events: events.describe('Only these are told; none: all.'),
})

export type StoredDestination = z.output<typeof stored>
export type StoredAlerting = z.output<typeof storedAlertingSchema>
type GivenDestination = z.output<typeof given>

export type MergedAlerting =
  | { readonly kind: 'ok'; readonly alerting: StoredAlerting }
  | { readonly kind: 'refused'; readonly errors: readonly string[] }

/** What is to be stored, or all that is wrong. `mayReach`: an address that is allowed although it is inside. */
export function mergeAlerting(
  body: z.output<typeof alertingSchema>,
  before: StoredAlerting,
  newId: () => string,
  mayReach: (url: string) => boolean,
): MergedAlerting {
  const errors: string[] = []
  const taken = new Set<string>()
  const destinations = (body.destinations ?? []).map((one, at): StoredDestination => {
    const context = `destination[${at}] (${one.type})`
    const { merged, faults } = restore(one, before.destinations)
    errors.push(...faults.map(text => `${context}: ${text}`))
    if (faults.length === 0) errors.push(...faultsOf(merged, mayReach).map(text => `${context}: ${text}`))
    const known = before.destinations.find(({ id }) => id === one.id)?.id ?? merged.id
    const id = known && !taken.has(known) ? known : newId()
    taken.add(id)
    return { ...merged, id }
  })
  if (errors.length > 0) return { kind: 'refused', errors }
  return { kind: 'ok', alerting: { destinations, events: body.events ?? [] } }
}

function faultsOf(one: GivenDestination, mayReach: (url: string) => boolean): string[] {
  const { id: _id, ...plain } = one
  const url = one.webhook_url ?? one.url ?? one.events_url
  return destinationFaults(plain)
    .filter(({ isUseless }) => isUseless || !(url && mayReach(url)))
    .map(({ text }) => text)
}

interface Restored {
  readonly merged: GivenDestination
  readonly faults: readonly string[]
}

/** With the secrets that stand behind each `***`. */
function restore(one: GivenDestination, before: readonly StoredDestination[]): Restored {
  const hidden = SECRETS.filter(field => one[field] === REDACTED)
  const hiddenHeaders = Object.entries(one.headers ?? {}).filter(([, value]) => value === REDACTED)
  if (hidden.length === 0 && hiddenHeaders.length === 0) return { merged: one, faults: [] }
  const { type } = one
  const found = before.filter(other => other.type === type && isSame(one, other))
  const [match] = found
  if (found.length !== 1 || match === undefined) {
    const fields = hidden.length > 0 ? hidden : ['headers']
    const faults = fields.map(field =>
      found.length === 0
        ? `cannot resolve redacted ${field} — no stored ${type} destination matches`
        : `ambiguous redacted ${field} — multiple stored ${type} destinations match; send their id`,
    )
    return { merged: one, faults }
  }
  const missing = hidden.filter(field => !match[field] && field !== 'secret')
  const secrets = hidden.flatMap(field => (match[field] ? [[field, match[field]] as const] : []))
  const gone = hidden.filter(field => !match[field]).map(field => [field, undefined] as const)
  const headers = Object.entries(one.headers ?? {}).flatMap(([name, value]) => {
    const kept = value === REDACTED ? match.headers?.[name] : value
    return kept === undefined ? [] : [[name, kept] as const]
  })
  return {
    merged: {
      ...{ ...one, ...Object.fromEntries([...secrets, ...gone]), id: match.id },
      ...(one.headers === undefined ? {} : { headers: Object.fromEntries(headers) }),
    },
    faults: missing.map(field => `cannot resolve redacted ${field} — none is stored`),
  }
}

const isSame = (one: GivenDestination, other: StoredDestination): boolean =>
  one.id ? one.id === other.id : OPEN.every(field => (one[field] ?? '') === (other[field] ?? ''))

export function redacted({ destinations, events: wanted }: StoredAlerting) {
  return {
    destinations: destinations.map(one => ({
      ...one,
      ...Object.fromEntries(SECRETS.flatMap(field => (one[field] ? [[field, REDACTED]] : []))),
      ...(one.headers === undefined
        ? {}
        : { headers: Object.fromEntries(Object.keys(one.headers).map(name => [name, REDACTED])) }),
    })),
    events: wanted ?? [],
  }
}
