// What was measured becomes limits that could be set: typical minutes times a head room, as numbers people would choose.

import { METRIC } from '#3-traffic/metric.ts'
import { LIMITS, type LimitName } from './attack.ts'
import { SUBJECTS, type Subject, wordOf } from './baseline-hour.ts'
import type { LearningScope } from './baseline-scopes.ts'
import type { WeekSums } from './baseline-week.ts'
import type { LearnConfig } from './config.ts'
import { METRIC_OF, unitOf } from './limit.ts'

export type LearnedDirection = 'incoming' | 'outgoing'

/** Which limit of whom. Its text is `scope/subject/direction/limit`, and the scope may hold a slash itself. */
export interface LearnedPlace {
  /** `global`, a hostgroup, or a network in canonical text. */
  readonly scope: string
  readonly subject: Subject
  readonly direction: LearnedDirection
  readonly limit: LimitName
}

export interface Suggestion extends LearnedPlace {
  /** Packets, bits or flows per second, as are the other two. */
  readonly value: number
  /** What the percentile of the minutes is. */
  readonly typical: number
  readonly highest: number
  /** 0 to 1: how much was seen of what was asked for, and how much its days are alike. */
  readonly confidence: number
  readonly why: string
}

const MINUTES_PER_DAY = 1440
/** A day with fewer minutes is no sign of how days differ. */
const WHOLE_DAY_MINUTES = MINUTES_PER_DAY / 2
const DIRECTIONS = ['incoming', 'outgoing'] as const

export const placeText = ({ scope, subject, direction, limit }: LearnedPlace): string =>
  `${scope}/${subject}/${direction}/${limit}`

/** Limits for a scope in the order of testing; none before there are enough hours, or where there is no traffic. */
export function suggest(scope: LearningScope, week: WeekSums, learn: LearnConfig): Suggestion[] {
  if (week.minutes < learn.minimumHours * 60) return []
  return SUBJECTS.filter(subject => scope.subjects.includes(subject)).flatMap(subject =>
    LIMITS.flatMap(limit =>
      DIRECTIONS.flatMap(
        direction => suggestOne({ scope: scope.name, subject, direction, limit }, week, learn) ?? [],
      ),
    ),
  )
}

function suggestOne(place: LearnedPlace, week: WeekSums, learn: LearnConfig): Suggestion | undefined {
  const { subject, direction, limit } = place
  const unit = unitOf(limit)
  const factor = unit === 'bits' ? 8 : 1
  const word = wordOf(subject, direction === 'incoming' ? 0 : 1, METRIC[METRIC_OF[limit]])
  const typical = factor * week.typical(word)
  if (typical === 0) return undefined
  const wanted = readable(typical * learn.headroom)
  const { lowest, highest } = boundsOf(subject, unit, learn)
  const value = Math.min(Math.max(wanted, lowest), highest)
  const typicalOfDays = week.days
    .filter(day => day.minutes >= WHOLE_DAY_MINUTES)
    .map(day => day.typical[word] ?? 0)
  const { minutes, excluded } = week
  const confidence = confidenceOf(minutes / (learn.days * MINUTES_PER_DAY), typicalOfDays)
  const above = week.above(word, value / factor)
  const bound = value > wanted ? 'lowest' : value < wanted ? 'highest' : undefined
  const facts: WhyFacts = { subject, typical, above, bound, minutes, excluded, unit }
  return {
    ...place,
    ...{ value, typical: Math.round(typical), highest: Math.round(week.highest(word) * factor), confidence },
    why: whyText(facts, learn),
  }
}

/** Coverage, and as much as half less when the quietest of the days had nothing of what the busiest had. */
function confidenceOf(coverage: number, typicalOfDays: readonly number[]): number {
  const busiest = Math.max(...typicalOfDays, 0)
  const alike = busiest === 0 ? 1 : Math.min(...typicalOfDays) / busiest
  return Math.round(Math.min(1, coverage) * (0.5 + alike / 2) * 100) / 100
}

interface WhyFacts {
  readonly subject: Subject
  readonly typical: number
  readonly above: number
  readonly bound: 'lowest' | 'highest' | undefined
  readonly minutes: number
  readonly excluded: number
  readonly unit: 'packets' | 'bits' | 'flows'
}

function whyText(facts: WhyFacts, { percentile, headroom }: LearnConfig): string {
  const { subject, typical, above, bound, minutes, excluded, unit } = facts
  const who = subject === 'host' ? 'the busiest host' : 'all hosts together'
  const often = above === 0 ? 'no minute was above it' : `${above} of ${minutes} minutes were above it`
  return [
    `${percentile} % of ${Math.floor(minutes / 60)} hours ${who} had at most ${speedText(typical, unit)}`,
    ...[`times ${headroom}`, often],
    ...(bound === undefined ? [] : [`it is the ${bound} that detection.learn allows`]),
    ...(excluded === 0 ? [] : [`${Math.ceil(excluded / 60)} hours with attacks are left out`]),
  ].join(', ')
}

const PREFIXES = [
  [1e9, 'G'],
  [1e6, 'M'],
  [1e3, 'k'],
] as const

/** `12.5 Mbit/s`, `18,000 packets/s`. */
export function speedText(perSecond: number, unit: 'packets' | 'bits' | 'flows'): string {
  if (unit !== 'bits') return `${Math.round(perSecond).toLocaleString('en-US')} ${unit}/s`
  const [size, prefix] = PREFIXES.find(([from]) => perSecond >= from) ?? [1, '']
  return `${Number((perSecond / size).toPrecision(3))} ${prefix}bit/s`
}

const STEPS = [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10] as const

/** The next larger number that people would choose: two figures at most. */
export function readable(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value))
  const step = STEPS.find(each => each * power >= value * (1 - 1e-9)) ?? 10
  return Number((step * power).toPrecision(2))
}

function boundsOf(subject: Subject, unit: 'packets' | 'bits' | 'flows', learn: LearnConfig) {
  const tops = subject === 'host' ? learn.highestOfHost : learn.highestOfTotal
  const highest = {
    packets: tops.packetsPerSecond,
    bits: mega(tops.megabitsPerSecond),
    flows: tops.flowsPerSecond,
  }
  const { packetsPerSecond, megabitsPerSecond, flowsPerSecond } = learn.lowest
  const lowest = { packets: packetsPerSecond, bits: megabitsPerSecond * 1e6, flows: flowsPerSecond }
  return { lowest: lowest[unit], highest: highest[unit] ?? Number.POSITIVE_INFINITY }
}

const mega = (value: number | undefined): number | undefined =>
  value === undefined ? undefined : value * 1e6
