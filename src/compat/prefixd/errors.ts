// The catalogue of what can be said about the files of prefixd.

import type { CatalogueEntry } from '#lib/schema/problem.ts'

export const ERRORS = [
  {
    code: 'prefixd-unknown-key',
    what: 'A file of prefixd holds a key that prefixd does not know.',
    means: 'prefixd ignores it silently; here it is ignored and named.',
    do: 'Use the key that the hint names, or remove the line.',
  },
  {
    code: 'prefixd-not-carried',
    what: 'A file of prefixd holds a key that has no effect here.',
    means: 'The rest of the file is used. The message says why.',
    do: 'Nothing, or remove the line.',
  },
  {
    code: 'prefixd-range-end',
    what: 'An asset has a range_end.',
    means: 'prefixd ignores it and knows the first address only; here the whole range is the asset.',
    do: 'Nothing when the range is meant; otherwise remove the line.',
  },
  {
    code: 'prefixd-value',
    what: 'A value of a file of prefixd is missing, has the wrong type or is not possible.',
    means: 'The file is refused as a whole.',
    do: 'Write what the message expects.',
  },
] as const satisfies readonly CatalogueEntry[]

export type PrefixdErrorCode = (typeof ERRORS)[number]['code']
