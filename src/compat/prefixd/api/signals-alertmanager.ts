// Alerts of Prometheus' Alertmanager (webhook format, version 4) as events: firing is a ban, resolved an unban.

import { z } from 'zod'
import type { ForeignEvent } from '#4-detection/foreign-event.ts'
import { addressText, momentOf } from './reading.ts'
import { type Mapped, numberIn, vectorNamed, wrong } from './signals-mapped.ts'

const ALERTS_MAX = 1000
const SOURCE = 'alertmanager'
const CONFIDENCE: Readonly<Record<string, number>> = { critical: 0.9, warning: 0.7, info: 0.5 }
const USUAL_CONFIDENCE = 0.5

const texts = z.record(z.string(), z.string())

export const alertmanagerSchema = z.object({
  alerts: z
    .array(z.unknown())
    .max(ALERTS_MAX)
    .describe('Alerts in the webhook format of Alertmanager, version 4.'),
})

const alertSchema = z.object({
  status: z.enum(['firing', 'resolved']),
  labels: texts.default({}),
  annotations: texts.default({}),
  startsAt: z.string().optional(),
  endsAt: z.string().optional(),
  fingerprint: z.string().max(1024).optional(),
})

/** One for each alert, in order. */
export const mapAlerts = (
  { alerts }: z.output<typeof alertmanagerSchema>,
  knowsVector: (name: string) => boolean,
  now: number,
): Mapped[] => alerts.map(alert => mapAlert(alert, knowsVector, now))

function mapAlert(given: unknown, knowsVector: (name: string) => boolean, now: number): Mapped {
  const parsed = alertSchema.safeParse(given)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    return wrong(`${issue?.path.join('.') || 'alert'}: ${issue?.message ?? 'it is no alert'}`)
  }
  const { status, labels, annotations, startsAt, endsAt, fingerprint } = parsed.data
  const isOver = status === 'resolved'
  const victim = labels['victim_ip'] ?? withoutPort(labels['instance'] ?? '')
  const host = addressText(victim)
  if (host === undefined) return wrong(`invalid IP address: '${victim.slice(0, 100)}'`)
  const [bits, packets] = [numberIn(annotations['bps']), numberIn(annotations['pps'])]
  const event: ForeignEvent = {
    ...{ source: SOURCE, host, direction: 'incoming', ports: [], action: isOver ? 'unban' : 'ban' },
    at: momentOf((isOver ? endsAt : startsAt) ?? '') ?? now,
    vector: vectorNamed(labels['vector'] ?? labels['alertname'] ?? '', knowsVector),
    confidence: CONFIDENCE[labels['severity'] ?? ''] ?? USUAL_CONFIDENCE,
    ...(fingerprint ? { externalId: fingerprint } : {}),
    ...(bits === undefined ? {} : { bitsPerSecond: Math.round(bits) }),
    ...(packets === undefined ? {} : { packetsPerSecond: Math.round(packets) }),
    details: { labels, annotations },
  }
  return { kind: 'event', event }
}

/** `192.0.2.1:9100`, `[2001:db8::1]:9100`, or an address alone. */
function withoutPort(instance: string): string {
  const bracketed = /^\[([^\]]{1,64})\](?::\d{1,5})?$/.exec(instance)?.[1]
  return bracketed ?? /^([^:]{1,64}):\d{1,5}$/.exec(instance)?.[1] ?? instance
}
