// Points of one series over time: COLUMNS numbers for each step, counted since 1970.

import { COLUMNS } from '../engine-worker/columns.ts'

export interface Points {
  /** Takes COLUMNS numbers of `from`, which begin at `at`. */
  put(step: number, from: Float32Array, at: number): void
  /** A number of a step; NaN: not known. */
  read(step: number, column: number): number
  /** All numbers of so many steps as they are kept: packed ones in 16 bits, others in 32. A copy. */
  numbers(first: number, count: number): Float32Array | Uint16Array
}

/** For whoever keeps nothing. */
export const NO_POINTS: Points = {
  put: () => {},
  read: () => Number.NaN,
  numbers: (_, count) => new Float32Array(count * COLUMNS).fill(Number.NaN),
}
