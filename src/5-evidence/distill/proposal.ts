// A predicate that describes the flood in a part of the samples, with what it would leave of them.

import type { Cell, Ground } from './ground.ts'
import { floodOf } from './ground.ts'
import type { Predicate } from './predicate.ts'

export interface Proposal {
  readonly predicate: Predicate
  /** Of the samples in the cell those that it matches. */
  readonly attackWeight: number
  readonly calmWeight: number
}

/** A predicate takes at least this part of the flood in a cell. */
export const PART_MIN = 0.08
/** A list of values or ranges describes the flood when it takes nearly all of it, and has at most four items. */
export const LIST_PART = 0.9
export const LIST_ITEMS_MAX = 4

/** So many samples have to show what is asked about. */
const SUPPORT_MIN = 8

/** Whether enough samples have it for it to be no chance. */
export const isSupported = ({ attack }: Ground, attackWeight: number): boolean =>
  (attackWeight / attack.totalWeight) * attack.effective >= SUPPORT_MIN

/** Flood in a cell, as the weight of samples. */
export const floodWeight = (ground: Ground, { attackWeight, calmWeight }: Cell | Proposal): number =>
  floodOf(ground, attackWeight, calmWeight) * ground.attack.totalWeight

/** Attack's weight that one calm weight lets expect. */
export const expectedPerCalm = ({ attack, calm, honest }: Ground): number =>
  calm.totalWeight === 0 ? 0 : (honest * attack.totalWeight) / calm.totalWeight
