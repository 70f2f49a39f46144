// Limits as detection uses them: which number of a row, in which unit, in the order in which they are tested.

import { INCOMING, METRIC, type Metric, OUTGOING } from '#3-traffic/metric.ts'
import { LIMITS, type LimitName } from './attack.ts'
import type { LimitsConfig, ThresholdsConfig } from './config.ts'

export interface Limit {
  readonly name: LimitName
  readonly direction: 'incoming' | 'outgoing'
  /** Position of the number in a pair of rows. */
  readonly at: number
  /** The limit in the row's unit: packets, bytes or flows per second. */
  readonly perSecond: number
  /** The limit as people say it: packets, bits or flows per second. */
  readonly threshold: number
  readonly unit: 'packets' | 'bits' | 'flows'
}

/** Limits that apply to the hosts of one group, in the order of testing. */
export interface LimitSet {
  readonly hostgroup: string
  readonly limits: readonly Limit[]
}

const METRIC_OF: Readonly<Record<LimitName, Metric>> = {
  packets: 'packets',
  bits: 'bytes',
  flows: 'flows',
  'tcp-packets': 'tcpPackets',
  'udp-packets': 'udpPackets',
  'icmp-packets': 'icmpPackets',
  'tcp-bits': 'tcpBytes',
  'udp-bits': 'udpBytes',
  'icmp-bits': 'icmpBytes',
  'syn-packets': 'synPackets',
  'syn-bits': 'synBytes',
  'fragment-packets': 'fragmentPackets',
  'fragment-bits': 'fragmentBytes',
}

const MEGA = 1e6

/** The limits of one direction by name, as people wrote them, in packets, bits or flows per second. */
function written(limits: LimitsConfig): Partial<Record<LimitName, number>> {
  const named: Partial<Record<LimitName, number>> = {}
  const put = (name: LimitName, value: number | undefined, factor = 1) => {
    if (value !== undefined) named[name] = value * factor
  }
  put('packets', limits.packetsPerSecond)
  put('bits', limits.megabitsPerSecond, MEGA)
  put('flows', limits.flowsPerSecond)
  for (const [prefix, part] of [
    ['tcp', limits.tcp],
    ['udp', limits.udp],
    ['icmp', limits.icmp],
    ['syn', limits.syn],
    ['fragment', limits.fragments],
  ] as const) {
    put(`${prefix}-packets`, part?.packetsPerSecond)
    put(`${prefix}-bits`, part?.megabitsPerSecond, MEGA)
  }
  return named
}

/** Puts a group's thresholds in testing order: by limit, incoming before outgoing. */
export function compileLimits(hostgroup: string, thresholds: ThresholdsConfig): LimitSet {
  const byDirection = { incoming: written(thresholds.incoming), outgoing: written(thresholds.outgoing) }
  const limits = LIMITS.flatMap(name =>
    (['incoming', 'outgoing'] as const).flatMap(direction => {
      const threshold = byDirection[direction][name]
      return threshold === undefined ? [] : [limitOf(name, direction, threshold)]
    }),
  )
  return { hostgroup, limits }
}

function limitOf(name: LimitName, direction: 'incoming' | 'outgoing', threshold: number): Limit {
  const unit = name === 'flows' ? 'flows' : name.endsWith('bits') ? 'bits' : 'packets'
  const base = direction === 'incoming' ? INCOMING : OUTGOING
  return {
    name,
    direction,
    at: base + METRIC[METRIC_OF[name]],
    perSecond: unit === 'bits' ? threshold / 8 : threshold,
    threshold,
    unit,
  }
}

/** A number of a row in the unit people use. */
export const inUnit = (limit: Limit, perSecond: number): number =>
  limit.unit === 'bits' ? perSecond * 8 : perSecond
