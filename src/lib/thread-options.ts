// How threads of ours are begun.

import type { WorkerOptions } from 'node:worker_threads'
import { environmentWithCache } from './compile-cache.ts'

/**
 * V8 lets the young generation of each thread grow to 96 MB. Our threads make little garbage that lives long: with 6 they take
 * what they need, and give a burst of it back.
 */
const YOUNG_MEGABYTES = 6

/** Threads keep what they compile where this one does, and take little memory for what lives briefly. */
export const threadOptions = (): WorkerOptions => ({
  env: environmentWithCache(),
  resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MEGABYTES },
})
