// Which processors a thread may run on (sched_setaffinity(2)).

import { assert } from '#lib/assert.ts'
import { must, schedSetaffinity } from './libc.ts'

const MASK_BYTES = 128
const CALLING_THREAD = 0

/** Keeps the calling thread on the given processors; throws `SystemCallError` when none of them may be used. */
export function pinThread(processors: readonly number[]): void {
  assert(processors.length > 0, 'a thread needs a processor')
  must(schedSetaffinity(CALLING_THREAD, MASK_BYTES, processorMask(processors)), 'sched_setaffinity')
}

/** The kernel's bit mask: an array of 64-bit words, on little-endian machines the same as an array of bytes. */
export function processorMask(processors: readonly number[]): Uint8Array {
  const mask = new Uint8Array(MASK_BYTES)
  for (const processor of processors) {
    assert(
      Number.isInteger(processor) && processor >= 0 && processor < MASK_BYTES * 8,
      `processor ${processor} exists`,
    )
    mask[processor >> 3] = (mask[processor >> 3] ?? 0) | (1 << (processor & 7))
  }
  return mask
}
