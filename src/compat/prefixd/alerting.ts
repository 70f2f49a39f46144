// prefixd's alerting.yaml becomes who is told of alerts here. No secret is taken out of it: the native settings say where in
// the file each stands, and whoever tells reads it there.

import { hasErrors, type Problem, type SettingPath } from '#lib/schema/problem.ts'
import { destinationFaults, FIELDS } from './alerting-rules.ts'
import { type PrefixdAlerting, type PrefixdDestination, prefixdAlertingSchema } from './alerting-schema.ts'
import { type KeyReport, reportKeys } from './key-report.ts'
import type { Placed } from './native-tree.ts'
import { readSettings } from './read-settings.ts'
import { Reading } from './reading.ts'

export type ReadAlerting =
  | {
      readonly kind: 'ok'
      readonly placed: readonly Placed[]
      readonly problems: readonly Problem[]
      readonly keys: readonly KeyReport[]
    }
  | { readonly kind: 'refused'; readonly problems: readonly Problem[] }

/** Reads the text of an alerting.yaml. `secrets`: the absolute path by which its secrets are read. */
export function readAlerting(text: string, file: string, secrets: string = file): ReadAlerting {
  const read = readSettings(text, file, prefixdAlertingSchema)
  if (read.kind === 'refused') return read
  const reading = new Reading(read.source)
  carryAlerting(read.settings, { secrets, path: [] }, reading)
  const problems = [...read.problems, ...reading.problems]
  if (hasErrors(problems)) return { kind: 'refused', problems }
  const keys = reportKeys('alerting.yaml', read.source.settings, path => reading.place(path, 'key'))
  return { kind: 'ok', placed: reading.placed, problems, keys }
}

interface Where {
  /** The file that holds the secrets. */
  readonly secrets: string
  readonly path: SettingPath
}

const TO = ['notify', 'webhooks'] as const

/** Checks all destinations in prefixd's words, and carries them. */
export function carryAlerting(
  { destinations, events }: PrefixdAlerting,
  { secrets, path }: Where,
  reading: Reading,
): void {
  for (const [at, destination] of (destinations ?? []).entries()) {
    const here = [...path, 'destinations', at]
    const context = `destination[${at}] (${destination.type})`
    for (const { field, text, isUseless } of destinationFaults(destination))
      reading.say(
        isUseless ? 'error' : 'warning',
        'prefixd-alerting',
        [...here, field],
        `${context}: ${text}`,
      )
    for (const key of strangersOf(destination))
      reading.say(
        'notice',
        'prefixd-not-carried',
        [...here, key],
        `${key} says nothing for ${destination.type}`,
      )
    carry(destination, at, { secrets, path: here }, reading)
  }
  if (events && events.length > 0) reading.carry([...TO, 'events'], [...new Set(events)], [...path, 'events'])
}

/** Fields of other types, which prefixd ignores. */
const strangersOf = (destination: PrefixdDestination): string[] => {
  const { required, optional } = FIELDS[destination.type]
  const own = new Set<string>(['type', 'events', ...required, ...optional])
  return Object.entries(destination).flatMap(([key, value]) => (own.has(key) || value == null ? [] : [key]))
}

/** Fields that open doors, and what they are called here. The address of a generic one may hold a token. */
const SECRETS = {
  ...{ webhook_url: 'url', bot_token: 'botToken', routing_key: 'routingKey', api_key: 'apiKey' },
  ...{ url: 'url', secret: 'secret' },
} as const
const OPEN = { channel: 'channel', chat_id: 'chatId', events_url: 'eventsUrl', region: 'region' } as const

function carry(
  destination: PrefixdDestination,
  at: number,
  { secrets, path }: Where,
  reading: Reading,
): void {
  const to = [...TO, 'destinations', at]
  const { type, events, headers } = destination
  const { required, optional } = FIELDS[type]
  const isOwn = (field: string) => [...required, ...optional].some(own => own === field)
  reading.carry([...to, 'type'], type, [...path, 'type'])
  for (const [field, native] of Object.entries(SECRETS) as [keyof typeof SECRETS, string][])
    if (isOwn(field) && destination[field])
      reading.carry([...to, native], { file: secrets, key: [...path, field] }, [...path, field])
  for (const [field, native] of Object.entries(OPEN) as [keyof typeof OPEN, string][])
    if (isOwn(field) && destination[field])
      reading.carry([...to, native], destination[field], [...path, field])
  if (isOwn('headers'))
    for (const name of Object.keys(headers ?? {})) {
      const from = [...path, 'headers', name]
      reading.carry([...to, 'headers', name], { file: secrets, key: from }, from)
    }
  if (events && events.length > 0) reading.carry([...to, 'events'], [...new Set(events)], [...path, 'events'])
}
