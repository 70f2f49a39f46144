// What of destinations and dead letters is worth which words.

import type { NotifyPreview, NotifyTested, NotifyView } from '#api/contract/notify.ts'
import type { Tone } from './table-view.ts'

export type Destination = NotifyView['destinations'][number]

/** How one fares, in a word and a colour: what fails first, what only waits after it. */
export function standing({ state, waiting, deadLetters }: Destination): {
  readonly text: string
  readonly tone: Tone
} {
  if (state === 'failing')
    return { text: waiting > 0 ? `failing, ${waiting} waiting` : 'failing', tone: 'danger' }
  if (deadLetters > 0)
    return { text: deadLetters === 1 ? '1 dead letter' : `${deadLetters} dead letters`, tone: 'warn' }
  if (waiting > 0) return { text: `${waiting} waiting`, tone: 'warn' }
  return state === 'unused' ? { text: 'not used yet', tone: 'quiet' } : { text: 'good', tone: 'good' }
}

/** Failing ones first, then those with dead letters. */
export const rank = (destination: Destination): number =>
  ['danger', 'warn', 'quiet', 'good'].indexOf(standing(destination).tone)

/** What came of a test, in one sentence. */
export function testedText({ results }: NotifyTested): { readonly isFine: boolean; readonly text: string } {
  const failed = results.filter(({ outcome }) => outcome === 'failed')
  if (results.length === 0) return { isFine: false, text: 'Nobody is told: no destination is configured.' }
  if (failed.length === 0) {
    const [one] = results
    const whom =
      results.length === 1 && one
        ? `${one.destination} took it in ${one.milliseconds} ms`
        : `all ${results.length} took it`
    return { isFine: true, text: `Test message: ${whom}.` }
  }
  const told = failed.map(({ destination, error = 'failed' }) => `${destination}: ${error}`)
  return { isFine: false, text: `Test message: ${told.join('; ')}.` }
}

/** Where its routes lead. */
export const leadsTo = ({ to }: NotifyPreview): string =>
  to.length === 0 ? 'Its routes lead to nobody.' : `Its routes lead to ${to.join(', ')}.`

export const WHY_WORDS: Readonly<Record<'refused' | 'given-up' | 'dropped' | 'gone', string>> = {
  refused: 'refused for ever',
  'given-up': 'tried for too long',
  dropped: 'too many waited',
  gone: 'its destination is gone',
}
