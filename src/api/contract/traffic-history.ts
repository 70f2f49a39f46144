// Traffic as it was: of the whole network by direction, and of each network.

import { z } from 'zod'
import { count, moment, speed, when } from './values.ts'

export const SERIES = /^(?:total|network:[0-9a-fA-F:./]{2,50})$/

export const trafficHistoryInput = z.strictObject({
  series: z
    .string()
    .regex(SERIES, { error: 'expected total or network:192.0.2.0/24' })
    .default('total')
    .describe('total, or network:PREFIX.'),
  from: when.optional().describe('Missing: an hour before its end.'),
  to: when.optional().describe('Missing: now.'),
  step: z.coerce
    .number<string | number>()
    .int()
    .pipe(z.union([z.literal(1), z.literal(10), z.literal(300)]))
    .optional()
    .describe(
      'Seconds of each point: 1 for the last hour, 10 for the last day, 300 beyond. Missing: the finest that is kept and gives at most 2,000 points.',
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

export type TrafficHistory = z.infer<typeof trafficHistorySchema>
export type TrafficHistoryQuery = z.infer<typeof trafficHistoryInput>
