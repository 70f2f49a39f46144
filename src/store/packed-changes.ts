// Changes on their way to the worker: as one text. Thousands of small objects a second would be copied one by one, and hold
// the main thread up for several times as long.

import type { Change } from './change.ts'

/** Changes with bytes among them are copied as they are. Of each kind the order is kept, and no other matters. */
export interface PackedChanges {
  readonly text: string
  readonly withBytes: readonly Change[]
}

const WITH_BYTES: ReadonlySet<Change['kind']> = new Set(['hour', 'traffic-day', 'traffic-tens'])

const hasBytes = ({ kind }: Change): boolean => WITH_BYTES.has(kind)

export const packChanges = (changes: readonly Change[]): PackedChanges =>
  changes.some(hasBytes)
    ? {
        text: JSON.stringify(changes.filter(change => !hasBytes(change))),
        withBytes: changes.filter(hasBytes),
      }
    : { text: JSON.stringify(changes), withBytes: [] }

export const unpackChanges = ({ text, withBytes }: PackedChanges): Change[] => [
  ...(JSON.parse(text) as Change[]),
  ...withBytes,
]
