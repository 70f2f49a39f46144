// What another threshold would have done in the past hour: which bans would have come, and what nobody can know.

import { z } from 'zod'
import { formatAddress, parseAddress } from '#lib/ip/address.ts'
import { formatPrefix, parsePrefix } from '#lib/ip/prefix.ts'
import { count, moment, speed } from './values.ts'

/** `all`, `host:`, `hostgroup:` or `network:` with a name. */
const SCOPE = /^(?:all|host:[0-9a-fA-F:.]{2,50}|hostgroup:[A-Za-z0-9_.-]{1,64}|network:[0-9a-fA-F:./]{2,50})$/
const EXPECTED = 'expected all, host:192.0.2.1, hostgroup:web or network:192.0.2.0/24'

export const whatIfInput = z.strictObject({
  scope: z
    .string()
    .regex(SCOPE, { error: EXPECTED })
    .refine(text => canonicalScope(text) !== undefined, { error: EXPECTED })
    .transform(text => canonicalScope(text) ?? text)
    .default('all')
    .describe('Whose traffic: all, host:ADDRESS, hostgroup:NAME or network:PREFIX.'),
  subject: z
    .enum(['hosts', 'total'])
    .default('hosts')
    .describe('hosts: each host by itself. total: all hosts of a hostgroup or network together.'),
  direction: z.enum(['incoming', 'outgoing']).default('incoming'),
  limit: z.enum(['packets', 'bits', 'flows']).default('packets'),
  threshold: z.coerce
    .number<string | number>()
    .min(1)
    .max(1e15)
    .describe('Packets, bits or flows per second.'),
})

function canonicalScope(text: string): string | undefined {
  const [kind, name] = text.split(/:(.*)/s)
  if (name === undefined || kind === 'hostgroup') return text
  if (kind === 'host') {
    const address = parseAddress(name)
    return address && `host:${formatAddress(address)}`
  }
  const prefix = parsePrefix(name)
  return prefix && `network:${formatPrefix(prefix)}`
}

export const whatIfSchema = z.object({
  scope: z.string(),
  subject: z.enum(['hosts', 'total']),
  direction: z.enum(['incoming', 'outgoing']),
  limit: z.enum(['packets', 'bits', 'flows']),
  threshold: speed,
  now: speed.nullable().describe('The threshold that holds now; null: none.'),
  source: z.string().optional().describe('Where that comes from.'),
  from: moment,
  to: moment,
  looked: count.describe('Hosts or wholes whose traffic was looked at.'),
  bans: z
    .array(
      z.object({
        target: z.string().describe('The host, network or hostgroup.'),
        at: moment,
        seconds: count.optional().describe('How long it would have lasted; missing: it would still.'),
        peak: speed.describe('The highest second meanwhile.'),
        isSure: z
          .boolean()
          .describe('False: only if its packets had looked like an attack, which is not known any more.'),
        attackId: z.string().optional().describe('The attack that was really open then.'),
      }),
    )
    .describe('Oldest first, at most 200.'),
  total: count.describe('Bans that would have come.'),
  sure: count.describe('Those of them that would have come whatever the packets were.'),
  targets: count.describe('Different targets of them.'),
  observed: z
    .object({
      target: z.string(),
      seconds: count,
      ...{ p50: speed, p95: speed, p99: speed, highest: speed },
    })
    .optional()
    .describe('What was usual where most was usual: percentiles of seconds without an attack.'),
  suggested: speed.optional().describe('A threshold with room above that 95th percentile.'),
  cannotKnow: z.array(z.string()).describe('What this answer cannot know, one sentence each.'),
})

export type WhatIfQuery = z.output<typeof whatIfInput>
export type WhatIf = z.infer<typeof whatIfSchema>
