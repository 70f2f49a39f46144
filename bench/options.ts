// What a bench may be told: its options, and how they are used.

import { parseArgs } from 'node:util'

export interface BenchOptions {
  /** Fewer and shorter rounds: shows that all is in place, the figures are rough. */
  readonly quick: boolean
  /** Minutes of honest traffic to live detectors; 0: none. */
  readonly benignLiveMinutes: number
}

/** For `parseArgs` of node:util. */
export const BENCH_OPTIONS = {
  quick: { type: 'boolean', default: false },
  'benign-live-minutes': { type: 'string', default: '0' },
} as const

const MOST_MINUTES = 240

/** Reads the command line of a bench; throws what is wrong with it. */
export function benchOptions(): BenchOptions {
  const { values } = parseArgs({ options: BENCH_OPTIONS })
  return { quick: values.quick, benignLiveMinutes: minutesOf(values['benign-live-minutes']) }
}

/** Throws when the text is no number of minutes. */
export function minutesOf(text: string): number {
  const minutes = Number(text)
  if (text === '' || !(minutes >= 0 && minutes <= MOST_MINUTES))
    throw new Error(`--benign-live-minutes: ${text} is not a number from 0 to ${MOST_MINUTES}`)
  return minutes
}
