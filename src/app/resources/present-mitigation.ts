// A mitigation as lists and the live feed show it: what attacks tell of it, and whose it is.

import type { Mitigation } from '#7-mitigation/mitigation.ts'
import type { MitigationView } from '#api/contract/mitigations.ts'
import { presentMitigation } from '#api/present-attack.ts'
import { readNote } from '../intake/acknowledgements.ts'

/** `notes`: documents about attacks that somebody has seen, by attack. */
export function mitigationView(
  mitigation: Mitigation,
  notes: ReadonlyMap<string, unknown> | undefined,
): MitigationView {
  const { attackId, target, customer, pop } = mitigation
  const note = readNote(notes?.get(attackId))
  return {
    ...presentMitigation(mitigation),
    ...{ attackId, target },
    ...(customer === undefined ? {} : { customer }),
    ...(pop === undefined ? {} : { pop }),
    ...('endedAt' in mitigation ? { endedAt: new Date(mitigation.endedAt).toISOString() } : {}),
    ...(note === undefined ? {} : { acknowledged: presentNote(note) }),
  }
}

export const presentNote = ({ at, by }: { readonly at: number; readonly by: string }) => ({
  ...{ at: new Date(at).toISOString(), by },
})
