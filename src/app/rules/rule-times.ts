// When a rule begins and ends: bounded, and never in the past.

import type { Bounds } from '#6-policy/bounds.ts'

export interface Span {
  readonly startsAt: number
  readonly endsAt: number
}

/** What somebody asked for, as moments in ms. */
export interface AskedSpan {
  readonly startsAt?: number | undefined
  readonly until?: number | undefined
  readonly ttlSeconds?: number | undefined
}

export type SpanAnswer =
  | ({ readonly kind: 'span' } & Span)
  | {
      readonly kind: 'refused'
      readonly code: 'ends-in-the-past' | 'lasts-too-long'
      readonly detail: string
    }

/** Nothing is scheduled for later than this. */
const AHEAD_MS = 366 * 86_400_000

/** A start in the past is now. */
export function spanOf(
  asked: AskedSpan,
  now: number,
  { ttlSeconds }: Pick<Bounds, 'ttlSeconds'>,
): SpanAnswer {
  const startsAt = Math.max(asked.startsAt ?? now, now)
  const endsAt = asked.until ?? startsAt + (asked.ttlSeconds ?? 0) * 1000
  const refuse = (code: 'ends-in-the-past' | 'lasts-too-long', detail: string): SpanAnswer => ({
    ...{ kind: 'refused', code, detail },
  })
  if (endsAt <= now) return refuse('ends-in-the-past', new Date(endsAt).toISOString())
  if (startsAt > now + AHEAD_MS)
    return refuse('lasts-too-long', 'it would begin in more than a year: expected a start within 366 days')
  const seconds = (endsAt - startsAt) / 1000
  const { minimum, maximum } = ttlSeconds
  return seconds < minimum || seconds > maximum
    ? refuse(
        'lasts-too-long',
        `it would last ${Math.round(seconds)} s and ${minimum} to ${maximum} s are allowed`,
      )
    : { kind: 'span', startsAt, endsAt }
}
