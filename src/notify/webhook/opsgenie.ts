// Opsgenie: Alert API v2. What begins creates an alert, what goes on adds a note, what ends closes it.

import type { Severity } from '#6-policy/severity.ts'
import type { SafeRequest } from '#lib/safe-fetch.ts'
import type { Spoken } from '../notice/spoken.ts'
import { jsonPost } from './alert.ts'

const PRIORITY: Readonly<Record<Severity, string>> = { critical: 'P1', high: 'P2', medium: 'P3', low: 'P5' }
const HOST = { us: 'https://api.opsgenie.com', eu: 'https://api.eu.opsgenie.com' } as const

export interface OpsgenieTarget {
  readonly apiKey: string
  readonly region: 'us' | 'eu'
  /** A server of one's own that speaks the same. */
  readonly url?: string | undefined
}

export function opsgenieRequest(spoken: Spoken, to: OpsgenieTarget): SafeRequest {
  const { title, text, event, source, severity, facts, isEnd } = spoken
  const headers = { authorization: `GenieKey ${to.apiKey}` }
  if (isEnd)
    return jsonPost(`${aliasOf(spoken, to)}/close?identifierType=alias`, { source, note: text }, headers)
  return jsonPost(
    alertsOf(to),
    {
      ...{ message: `${title}: ${text}`.slice(0, 130), alias: spoken.key.slice(0, 512), description: text },
      ...{ priority: PRIORITY[severity], tags: [source, event], source },
      details: Object.fromEntries(facts),
    },
    headers,
  )
}

/** To an alert that was made before. */
export const opsgenieNote = (spoken: Spoken, to: OpsgenieTarget): SafeRequest =>
  jsonPost(
    `${aliasOf(spoken, to)}/notes?identifierType=alias`,
    { source: spoken.source, note: `${spoken.title}: ${spoken.text}`.slice(0, 25_000) },
    { authorization: `GenieKey ${to.apiKey}` },
  )

const alertsOf = ({ region, url }: OpsgenieTarget): string => `${url ?? HOST[region]}/v2/alerts`

const aliasOf = ({ key }: Spoken, to: OpsgenieTarget): string =>
  `${alertsOf(to)}/${encodeURIComponent(key.slice(0, 512))}`
