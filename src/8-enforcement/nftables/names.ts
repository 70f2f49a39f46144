// Names of what is ours in nftables, and how they are read back: whatever was applied can be counted by its names alone.
//
// Words of nft's own grammar (policy, fwd, all) cannot be names, so each begins with `p/` (of a profile) or `m/`.

import { COUNTERMEASURES, type CountermeasureName } from '#6-policy/countermeasure.ts'

/** The only table that is ever written. Its family is inet. */
export const TABLE = 'floodwarden_protect'

const ID = /^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/

/** Whether a profile's id can be part of a name. */
export const isNameable = (id: string): boolean => ID.test(id)

/** Of a whole profile: `p/web/targets`. */
export const ofProfile = (id: string, what?: string): string =>
  what === undefined ? `p/${id}` : `p/${id}/${what}`

/** Of one of its countermeasures: `p/web/source-limit/list4`. */
export const ofCountermeasure = (id: string, name: CountermeasureName, what?: string): string =>
  what === undefined ? `p/${id}/${name}` : `p/${id}/${name}/${what}`

export interface OwnName {
  readonly profile: string
  readonly countermeasure: CountermeasureName
  readonly what: string
}

/** `undefined`: it is of no countermeasure. */
export function readName(name: string): OwnName | undefined {
  const [mark, profile, countermeasure, what, ...others] = name.split('/')
  const known = COUNTERMEASURES.find(candidate => candidate === countermeasure)
  if (mark !== 'p' || profile === undefined || known === undefined) return undefined
  return what === undefined || others.length > 0 ? undefined : { profile, countermeasure: known, what }
}
