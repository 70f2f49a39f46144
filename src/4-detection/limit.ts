// Limits as detection uses them: which number of a row, in which unit, in the order in which they are tested.

import { INCOMING, METRIC, type Metric, OUTGOING } from '#3-traffic/metric.ts'
import type { BusyMarks } from '#3-traffic/speed.ts'
import { LIMITS, type LimitName } from './attack.ts'
import type { LimitsConfig, ThresholdsConfig } from './config.ts'

export interface Limit {
  readonly name: LimitName
  readonly direction: 'incoming' | 'outgoing'
  /** Position among the limits of its set, in testing order. */
  readonly order: number
  /** 0 incoming, 1 outgoing. */
  readonly side: 0 | 1
  /** Position of the number in the row of its direction (METRIC). */
  readonly metric: number
  /** Position in a pair of rows. */
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
  /** The same by side: incoming, outgoing. */
  readonly bySide: readonly [readonly Limit[], readonly Limit[]]
}

/** The number of a row that each limit is about. */
export const METRIC_OF: Readonly<Record<LimitName, Metric>> = {
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
  'dropped-packets': 'droppedPackets',
  'dropped-bits': 'droppedBytes',
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
    ['dropped', limits.dropped],
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
    SIDES.flatMap(side => {
      const threshold = byDirection[side][name]
      return threshold === undefined ? [] : [{ name, side, threshold }]
    }),
  ).map((found, order) => limitOf(found.name, found.side, found.threshold, order))
  const ofSide = (side: 0 | 1) => limits.filter(limit => limit.side === side)
  return { hostgroup, limits, bySide: [ofSide(0), ofSide(1)] }
}

const SIDES = ['incoming', 'outgoing'] as const

function limitOf(
  name: LimitName,
  direction: (typeof SIDES)[number],
  threshold: number,
  order: number,
): Limit {
  const unit = unitOf(name)
  const metric = METRIC[METRIC_OF[name]]
  return {
    name,
    direction,
    order,
    side: direction === 'incoming' ? 0 : 1,
    metric,
    at: metric + (direction === 'incoming' ? INCOMING : OUTGOING),
    perSecond: unit === 'bits' ? threshold / 8 : threshold,
    threshold,
    unit,
  }
}

/** What people count a limit in. */
export const unitOf = (name: LimitName): Limit['unit'] =>
  name === 'flows' ? 'flows' : name.endsWith('bits') ? 'bits' : 'packets'

/** A number of a row in the unit people use. */
export const inUnit = (limit: Limit, perSecond: number): number =>
  limit.unit === 'bits' ? perSecond * 8 : perSecond

/** Longest packet a capture may hand over, bytes. */
export const PACKET_BYTES_MAX = 65_535
/** What a class of a line counts unseen is this share of the lowest limit's tick at most; there are five. */
const UNSEEN_SHARE = 1 / 8
const BUSY_PACKETS_MAX = 128
const BUSY_BYTES_MAX = 2 ** 31

/**
 * How many packets, and how many bytes, of a class may be counted before a line must be looked at, so that no limit of
 * these is missed by it: powers of two. Each packet counted stands for `samplingRate`.
 */
export function busyMarks(sets: Iterable<LimitSet>, tickSeconds: number, samplingRate: number): BusyMarks {
  const least = { packets: Number.POSITIVE_INFINITY, bytes: Number.POSITIVE_INFINITY }
  for (const { limits } of sets) {
    for (const { unit, perSecond } of limits) {
      const kind = unit === 'bits' ? 'bytes' : 'packets'
      least[kind] = Math.min(least[kind], perSecond)
    }
  }
  const share = (tickSeconds * UNSEEN_SHARE) / samplingRate
  return {
    busyPackets: powerOfTwo(Math.min(BUSY_PACKETS_MAX, least.packets * share)),
    busyBytes: powerOfTwo(Math.min(BUSY_BYTES_MAX, least.bytes * share)),
  }
}

/** The highest one that is not above `most`, 1 at least. */
function powerOfTwo(most: number): number {
  let power = 1
  while (power * 2 <= most) power *= 2
  return power
}
