// A preview of a rule in words: what it would take, and how sure that is.

import type { PreviewTraffic, RouterPreview } from '#api/contract/rule-preview.ts'
import type { Failure } from '../lib/api.ts'
import { failureWords } from '../lib/failure-words.ts'
import type { Tone } from '../lib/table-view.ts'

const percent = (share: number): string => `${Number((share * 100).toPrecision(3))} %`

/** `97 % (96 % to 98 %), 970 of 1000 samples`; of none: that there were none. */
export const shareWords = ({ share, low, high, matched, of }: PreviewTraffic['packets']): string =>
  of === 0
    ? 'no samples'
    : `${percent(share)} (${percent(low)} to ${percent(high)}), ${matched} of ${of} samples`

export const FITS: Readonly<Record<RouterPreview['fit'], readonly [words: string, tone: Tone]>> = {
  'as-is': ['as it is', 'good'],
  degraded: ['lets more pass', 'warn'],
  refused: ['cannot have it', 'danger'],
}

/** Whether a rule takes so much of honest traffic that somebody should look twice. */
export const isHarsh = ({ friends }: PreviewTraffic): boolean => friends.of > 0 && friends.share > 0.1

/** The rule that a mitigation announces, from the words for what it does; undefined: it announces none. */
export const ruleOf = (does: string): string | undefined => / the rule (.+)$/.exec(does)?.[1]

/** What is wrong with a form, by field: what its preview was refused for, and what is no number or length of time. */
export const wrongFields = (
  failure: Failure | undefined,
  read: { readonly kind: string; readonly fields?: Readonly<Record<string, string>> },
): Readonly<Record<string, string | undefined>> => ({
  ...(failure === undefined ? {} : failureWords(failure).fields),
  ...read.fields,
})

/** Fields of a match in one line: `protocol =udp sourcePort =123`. */
export const matchWords = (match: Readonly<Record<string, string | undefined>>): string =>
  Object.entries(match)
    .map(([name, words = '']) => `${name} ${words}`)
    .join(' ')
