// How a mitigation stands, in a word: a dry run is never told by what it would be.

import type { MitigationView } from '#api/contract/mitigations.ts'

/** States in which it is held until it expires. */
export const HELD: readonly string[] = ['pending', 'announced', 'escalated']

/** `announced`; of a dry run `dry-run`, and `dry-run, withdrawn` when that is no longer shown either. */
export function measureState({ state, isDryRun }: Pick<MitigationView, 'state' | 'isDryRun'>): string {
  if (!isDryRun) return state
  return HELD.includes(state) ? 'dry-run' : `dry-run, ${state}`
}
