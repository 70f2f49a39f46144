// Opsgenie: Alert API v2. What begins creates an alert, what ends closes it.

import type { SafeRequest } from '#lib/safe-fetch.ts'
import { type Alert, facts, isEnd, jsonPost, keyOf, type Severity } from './alert.ts'

const PRIORITY: Readonly<Record<Severity, string>> = { critical: 'P1', warning: 'P3', info: 'P5' }
const HOST = { us: 'https://api.opsgenie.com', eu: 'https://api.eu.opsgenie.com' } as const

export function opsgenieRequest(
  alert: Alert,
  to: { readonly apiKey: string; readonly region: 'us' | 'eu' },
): SafeRequest {
  const url = `${HOST[to.region]}/v2/alerts`
  const headers = { authorization: `GenieKey ${to.apiKey}` }
  const alias = keyOf(alert).slice(0, 512)
  if (isEnd(alert)) {
    const close = `${url}/${encodeURIComponent(alias)}/close?identifierType=alias`
    return jsonPost(close, { source: alert.source, note: alert.message }, headers)
  }
  return jsonPost(
    url,
    {
      ...{ message: `${alert.title}: ${alert.message}`.slice(0, 130), alias, description: alert.message },
      ...{ priority: PRIORITY[alert.severity], tags: ['prefixd', alert.event_type], source: alert.source },
      details: Object.fromEntries(facts(alert)),
    },
    headers,
  )
}
