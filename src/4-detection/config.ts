// Settings of detection: limits, how a crossing is judged, how long a ban holds.

import { z } from 'zod'
import { prefixText } from '#3-traffic/config.ts'

const limit = z.number().positive()
const packetsAndBits = {
  packetsPerSecond: limit
    .optional()
    .describe('Limit in packets per second.')
    .meta({ examples: [50_000] }),
  megabitsPerSecond: limit
    .optional()
    .describe('Limit in Mbit/s (10^6 bits).')
    .meta({ examples: [2_000] }),
}
const protocolLimits = (what: string) =>
  z.strictObject(packetsAndBits).optional().describe(`Limits of ${what} alone.`)

export const limitsSchema = z.strictObject({
  ...packetsAndBits,
  flowsPerSecond: limit
    .optional()
    .describe('Limit in flows per second.')
    .meta({ examples: [20_000] }),
  tcp: protocolLimits('TCP'),
  udp: protocolLimits('UDP'),
  icmp: protocolLimits('ICMP and ICMPv6'),
  syn: protocolLimits('TCP packets with SYN'),
  fragments: protocolLimits('fragments'),
})
export type LimitsConfig = z.infer<typeof limitsSchema>

export const thresholdsSchema = z.strictObject({
  incoming: limitsSchema.default({}).describe('Limits of traffic towards a host.'),
  outgoing: limitsSchema.default({}).describe('Limits of traffic from a host.'),
})
export type ThresholdsConfig = z.infer<typeof thresholdsSchema>

const DEFAULT_LIMITS = { packetsPerSecond: 20_000, megabitsPerSecond: 1_000 }

/** Unlike in a hostgroup, a direction that is left out keeps its default limits: `{}` means none. */
const generalThresholdsSchema = z.strictObject({
  incoming: limitsSchema
    .default(DEFAULT_LIMITS)
    .describe('Limits of traffic towards a host. They replace the default ones completely; {} for none.'),
  outgoing: limitsSchema
    .default(DEFAULT_LIMITS)
    .describe('Limits of traffic from a host. They replace the default ones completely; {} for none.'),
})

export const hostgroupSchema = z.strictObject({
  networks: z
    .array(prefixText)
    .min(1)
    .describe('Prefixes of the group; for a host the longest one decides.')
    .meta({ examples: [['198.51.100.0/24']] }),
  enableBan: z.boolean().default(true).describe('Whether hosts of the group are judged at all.'),
  thresholds: thresholdsSchema
    .default({ incoming: {}, outgoing: {} })
    .describe('Limits of each host of the group. They replace the general ones completely.'),
})
export type HostgroupConfig = z.infer<typeof hostgroupSchema>

const HOSTGROUPS_EXAMPLE = {
  caches: {
    networks: ['198.51.100.0/24', '2001:db8:1::/48'],
    thresholds: { incoming: { packetsPerSecond: 400_000, megabitsPerSecond: 8_000 } },
  },
}

export const hostgroupsSchema = z
  .record(
    z
      .string()
      .regex(/^[A-Za-z0-9_.-]{1,64}$/, { error: 'expected a name of up to 64 letters, digits, _ . or -' }),
    hostgroupSchema,
  )
  .default({})
  .describe('Groups of hosts with limits of their own, by name.')
  .meta({ examples: [HOSTGROUPS_EXAMPLE] })

export const whitelistSchema = z
  .array(prefixText)
  .default([])
  .describe('Prefixes that are counted but never banned.')

export const detectionSchema = z
  .strictObject({
    enableIpv4: z.boolean().default(true).describe('Judge IPv4 hosts.'),
    enableIpv6: z.boolean().default(true).describe('Judge IPv6 hosts.'),
    mode: z
      .enum(['budget', 'plain'])
      .default('budget')
      .describe(
        'budget: a host is banned when the traffic above its limit has used up its budget. plain: as FastNetMon, when its average is above the limit.',
      ),
    budgetSeconds: z
      .number()
      .min(0.05)
      .max(60)
      .default(0.5)
      .describe(
        'Budget in limit-seconds: how much may pass above the limit. Ten times the limit is found after budget/9 seconds.',
      ),
    holdSeconds: z
      .number()
      .min(1)
      .max(3600)
      .default(10)
      .describe('An attack is over when the speed stayed below 80 % of the limit for so long (budget mode).'),
    banSeconds: z
      .int()
      .min(0)
      .max(31_536_000)
      .default(1900)
      .describe('A ban lasts at least so long. 0: until an operator ends it.'),
    unbanOnlyIfAttackFinished: z
      .boolean()
      .default(true)
      .describe('Keep a ban beyond its time while the host is still over a limit.'),
    thresholds: generalThresholdsSchema
      .prefault({})
      .describe('Limits of each host that belongs to no hostgroup.'),
  })
  .describe('When traffic is an attack.')

export type DetectionConfig = z.infer<typeof detectionSchema>
