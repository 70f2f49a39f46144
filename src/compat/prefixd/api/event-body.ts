// The body of prefixd's events, and what it becomes.

import { z } from 'zod'
import type { ForeignEvent } from '#4-detection/foreign-event.ts'
import { vectorOfReport } from '#compat/fastnetmon/report-vector.ts'
import { addressText, holdLength, momentOf } from './reading.ts'
import { invalid, Refusal } from './refusal.ts'

const whole = z.number().refine(Number.isInteger, { error: 'expected a whole number' })

export const eventSchema = z.object({
  event_id: z
    .string()
    .nullish()
    .describe("The detector's own id: it tells duplicates, and an unban names it."),
  timestamp: z
    .string()
    .refine(text => momentOf(text) !== undefined, { error: 'expected a time with its offset (RFC 3339)' }),
  source: z.string().describe('Name of the detector.'),
  victim_ip: z.string(),
  vector: z.string(),
  bps: whole.nullish(),
  pps: whole.nullish(),
  top_dst_ports: z.array(whole.min(0).max(65_535)).nullish(),
  confidence: z.number().nullish(),
  action: z.string().nullish().describe('ban, or unban.'),
  raw_details: z.unknown().optional(),
})
export type EventBody = z.infer<typeof eventSchema>

const TEXT_BYTES_MAX = 1024
const ADDRESS_BYTES_MAX = 45
/** prefixd's own words, which its script for FastNetMon guesses crudely. */
const FIVE: ReadonlySet<string> = new Set(['udp_flood', 'syn_flood', 'ack_flood', 'icmp_flood', 'unknown'])

/** Throws a refusal, in the order in which prefixd looks. */
export function eventOf(body: EventBody, knowsVector: (name: string) => boolean): ForeignEvent {
  const { source, victim_ip: victim, event_id: externalId, timestamp, action } = body
  if (!knowsVector(body.vector))
    throw new Refusal(
      422,
      `Failed to deserialize the JSON body into the target type: vector: unknown variant \`${body.vector.slice(0, 100)}\``,
    )
  const host = Buffer.byteLength(victim) > ADDRESS_BYTES_MAX ? undefined : addressText(victim)
  if (host === undefined) throw invalid(`invalid IP address: '${victim.slice(0, 100)}'`)
  holdLength('source', source, TEXT_BYTES_MAX)
  if (externalId) holdLength('event_id', externalId, TEXT_BYTES_MAX)
  if (action && action !== 'ban' && action !== 'unban')
    throw invalid(`unknown action: '${action.slice(0, 100)}', expected 'ban' or 'unban'`)
  const { raw, direction } = detailsOf(body.raw_details)
  return {
    ...{
      source,
      at: momentOf(timestamp) ?? 0,
      action: action === 'unban' ? 'unban' : 'ban',
      host,
      direction,
    },
    ...(externalId ? { externalId } : {}),
    vector: betterVector(body.vector, raw, direction),
    ports: [...new Set(body.top_dst_ports ?? [])],
    ...rate('bitsPerSecond', body.bps),
    ...rate('packetsPerSecond', body.pps),
    ...(body.confidence == null ? {} : { confidence: Math.min(1, Math.max(0, body.confidence)) }),
    ...(body.raw_details == null ? {} : { details: body.raw_details }),
  }
}

/** What is negative is no rate. */
const rate = (name: 'bitsPerSecond' | 'packetsPerSecond', value: number | null | undefined) =>
  value == null || value < 0 ? {} : { [name]: value }

const detailsSchema = z.object({ raw: z.string().catch(''), direction: z.string().catch('') })

function detailsOf(details: unknown): { readonly raw: string; readonly direction: 'incoming' | 'outgoing' } {
  // Most reports have none, and a schema makes an error of that.
  if (details == null) return { raw: '', direction: 'incoming' }
  const { raw = '', direction = '' } = detailsSchema.safeParse(details).data ?? {}
  return { raw, direction: direction.toLowerCase() === 'outgoing' ? 'outgoing' : 'incoming' }
}

/** The text of the report knows better than who read it by its first known word; a precise name stays. */
function betterVector(vector: string, raw: string, direction: 'incoming' | 'outgoing'): string {
  if (raw === '' || !FIVE.has(vector)) return vector
  return vectorOfReport(raw, direction) ?? vector
}

const LATE_MS = 10 * 60_000
const EARLY_MS = 60_000

/** What is odd about the time a detector says; such events are taken like others. */
export function oddTime(saidAt: number, receivedAt: number): 'future' | 'stale' | undefined {
  if (saidAt > receivedAt + EARLY_MS) return 'future'
  return saidAt < receivedAt - LATE_MS ? 'stale' : undefined
}
