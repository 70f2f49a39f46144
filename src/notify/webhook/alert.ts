// What webhooks are told: one thing that happened, in prefixd's words, so that whoever listened to it goes on listening.

import type { AlertEvent } from '#7-mitigation/alert-events.ts'

export type Severity = 'info' | 'warning' | 'critical'

/** Keys are those of the JSON that a generic webhook gets. */
export interface Alert {
  readonly event_type: AlertEvent
  readonly severity: Severity
  readonly title: string
  readonly message: string
  readonly source: 'prefixd'
  /** RFC 3339. */
  readonly timestamp: string
  readonly mitigation_id?: string
  readonly victim_ip?: string
  readonly customer_id?: string
  readonly vector?: string
  readonly action_type?: string
  readonly pop?: string
}

/** Whether it tells the end of what another one told. */
export const isEnd = ({ event_type: event }: Alert): boolean =>
  event === 'mitigation.withdrawn' || event === 'mitigation.expired'

/** What belongs together has one: a mitigation, or what is said of a host where there is none. */
export const keyOf = ({ mitigation_id: id, title, victim_ip: victim }: Alert): string =>
  id ?? (victim === undefined ? title : `${title} ${victim}`)

/** Without `#`. */
export const COLOURS: Readonly<Record<Severity, string>> = {
  ...{ info: '36a64f', warning: 'ff9900', critical: 'ff0000' },
}

/** Names and values for people, those that are known. */
export function facts(alert: Alert): readonly (readonly [name: string, value: string])[] {
  const { severity, event_type: event, victim_ip: victim, vector, customer_id: customer, pop } = alert
  const all: readonly (readonly [string, string | undefined])[] = [
    ['Severity', severity],
    ['Event', event],
    ['Victim IP', victim],
    ['Vector', vector],
    ['Action', alert.action_type],
    ['Customer', customer],
    ['POP', pop],
  ]
  return all.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]))
}

/** A JSON body by POST. */
export const jsonPost = (url: string, body: unknown, headers: Readonly<Record<string, string>> = {}) => ({
  ...{ url, method: 'POST' as const, body: JSON.stringify(body) },
  headers: { 'content-type': 'application/json', 'user-agent': 'floodwarden-webhook/1.0', ...headers },
})
