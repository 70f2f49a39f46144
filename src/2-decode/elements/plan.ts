// Hot path. The plan in hand: where in a record each slot lies, for the template whose records are being read.
//
// One array for all templates, filled anew when the template changes: V8 folds the address of a module's own constant
// array into the code, while an array found through an object costs five loads at each access. Slot s has its offset at
// 2s and its length at 2s + 1; a length of 0 says that the record does not have it.

import { SLOT_COUNT } from './slots.ts'

/** Behind the slots: the parts of the reader that have anything to read. */
export const PLAN_GROUPS = 2 * SLOT_COUNT
export const PLAN_WORDS = PLAN_GROUPS + 1

export const PLAN = new Int32Array(PLAN_WORDS)
