// PagerDuty: Events API v2. What begins triggers, what goes on is added to the same incident, what ends resolves it.

import type { Severity } from '#6-policy/severity.ts'
import type { SafeRequest } from '#lib/safe-fetch.ts'
import type { Spoken } from '../notice/spoken.ts'
import { jsonPost } from './alert.ts'

const EVENTS_URL = 'https://events.pagerduty.com/v2/enqueue'
const SEVERITY: Readonly<Record<Severity, string>> = {
  ...{ low: 'info', medium: 'warning', high: 'error', critical: 'critical' },
}

export function pagerdutyRequest(
  spoken: Spoken,
  to: { readonly routingKey: string; readonly url?: string | undefined },
): SafeRequest {
  const { title, text, severity, timestamp, about, key, isEnd, source, details, link } = spoken
  return jsonPost(to.url ?? EVENTS_URL, {
    routing_key: to.routingKey,
    ...{ event_action: isEnd ? 'resolve' : 'trigger', dedup_key: key.slice(0, 255) },
    ...(link === undefined ? {} : { links: [{ href: link, text: 'The attack in Floodwarden' }] }),
    payload: {
      ...{ summary: `${title}: ${text}`.slice(0, 1024), severity: SEVERITY[severity], timestamp },
      ...{ component: source, source: about ?? 'floodwarden', custom_details: details },
    },
  })
}
