// What all lists that are read page by page share: how long a page is, where it begins, and from when to when.

import { z } from 'zod'
import { limitInput, when } from './values.ts'

export const pageInput = {
  limit: limitInput(100, 1000),
  cursor: z.string().min(1).max(200).optional().describe('The nextCursor of the page before.'),
}

/** Of what begins and ends the moment at which it began decides. */
export const spanInput = {
  since: when.optional().describe('Only from this moment on.'),
  until: when.optional().describe('Only before this moment.'),
}

export const nextCursor = z
  .string()
  .optional()
  .describe('Where the next page begins; missing: this is the last.')

/** A yes or no: as text in a URL, as such in the program. */
export const yesOrNo = z
  .union([z.boolean(), z.enum(['true', 'false'])])
  .transform(value => value === true || value === 'true')

/** Several words of a list, parted by commas. */
export const wordsInput = <const Words extends readonly [string, ...string[]]>(words: Words) =>
  z
    .string()
    .max(512)
    .transform(text => text.split(',').map(word => word.trim()))
    .pipe(z.array(z.enum(words)).min(1))
