// PagerDuty: Events API v2. What begins triggers, what ends resolves.

import type { SafeRequest } from '#lib/safe-fetch.ts'
import { type Alert, isEnd, jsonPost, keyOf } from './alert.ts'

const EVENTS_URL = 'https://events.pagerduty.com/v2/enqueue'

export function pagerdutyRequest(
  alert: Alert,
  to: { readonly routingKey: string; readonly url?: string | undefined },
): SafeRequest {
  const {
    title,
    message,
    severity,
    timestamp,
    event_type,
    victim_ip,
    vector,
    customer_id,
    action_type,
    pop,
  } = alert
  return jsonPost(to.url ?? EVENTS_URL, {
    ...{
      routing_key: to.routingKey,
      event_action: isEnd(alert) ? 'resolve' : 'trigger',
      dedup_key: keyOf(alert),
    },
    payload: {
      ...{ summary: `${title}: ${message}`.slice(0, 1024), severity, timestamp, component: 'prefixd' },
      ...{ source: victim_ip ?? 'floodwarden' },
      custom_details: { event_type, victim_ip, vector, customer_id, action_type, pop },
    },
  })
}
