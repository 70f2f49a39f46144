// The history of a series as lines, and how much of it is asked for.

import type { TrafficHistory } from '#api/contract/traffic-history.ts'
import type { Series } from '../lib/chart-facts.ts'

/** How far back is looked, by its word in the address. */
export const SPANS = [
  ['hour', 'hour', 3600],
  ['day', 'day', 86_400],
  ['week', 'week', 604_800],
  ['month', '30 days', 2_592_000],
  ['year', '400 days', 34_560_000],
] as const
export type Span = (typeof SPANS)[number][0]

export const spanOf = (text: string | undefined): Span => SPANS.find(([name]) => name === text)?.[0] ?? 'hour'

/** When it begins, ISO 8601, to the minute so that it is not asked again at once. */
export function sinceOf(span: Span, now: number): string {
  const seconds = SPANS.find(([name]) => name === span)?.[2] ?? 3600
  return new Date(Math.floor((now - seconds * 1000) / 60_000) * 60_000).toISOString()
}

export type TrafficUnit = 'bits' | 'packets' | 'flows'
export const trafficUnit = (text: string | undefined): TrafficUnit =>
  text === 'packets' || text === 'flows' ? text : 'bits'

export const timesOf = ({ from, stepSeconds, points }: TrafficHistory): number[] => {
  const first = Date.parse(from) / 1000
  return Array.from({ length: points }, (_, at) => first + at * stepSeconds)
}

/** Of the total internal and other traffic too. */
export function linesOf(history: TrafficHistory, unit: TrafficUnit): readonly Series[] {
  return (['incoming', 'outgoing', 'internal', 'other'] as const).flatMap(side => {
    const values = history[side]?.[unit]
    // Flows of internal and other traffic are not counted.
    return values === undefined || values.every(value => value === null) ? [] : [{ label: side, values }]
  })
}

/** Whether anything of it is known. */
export const isKnown = ({ incoming, outgoing }: TrafficHistory): boolean =>
  [...incoming.packets, ...outgoing.packets].some(value => value !== null)

/** Names of series in words: `the network 192.0.2.0/24`. */
export function seriesWords(series: string): string {
  const [kind = '', name] = series.split(/:(.*)/s)
  return name === undefined ? 'all traffic' : `${kind} ${name}`
}
