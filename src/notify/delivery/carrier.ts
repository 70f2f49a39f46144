// What is carried to destinations, and what came of it.

import { z } from 'zod'
import { ALERT_EVENTS } from '#7-mitigation/alert-events.ts'
import type { Fetched } from '#lib/safe-fetch.ts'
import { noticeSchema } from '../notice/notice.ts'
import type { Alert } from '../webhook/alert.ts'

const alertSchema = z.object({
  event_type: z.enum(ALERT_EVENTS),
  severity: z.enum(['info', 'warning', 'critical']),
  title: z.string(),
  message: z.string(),
  source: z.literal('prefixd'),
  timestamp: z.string(),
  mitigation_id: z.string().optional(),
  victim_ip: z.string().optional(),
  customer_id: z.string().optional(),
  vector: z.string().optional(),
  action_type: z.string().optional(),
  pop: z.string().optional(),
})

/** Kept with the state while it waits, so it is checked when it comes back. Without any secret. */
export const messageSchema = z.union([
  z.object({ form: z.literal('notice'), notice: noticeSchema }),
  z.object({ form: z.literal('alert'), alert: alertSchema.transform((alert): Alert => defined(alert)) }),
])
export type Message =
  | { readonly form: 'notice'; readonly notice: z.output<typeof noticeSchema> }
  | { readonly form: 'alert'; readonly alert: Alert }

const defined = (alert: z.output<typeof alertSchema>): Alert =>
  Object.fromEntries(Object.entries(alert).filter(([, value]) => value !== undefined)) as unknown as Alert

/** Errors hold no secret: a host, a code, a status. */
export type Carried =
  /** `thread`: by what later messages of the same group find it. */
  | { readonly kind: 'taken'; readonly thread?: string }
  | { readonly kind: 'later'; readonly error: string; readonly waitSeconds?: number }
  /** It will never be taken as it is. */
  | { readonly kind: 'refused'; readonly error: string }

export interface Destination {
  /** Stays the same when its settings change. */
  readonly id: string
  /** For people; holds no secret. */
  readonly name: string
  /** The kind of service. */
  readonly type: string
  /** Never rejects. `thread`: what was given for an earlier message of the same group. */
  carry(message: Message, thread: string | undefined): Promise<Carried>
}

/** Of an answer the status alone: what servers say may quote what they were sent. */
export function carriedBy(answer: Fetched): Carried {
  if (answer.kind === 'refused') return { kind: 'refused', error: answer.error }
  if (answer.kind === 'failed') return { kind: 'later', error: answer.error }
  const { status, retryAfterSeconds } = answer
  if (status >= 200 && status < 300) return { kind: 'taken' }
  const error =
    status >= 300 && status < 400 ? `HTTP ${status}: redirects are not followed` : `HTTP ${status}`
  if (status < 500 && status !== 429 && status !== 408 && status !== 425) return { kind: 'refused', error }
  return {
    kind: 'later',
    error,
    ...(retryAfterSeconds === undefined ? {} : { waitSeconds: retryAfterSeconds }),
  }
}

export const groupOf = (message: Message): string => (message.form === 'notice' ? message.notice.group : '')
