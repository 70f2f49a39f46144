// Limits, rows and addresses for tests of detection, in few words.

import { METRIC, type Metric, ROW } from '#3-traffic/metric.ts'
import { type Address, parseAddress } from '#lib/ip/address.ts'
import { type DetectionConfig, detectionSchema } from './config.ts'
import { compileLimits, type LimitSet } from './limit.ts'

export const addressFor = (text: string): Address => parseAddress(text)!

/** A detection configuration with these settings; limits only where they are given. */
export const detectionWith = (settings: object = {}): DetectionConfig =>
  detectionSchema.parse({ thresholds: { incoming: {}, outgoing: {} }, ...settings })

type Limits = Partial<Record<'incoming' | 'outgoing', object>>

export const limitsWith = (limits: Limits, hostgroup = 'global'): LimitSet =>
  compileLimits(
    hostgroup,
    detectionWith({ thresholds: { incoming: {}, outgoing: {}, ...limits } }).thresholds,
  )

/** A row that is zero but for what is named. */
export function rowWith(named: Partial<Record<Metric, number>>): Float64Array {
  const row = new Float64Array(ROW)
  for (const [name, value] of Object.entries(named)) row[METRIC[name as Metric]] = value
  return row
}
