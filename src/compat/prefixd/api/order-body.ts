// The body of a mitigation that an operator orders, and what it becomes.

import { z } from 'zod'
import type { ManualOrder } from '#4-detection/reported-attack.ts'
import { addressText, holdLength, holdOperator } from './reading.ts'
import { invalid, Refusal } from './refusal.ts'

const U32_MAX = 2 ** 32 - 1

export const orderSchema = z.object({
  operator_id: z.string(),
  reason: z.string(),
  victim_ip: z.string(),
  protocol: z.string().describe('udp, tcp, icmp or any.'),
  dst_ports: z.array(z.int().min(0).max(65_535)).nullish(),
  action: z.string().describe('police, which needs rate_bps, or discard.'),
  rate_bps: z.int().min(0).nullish(),
  ttl_seconds: z.int().min(0).max(U32_MAX),
})

const REASON_BYTES_MAX = 1024

/** Throws a refusal for what means nothing. */
export function orderOf(body: z.infer<typeof orderSchema>): ManualOrder {
  const { action, rate_bps: rate, ttl_seconds: ttlSeconds, reason } = body
  holdOperator(body.operator_id)
  holdLength('reason', reason, REASON_BYTES_MAX)
  const target = addressText(body.victim_ip)
  if (target === undefined) throw invalid(`invalid IP address: '${body.victim_ip.slice(0, 100)}'`)
  const protocol = protocolOf(body.protocol, target.includes(':'))
  if (action !== 'police' && action !== 'discard')
    throw invalid(`invalid action '${action.slice(0, 100)}', expected: police, discard`)
  if (action === 'police' && rate == null) throw invalid("action 'police' requires rate_bps")
  if (ttlSeconds === 0) throw new Refusal(422, 'guardrail violation: TTL required but not provided')
  const isLimit = action === 'police' && rate != null && rate > 0
  return {
    target,
    ...(protocol === undefined ? {} : { protocol }),
    ports: [...new Set(body.dst_ports ?? [])],
    order: {
      ...(isLimit ? { kind: 'rate-limit', bitsPerSecond: rate } : { kind: 'discard' }),
      ttlSeconds,
      reason,
    },
  }
}

function protocolOf(text: string, isSix: boolean): number | undefined {
  switch (text) {
    case 'udp':
      return 17
    case 'tcp':
      return 6
    case 'icmp':
      return isSix ? 58 : 1
    case 'any':
    case '':
      return undefined
    default:
      throw invalid(`invalid protocol '${text.slice(0, 100)}', expected: udp, tcp, icmp, any`)
  }
}
