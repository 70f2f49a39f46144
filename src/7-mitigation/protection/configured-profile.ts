// A protection profile as its configuration says it: how it stands while nobody needs it, and what may switch it by itself.

import {
  COUNTERMEASURES,
  type CountermeasureMode,
  type CountermeasureName,
  type ProtectionProfile,
} from './profile.ts'
import type { Threshold } from './thresholds.ts'

/** Who carries a profile out: this machine's kernel, or a scrubber elsewhere. */
export const BACK_ENDS = ['nftables', 'mitigator'] as const
export type BackEnd = (typeof BACK_ENDS)[number]

export interface ConfiguredProfile extends ProtectionProfile {
  readonly backEnd: BackEnd
  /** While nobody needs it. */
  readonly isOn: boolean
  /** While nobody needs them; each countermeasure that it has is named. */
  readonly modes: Readonly<Partial<Record<CountermeasureName, CountermeasureMode>>>
  readonly thresholds: Readonly<Partial<Record<CountermeasureName, Threshold>>>
  /** General protection: it also covers what no other profile does. */
  readonly isDefault: boolean
  /** Every incident of it gets these. */
  readonly tags: readonly string[]
}

/** Those that it has, in the order of the field. */
export const countermeasuresOf = ({ modes }: ConfiguredProfile): readonly CountermeasureName[] =>
  COUNTERMEASURES.filter(name => modes[name] !== undefined)
