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
  dropped: protocolLimits('packets that a router or switch reports as dropped by itself'),
})
export type LimitsConfig = z.infer<typeof limitsSchema>

export const thresholdsSchema = z.strictObject({
  incoming: limitsSchema.default({}).describe('Limits of traffic towards a host.'),
  outgoing: limitsSchema.default({}).describe('Limits of traffic from a host.'),
})
export type ThresholdsConfig = z.infer<typeof thresholdsSchema>

const groupLimit = z.union([limit, z.literal('off')])
const groupPacketsAndBits = {
  packetsPerSecond: groupLimit
    .optional()
    .describe('Limit in packets per second; off for none.')
    .meta({ examples: [50_000] }),
  megabitsPerSecond: groupLimit
    .optional()
    .describe('Limit in Mbit/s (10^6 bits); off for none.')
    .meta({ examples: [2_000] }),
}
const groupProtocolLimits = (what: string) =>
  z.strictObject(groupPacketsAndBits).optional().describe(`Limits of ${what} alone.`)

/** As of all hosts, and each may be `off`: there the group has none, whatever it would inherit. */
const groupLimitsSchema = z.strictObject({
  ...groupPacketsAndBits,
  flowsPerSecond: groupLimit
    .optional()
    .describe('Limit in flows per second; off for none.')
    .meta({ examples: [20_000] }),
  tcp: groupProtocolLimits('TCP'),
  udp: groupProtocolLimits('UDP'),
  icmp: groupProtocolLimits('ICMP and ICMPv6'),
  syn: groupProtocolLimits('TCP packets with SYN'),
  fragments: groupProtocolLimits('fragments'),
  dropped: groupProtocolLimits('packets that a router or switch reports as dropped by itself'),
})
export type GroupLimitsConfig = z.infer<typeof groupLimitsSchema>

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
  inherit: z
    .boolean()
    .default(true)
    .describe('Whether limits that are not set here are those of the parent, else the general ones.'),
  parent: z
    .string()
    .optional()
    .describe('A hostgroup whose limits this one inherits instead of the general ones.')
    .meta({ examples: ['caches'] }),
  thresholds: z
    .strictObject({
      incoming: groupLimitsSchema.default({}).describe('Limits of traffic towards a host.'),
      outgoing: groupLimitsSchema.default({}).describe('Limits of traffic from a host.'),
    })
    .default({ incoming: {}, outgoing: {} })
    .describe('Limits of each host of the group.'),
  total: thresholdsSchema
    .optional()
    .describe('Limits of all hosts of the group together.')
    .meta({ examples: [{ incoming: { megabitsPerSecond: 8_000 } }] }),
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

const prefixesSchema = z
  .strictObject({
    enabled: z
      .boolean()
      .optional()
      .describe(
        'Find prefixes that are attacked as a whole, though each host in them gets little. Default: true, in plain mode false.',
      )
      .meta({ examples: [true] }),
    thresholds: thresholdsSchema
      .optional()
      .describe(
        'Limits of each prefix of the ladder (IPv4 /24 /22 /20 /16, IPv6 /64 /56 /48). Without them a prefix is attacked when most of its load is even, hardly answered, and above the limit of a host times an eighth of the square root of its hosts, at least twice that limit.',
      )
      .meta({ examples: [{ incoming: { packetsPerSecond: 200_000 } }] }),
  })
  .describe('Carpet bombing: attacks on many hosts at once.')

const suspicionSchema = z
  .strictObject({
    enabled: z
      .boolean()
      .default(true)
      .describe(
        'Let packets of a host over a limit choose its budget. Off: detection.budgetSeconds holds. Off by default when budgetSeconds is set.',
      ),
    patientSeconds: z
      .number()
      .min(0.05)
      .max(600)
      .default(15)
      .describe('Budget in limit-seconds of what is surely honest: known friends that are answered.'),
    urgentSeconds: z
      .number()
      .min(0.05)
      .max(60)
      .default(0.25)
      .describe('Budget in limit-seconds of what is surely an attack.'),
    friendsMinutes: z
      .number()
      .min(1)
      .max(10_080)
      .default(60)
      .describe('Who talked with a host both ways in calm is its friend for one to two times so long.'),
  })
  .refine(({ urgentSeconds, patientSeconds }) => urgentSeconds <= patientSeconds, {
    error: 'urgentSeconds is at most patientSeconds',
    path: ['urgentSeconds'],
  })
  .describe(
    'A budget chosen by evidence (budget mode): an attack is found sooner, honest bursts are borne longer.',
  )

const samplingSchema = z
  .strictObject({
    standardErrors: z
      .number()
      .min(0)
      .max(10)
      .default(3)
      .describe(
        'The excess must exceed the budget by so many standard errors of what was counted. 0: by none.',
      ),
    patienceSeconds: z
      .number()
      .min(0)
      .max(600)
      .default(10)
      .describe(
        'After so long over a limit the budget alone decides, and the report tells how sure the speed is.',
      ),
  })
  .describe('Care with sampled traffic, where one packet counted stands for many (budget mode).')

const lowestLearnedSchema = z
  .strictObject({
    packetsPerSecond: limit.default(1000).describe('In packets per second.'),
    megabitsPerSecond: limit.default(10).describe('In Mbit/s (10^6 bits).'),
    flowsPerSecond: limit.default(500).describe('In flows per second.'),
  })
  .describe('No suggestion is lower.')
const highestLearned = (whom: string, example: number) =>
  z
    .strictObject({
      packetsPerSecond: limit
        .optional()
        .describe('In packets per second.')
        .meta({ examples: [example * 100] }),
      megabitsPerSecond: limit
        .optional()
        .describe('In Mbit/s (10^6 bits).')
        .meta({ examples: [example] }),
      flowsPerSecond: limit
        .optional()
        .describe('In flows per second.')
        .meta({ examples: [example * 10] }),
    })
    .describe(`No suggestion for ${whom} is higher.`)

const learnSchema = z
  .strictObject({
    enabled: z
      .boolean()
      .default(true)
      .describe(
        'Measure what calm traffic does, and suggest limits. Nothing changes until they are accepted.',
      ),
    days: z.int().min(1).max(7).default(7).describe('Days of traffic that suggestions come from.'),
    percentile: z
      .number()
      .min(50)
      .max(100)
      .default(95)
      .describe('Which of the minutes is typical: so many percent of them were not busier.'),
    headroom: z
      .number()
      .min(1)
      .max(100)
      .default(2)
      .describe('A suggestion is so many times what is typical.'),
    minimumHours: z
      .int()
      .min(1)
      .max(168)
      .default(24)
      .describe('With fewer hours of calm traffic nothing is suggested.'),
    lowest: lowestLearnedSchema.prefault({}),
    highestOfHost: highestLearned('a host', 5000).prefault({}),
    highestOfTotal: highestLearned('all hosts together', 40_000).prefault({}),
  })
  .refine(learn => learn.minimumHours <= learn.days * 24, {
    error: 'minimumHours is at most 24 times days',
    path: ['minimumHours'],
  })
  .describe('Limits learned from calm traffic, for each hostgroup and network.')
export type LearnConfig = z.infer<typeof learnSchema>

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
        'Budget in limit-seconds: how much may pass above the limit. Ten times the limit is found after budget/9 seconds. Who sets it switches suspicion off unless suspicion.enabled is true, for then it is not the budget of hosts; of prefixes, networks and hostgroups as wholes it always is.',
      ),
    suspicion: suspicionSchema.prefault({}),
    sampling: samplingSchema.prefault({}),
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
    networkThresholds: thresholdsSchema
      .optional()
      .describe('Limits of each of our networks as a whole.')
      .meta({ examples: [{ incoming: { megabitsPerSecond: 40_000 } }] }),
    prefixes: prefixesSchema.prefault({}),
    learn: learnSchema.prefault({}),
  })
  .describe('When traffic is an attack.')

export type DetectionConfig = z.infer<typeof detectionSchema>
