// prefixd's alerting.yaml: who would be told. No service of it is told anything yet, so all of it is kept, without secrets.

import { formatPath, hasErrors, type Problem, type SettingPath } from '#lib/schema/problem.ts'
import { destinationFaults, FIELDS } from './alerting-rules.ts'
import {
  type DestinationType,
  type PrefixdAlerting,
  type PrefixdDestination,
  prefixdAlertingSchema,
} from './alerting-schema.ts'
import type { KeptAlerting, KeptDestination, SecretReference } from './kept.ts'
import { type KeyReport, reportKeys } from './key-report.ts'
import { readSettings } from './read-settings.ts'
import { Reading } from './reading.ts'

export type ReadAlerting =
  | {
      readonly kind: 'ok'
      readonly alerting: KeptAlerting
      readonly problems: readonly Problem[]
      readonly keys: readonly KeyReport[]
    }
  | { readonly kind: 'refused'; readonly problems: readonly Problem[] }

export const NO_ALERTING: KeptAlerting = { destinations: [], events: [] }

/** Reads the text of an alerting.yaml. */
export function readAlerting(text: string, file: string): ReadAlerting {
  const read = readSettings(text, file, prefixdAlertingSchema)
  if (read.kind === 'refused') return read
  const reading = new Reading(read.source)
  const alerting = keepAlerting(read.settings, { file, path: [] }, reading)
  const problems = [...read.problems, ...reading.problems]
  if (hasErrors(problems)) return { kind: 'refused', problems }
  const keys = reportKeys('alerting.yaml', read.source.settings, path => reading.place(path, 'key'))
  return { kind: 'ok', alerting, problems, keys }
}

interface Where {
  readonly file: string
  readonly path: SettingPath
}

/** Checks all destinations in prefixd's words, and tells of each that it is not told anything yet. */
export function keepAlerting(
  { destinations, events }: PrefixdAlerting,
  { file, path }: Where,
  reading: Reading,
): KeptAlerting {
  const kept = (destinations ?? []).map((destination, at) => {
    const here = [...path, 'destinations', at]
    const keptOne = keep(destination, { file, path: here })
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
    const message = `${context}: ${keptOne.name} is not told anything yet`
    reading.say(
      'warning',
      'prefixd-not-told',
      here,
      message,
      'mails go to notify.email; alerts to this service come later',
    )
    return keptOne
  })
  return { destinations: kept, events: events ?? [] }
}

/** Fields of other types, which prefixd ignores. */
const strangersOf = (destination: PrefixdDestination): string[] => {
  const { required, optional } = FIELDS[destination.type]
  const own = new Set<string>(['type', 'events', ...required, ...optional])
  return Object.entries(destination).flatMap(([key, value]) => (own.has(key) || value == null ? [] : [key]))
}

/** Fields that open doors. The address of a generic one may hold a token. */
const SECRETS = ['webhook_url', 'bot_token', 'routing_key', 'api_key', 'url', 'secret'] as const
const OPEN = ['channel', 'chat_id', 'events_url', 'region'] as const

function keep(destination: PrefixdDestination, { file, path }: Where): KeptDestination {
  const reference = (...steps: SettingPath): SecretReference => ({
    ...{ kind: 'in-file', file, path: formatPath([...path, ...steps]) },
  })
  const headers = Object.keys(destination.headers ?? {}).map(
    header => [`headers.${header}`, reference('headers', header)] as const,
  )
  const secrets = SECRETS.flatMap(field => (destination[field] ? [[field, reference(field)] as const] : []))
  const settings = OPEN.flatMap(field => {
    const value = destination[field]
    return value ? [[field, value] as const] : []
  })
  return {
    type: destination.type,
    name: nameOf(destination),
    settings: Object.fromEntries(settings),
    secrets: Object.fromEntries([...secrets, ...headers]),
    events: destination.events ?? [],
  }
}

/** The type and what tells it from others of the type, such as a channel; of an address the host alone. */
function nameOf({ type, channel, chat_id, region, url }: PrefixdDestination): string {
  const host = url && URL.canParse(url) ? new URL(url).hostname : ''
  const details: Partial<Record<DestinationType, string | null | undefined>> = {
    ...{ slack: channel, telegram: chat_id, opsgenie: region, generic: host },
  }
  const detail = details[type]
  return detail ? `${type} ${detail}` : type
}
