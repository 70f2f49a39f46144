// Total traffic as the counters of FastNetMon's gRPC interface.

import type { TotalDirection } from '#3-traffic/totals.ts'
import type { FastnetmonNumbers } from '../metrics.ts'

/** A counter on the wire. */
export interface NamedCounter {
  readonly counter_name: string
  readonly counter_value: number
  readonly counter_unit: 'pps' | 'bps' | 'mbps' | 'flows'
}

const DIRECTIONS: readonly TotalDirection[] = ['incoming', 'outgoing', 'internal', 'other']

/**
 * Packets and traffic of each direction, of one IP version or (undefined) of both; flows where they are counted, only in
 * the counters of both. `unit` is `bps`, or anything else for whole Mbit/s.
 */
export function countersOf(
  totals: FastnetmonNumbers['totals'],
  family: 4 | 6 | undefined,
  unit: string,
): NamedCounter[] {
  return DIRECTIONS.flatMap(direction => {
    const ours = totals.filter(
      row => row.direction === direction && (family === undefined || row.family === family),
    )
    const sum = (read: (row: (typeof ours)[number]) => number) =>
      ours.reduce((total, row) => total + read(row), 0)
    const bits = sum(row => row.bitsPerSecond)
    const name = { counter_name: `${direction} traffic` }
    const flows = ours.map(row => row.flowsPerSecond).find(counted => counted !== undefined)
    const isTold = flows !== undefined && family === undefined
    return [
      { ...name, counter_value: whole(sum(row => row.packetsPerSecond)), counter_unit: 'pps' },
      unit === 'bps'
        ? { ...name, counter_value: whole(bits), counter_unit: 'bps' }
        : { ...name, counter_value: whole(bits / 1e6), counter_unit: 'mbps' },
      ...(isTold ? [{ ...name, counter_value: whole(flows), counter_unit: 'flows' as const }] : []),
    ]
  })
}

const whole = (value: number): number => Math.max(0, Math.floor(value))
