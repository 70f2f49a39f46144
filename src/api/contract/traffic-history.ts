// Traffic as it was and is: of the whole network by direction, of each network and of each hostgroup.

import { z } from 'zod'
import { count, moment, speed, when } from './values.ts'

export const SERIES =
  /^(?:total|network:[0-9a-fA-F:./]{2,50}|host:[0-9a-fA-F:.]{2,50}|hostgroup:[A-Za-z0-9_.-]{1,64})$/

export const trafficHistoryInput = z.strictObject({
  series: z
    .string()
    .regex(SERIES, { error: 'expected total, network:192.0.2.0/24, hostgroup:web or host:192.0.2.1' })
    .default('total')
    .describe('total, network:PREFIX, hostgroup:NAME or host:ADDRESS.'),
  from: when.optional().describe('Missing: an hour before its end.'),
  to: when.optional().describe('Missing: now.'),
  step: z.coerce
    .number<string | number>()
    .int()
    .pipe(z.union([z.literal(1), z.literal(10), z.literal(300)]))
    .optional()
    .describe(
      'Seconds of each point: 1 for the last hour, 10 for the last day, 300 beyond. Missing: the finest that is kept and gives at most 2,000 points. Of networks and hostgroups beyond the first 128 of each only 300 is kept. Hosts are kept while they are among the first thousand, near a limit or under attack. After a restart the last hour is known by ten seconds.',
    ),
})

const columns = z.array(speed.nullable()).describe('One number a point; null: not known.')
const rates = z.object({ packets: columns, bits: columns, flows: columns })

export const trafficHistorySchema = z.object({
  series: z.string(),
  from: moment.describe('Of the first point.'),
  stepSeconds: count,
  points: count,
  incoming: rates.describe('Averages per second over each step.'),
  outgoing: rates,
  internal: rates.optional().describe('Of the total alone.'),
  other: rates.optional().describe('Of the total alone.'),
})

const now = z.object({ packets: speed, bits: speed, flows: speed })
const sides = { incoming: now, outgoing: now }

export const networksTrafficSchema = z.object({
  at: moment,
  networks: z
    .array(z.object({ network: z.string().describe('Its prefix.'), ...sides }))
    .describe(
      'At most 512, longest prefixes first: sums of the hosts in each, averages per second. A network within another counts for both.',
    ),
})

export const hostgroupsTrafficSchema = z.object({
  at: moment,
  hostgroups: z
    .array(z.object({ hostgroup: z.string(), ...sides }))
    .describe('The first 512 of the configuration: sums of the hosts in each, averages per second.'),
})

export type NetworksTraffic = z.infer<typeof networksTrafficSchema>
export type HostgroupsTraffic = z.infer<typeof hostgroupsTrafficSchema>
export type TrafficHistory = z.infer<typeof trafficHistorySchema>
export type TrafficHistoryQuery = z.infer<typeof trafficHistoryInput>
