// What the traffic screen shows.

import { z } from 'zod'
import { boundedInput, count, host, moment, percent, prefixes, SORTS, scope, speed } from './values.ts'

export const DIRECTIONS = ['incoming', 'outgoing', 'other'] as const

const speeds = z.object({
  packets: speed.describe('Packets per second.'),
  bits: speed.describe('Bits per second.'),
})
const speedsAndFlows = speeds.extend({ flows: speed.describe('Flows per second.') })

export const hostRowSchema = speedsAndFlows.extend({
  host,
  banned: z.boolean().describe('Whether an attack on or from the host is open.'),
})

export const trafficInput = z.strictObject({
  sort: z.enum(SORTS).optional().describe('Order of the hosts. Missing: as configured.'),
  limit: boundedInput(1000).optional().describe('Hosts in each list, at most 1000. Missing: as configured.'),
})

export const trafficSchema = z.object({
  version: z.string(),
  mode: z.enum(['budget', 'plain']),
  armed: z.boolean(),
  interfaces: z.array(z.string()).describe('Where packets come from.'),
  at: moment,
  sort: z.enum(SORTS),
  limit: count.describe('Hosts in each list, as asked for or as configured.'),
  redrawSeconds: z.number().min(0.1).describe('How often a screen shall ask.'),
  incoming: speedsAndFlows.extend({ hosts: z.array(hostRowSchema) }),
  outgoing: speedsAndFlows.extend({ hosts: z.array(hostRowSchema) }),
  internal: speeds.describe('Traffic between our own networks.'),
  other: speeds.describe('Traffic that has nothing to do with our networks.'),
  packetsReceived: count,
  packetsDropped: count.describe('Packets the kernel dropped because a ring was full.'),
  droppedPercent: percent,
  exemptPackets: count.describe('Packets that whitelistSources and whitelistRules left out.'),
  unparsedPerSecond: speed.describe('Packets per second whose addresses could not be read.'),
  calculationMicroseconds: z.number().min(0).describe('Time the last calculation of speeds took.'),
  bansTotal: count,
  bans: z
    .array(
      z.object({
        host,
        scope,
        prefixes,
        direction: z.enum(DIRECTIONS),
        peak: speed.describe('Highest packets per second seen.'),
        openedAt: moment,
      }),
    )
    .max(1000)
    .describe('The newest bans, at most 1000.'),
})

export type TrafficQuery = z.infer<typeof trafficInput>
export type Traffic = z.infer<typeof trafficSchema>
export type HostRow = z.infer<typeof hostRowSchema>
