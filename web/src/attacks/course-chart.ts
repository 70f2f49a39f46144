// The course of an attack as lines: what is drawn in each unit, and against which limits.

import type { Course } from '#api/contract/course.ts'
import type { Series } from '../lib/chart-facts.ts'

export const UNITS = ['packets', 'bits', 'flows', 'crossed'] as const
export type CourseUnit = (typeof UNITS)[number]

export interface CourseChart {
  readonly unit: 'packets' | 'bits' | 'flows'
  /** Seconds since 1970. */
  readonly times: readonly number[]
  readonly series: readonly Series[]
  readonly levels: readonly { readonly label: string; readonly value: number }[]
}

/** Units that say something of it: `crossed` only where its limit is about a kind of traffic. */
export function unitsOf({ attack: { crossing } }: Course): readonly CourseUnit[] {
  const isWhole = crossing === undefined || ['packets', 'bits', 'flows'].includes(crossing.limit)
  return isWhole ? ['packets', 'bits', 'flows'] : UNITS
}

/** Of its crossing, unless somebody chose another one. */
export function unitOf(course: Course, chosen: string | undefined): CourseUnit {
  const units = unitsOf(course)
  const limit = course.attack.crossing?.limit ?? 'packets'
  return (
    units.find(unit => unit === chosen) ??
    units.find(unit => unit === limit) ??
    (units.includes('crossed') ? 'crossed' : 'packets')
  )
}

/** Undefined: no speeds are known. */
export function courseChart(course: Course, unit: CourseUnit): CourseChart | undefined {
  const { speeds, limits, attack } = course
  const average = speeds?.average[unit]
  const highest = speeds?.highest[unit]
  if (speeds === undefined || average === undefined || highest === undefined) return undefined
  const from = Date.parse(speeds.from) / 1000
  const limit = unit === 'crossed' ? (attack.crossing?.limit ?? 'packets') : unit
  const seconds = speeds.stepSeconds
  // A line needs two points: before the first one nothing is known.
  const lead = speeds.points < 2 ? 1 : 0
  const led = (values: readonly (number | null)[]) => [...Array<null>(lead).fill(null), ...values]
  return {
    unit: limit.endsWith('bits') ? 'bits' : limit === 'flows' ? 'flows' : 'packets',
    times: Array.from({ length: speeds.points + lead }, (_, at) => from + (at - lead) * seconds),
    series:
      seconds === 1
        ? [{ label: limit, values: led(average) }]
        : [
            { label: `${limit}, mean of ${seconds} s`, values: led(average) },
            { label: 'highest second', values: led(highest) },
          ],
    levels: limits
      .filter(each => each.limit === limit)
      .map(({ threshold }) => ({ label: `limit of ${limit}`, value: threshold })),
  }
}

/** The words of a button that chooses a unit. */
export const unitWords = (unit: CourseUnit, { attack: { crossing } }: Course): string =>
  unit === 'crossed' ? (crossing?.limit ?? 'crossed') : unit === 'bits' ? 'bit/s' : `${unit}/s`
