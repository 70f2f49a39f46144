// Total traffic as the counters of FastNetMon's gRPC interface.

import type { TotalDirection } from '#3-traffic/totals.ts'
import { CLASSES, type ToldTotal } from './desk.ts'

/** A counter on the wire. */
export interface NamedCounter {
  readonly counter_name: string
  readonly counter_value: number
  readonly counter_unit: 'pps' | 'bps' | 'mbps' | 'flows'
}

interface Sum {
  readonly name: string
  readonly packets: number
  readonly bits: number
}

const DIRECTIONS: readonly TotalDirection[] = ['incoming', 'outgoing', 'internal', 'other']

/**
 * Packets of each direction, of one IP version or (undefined) of both, then those of each class as far as they are told;
 * traffic likewise; flows where they are counted, which are those of IPv4. `unit` is `bps`, or anything else for whole Mbit/s.
 */
export function countersOf(
  totals: readonly ToldTotal[],
  family: 4 | 6 | undefined,
  unit: string,
): NamedCounter[] {
  return DIRECTIONS.flatMap(direction => {
    const ours = totals.filter(
      row => row.direction === direction && (family === undefined || row.family === family),
    )
    const sums = sumsOf(direction, ours)
    const flows = ours.map(row => row.flowsPerSecond).find(counted => counted !== undefined)
    return [
      ...sums.map(({ name, packets }) => counter(name, packets, 'pps')),
      ...sums.map(({ name, bits }) =>
        unit === 'bps' ? counter(name, bits, 'bps') : counter(name, bits / 1e6, 'mbps'),
      ),
      ...(flows === undefined ? [] : [counter(`${direction} traffic`, flows, 'flows')]),
    ]
  })
}

/** Of all packets, then of each class that is told. */
function sumsOf(direction: TotalDirection, totals: readonly ToldTotal[]): Sum[] {
  const sum = (name: string, rows: readonly Omit<ToldTotal['classes'][number], 'name'>[]): Sum => ({
    name,
    packets: rows.reduce((all, row) => all + row.packetsPerSecond, 0),
    bits: rows.reduce((all, row) => all + row.bitsPerSecond, 0),
  })
  const classes = totals.flatMap(row => row.classes)
  const told = CLASSES.filter(name => classes.some(each => each.name === name))
  return [
    sum(`${direction} traffic`, totals),
    ...told.map(name =>
      sum(
        `${direction} ${name} traffic`,
        classes.filter(each => each.name === name),
      ),
    ),
  ]
}

const counter = (
  counter_name: string,
  value: number,
  counter_unit: NamedCounter['counter_unit'],
): NamedCounter => ({ counter_name, counter_value: Math.max(0, Math.floor(value)), counter_unit })
