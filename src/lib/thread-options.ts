// How threads of ours are begun.

import type { WorkerOptions } from 'node:worker_threads'
import { environmentWithCache } from './compile-cache.ts'

/**
 * V8 lets the young generation of each thread grow to 96 MB. Our threads make little garbage that lives long: with 6 they take
 * what they need, and give a burst of it back.
 */
const YOUNG_MEGABYTES = 6
/** What threads that count and judge make lives no longer than a look at the hosts: they are no slower with half of it. */
export const COUNTING_YOUNG_MEGABYTES = 3

/** Threads keep what they compile where this one does, and take little memory for what lives briefly. */
export const threadOptions = (youngMegabytes = YOUNG_MEGABYTES): WorkerOptions => ({
  env: environmentWithCache(),
  resourceLimits: { maxYoungGenerationSizeMb: youngMegabytes },
})
