// The JSON that FastNetMon Advanced sends to webhooks, as an event.

import { z } from 'zod'
import type { ForeignEvent } from '#4-detection/foreign-event.ts'
import { addressText } from './reading.ts'
import { numberIn, share } from './signals-mapped.ts'

const SOURCE = 'fastnetmon'
const CONFIDENCE: Readonly<Record<string, number>> = { ban: 0.9, partial_block: 0.7, alert: 0.5 }
/** Above so much of the TCP packets it is a flood of SYN. */
const SYN_SHARE = 0.6

export const fastnetmonSchema = z.object({
  action: z.enum(['ban', 'unban', 'partial_block', 'alert']),
  ip: z.string(),
  alert_scope: z.string().nullish().describe('host, or a wider one, which names no victim.'),
  attack_details: z.record(z.string(), z.unknown()).nullish(),
})

export type FastnetmonSignal = z.output<typeof fastnetmonSchema>

export type MappedSignal =
  | { readonly kind: 'event'; readonly event: ForeignEvent }
  | { readonly kind: 'invalid'; readonly error: string }

/** `confidenceOf`: what the configuration says of an action; missing: what FastNetMon's own words are worth. */
export function mapFastnetmon(
  { action, ip, attack_details: given }: FastnetmonSignal,
  now: number,
  confidenceOf: Readonly<Record<string, number>> = {},
): MappedSignal {
  const host = addressText(ip.replace(/\/(?:32|128)$/, ''))
  if (host === undefined) return { kind: 'invalid', error: `invalid IP address: '${ip.slice(0, 100)}'` }
  const details = given ?? {}
  const uuid = details['attack_uuid']
  const direction = details['attack_direction'] === 'outgoing' ? 'outgoing' : 'incoming'
  const total = (what: string) => numberIn(details[`total_${direction}_${what}`])
  const [packets, bits] = [total('pps'), total('traffic_bits')]
  const confidence = confidenceOf[action] ?? CONFIDENCE[action]
  const event: ForeignEvent = {
    ...{ source: SOURCE, at: now, host, direction, ports: [] },
    ...{ action: action === 'unban' ? 'unban' : 'ban', vector: vectorOf(details, direction) },
    ...(typeof uuid === 'string' && uuid !== '' ? { externalId: uuid.slice(0, 1024) } : {}),
    ...(packets === undefined ? {} : { packetsPerSecond: Math.round(packets) }),
    ...(bits === undefined ? {} : { bitsPerSecond: Math.round(bits) }),
    ...(confidence === undefined ? {} : { confidence: share(confidence) }),
    ...(given == null ? {} : { details: { action, ...details } }),
  }
  return { kind: 'event', event }
}

/** By the protocol with most packets. */
function vectorOf(details: Readonly<Record<string, unknown>>, direction: string): string {
  const of = (what: string) => numberIn(details[`${direction}_${what}_pps`]) ?? 0
  const [udp, tcp, icmp] = [of('udp'), of('tcp'), of('icmp')]
  const most = Math.max(udp, tcp, icmp)
  if (most === 0) return 'unknown'
  if (udp === most) return 'udp_flood'
  if (icmp === most) return 'icmp_flood'
  return of('syn_tcp') > SYN_SHARE * tcp ? 'syn_flood' : 'ack_flood'
}
