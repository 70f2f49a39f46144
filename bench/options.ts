// What a bench may be told: one option, and how it is used.

import { parseArgs } from 'node:util'

export interface BenchOptions {
  /** Fewer and shorter rounds: shows that all is in place, the figures are rough. */
  readonly quick: boolean
}

/** Reads the command line of a bench. */
export function benchOptions(): BenchOptions {
  const { values } = parseArgs({ options: { quick: { type: 'boolean', default: false } } })
  return values
}
