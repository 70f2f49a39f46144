// A protection profile as its configuration says it: how it stands while nobody needs it, and what may switch it by itself.

import { COUNTERMEASURES, type CountermeasureName, type Protector } from '#6-policy/countermeasure.ts'
import type { BlockTimes } from './block-time.ts'
import type { CountermeasureMode, ProtectionProfile } from './profile.ts'
import type { Threshold } from './thresholds.ts'

export interface ConfiguredProfile extends ProtectionProfile {
  readonly backEnd: Protector
  /** While nobody needs it. */
  readonly isOn: boolean
  /** While nobody needs them; each countermeasure that it has is named. */
  readonly modes: Readonly<Partial<Record<CountermeasureName, CountermeasureMode>>>
  readonly thresholds: Readonly<Partial<Record<CountermeasureName, Threshold>>>
  /** General protection: it also covers what no other profile does. */
  readonly isDefault: boolean
  /** Every incident of it gets these. */
  readonly tags: readonly string[]
  /** Missing: who is blocked again is blocked as long as the first time. */
  readonly blockTimes?: BlockTimes
  /** Number of its policy at a MITIGATOR; missing: it is looked up. */
  readonly policy?: number
}

/** Those that it has, in the order of the field. */
export const countermeasuresOf = ({ modes }: ConfiguredProfile): readonly CountermeasureName[] =>
  COUNTERMEASURES.filter(name => modes[name] !== undefined)
