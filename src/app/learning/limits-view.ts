// Learned limits as the API shows them: suggestions, decisions, and what holds now.

import { type LearnedPlace, placeText, type Suggestion } from '#4-detection/baseline-limits.ts'
import { groupNameOf } from '#4-detection/baseline-scopes.ts'
import type { LearnedLimit, Limits, LimitsQuery } from '#api/contract/limits.ts'
import type { ResolvedConfig } from '../config/config.ts'
import type { Decision } from './decisions.ts'
import type { LearningRoom } from './learning-room.ts'
import { limitsNow } from './limit-source.ts'

/** All that fit, those that wait for a decision first in the order of their scopes. */
export async function limitsView(
  room: LearningRoom,
  config: ResolvedConfig,
  { state, limit }: LimitsQuery,
): Promise<Limits> {
  const { enabled, days, minimumHours } = config.detection.learn
  const scopes = await room.learned()
  const all = presented(
    room,
    scopes.flatMap(({ suggestions }) => suggestions),
  )
  const found = state === undefined ? all : all.filter(each => each.state === state)
  return {
    ...{ enabled, days, minimumHours },
    scopes: scopes.map(({ name, kind, minutes, excluded }) => ({
      ...{ name, kind, hours: tenths(minutes / 60), excludedHours: tenths(excluded / 60) },
    })),
    scopesRefused: room.scopesRefused,
    limits: found.slice(0, limit),
    total: found.length,
  }
}

/** Those at these places, as they are now. */
export async function limitsAt(room: LearningRoom, places: readonly string[]): Promise<LearnedLimit[]> {
  const scopes = await room.learned()
  const wanted = new Set(places)
  return presented(
    room,
    scopes.flatMap(({ suggestions }) => suggestions),
  ).filter(({ place }) => wanted.has(place))
}

const tenths = (value: number): number => Math.round(value * 10) / 10

/** Suggestions, and decisions about what traffic no longer suggests. */
function presented(room: LearningRoom, suggestions: readonly Suggestion[]): LearnedLimit[] {
  const suggested = new Map(suggestions.map(suggestion => [placeText(suggestion), suggestion]))
  const now = limitsNow(room.effective())
  const sourceOf = room.sources()
  const standings = room.standings()
  const rest = room.decisions.all.filter(decision => !suggested.has(placeText(decision)))
  const show = (place: LearnedPlace, suggestion: Suggestion | undefined): LearnedLimit => {
    const { scope, subject, direction, limit } = place
    const text = placeText(place)
    const decision = room.decisions.get(text)
    const hostgroup = scope.includes('/') ? groupNameOf(scope) : scope
    return {
      ...{ place: text, scope, subject, direction, limit, state: decision?.state ?? 'suggested' },
      now: now(place),
      source: sourceOf({ hostgroup, subject, direction, limit }),
      ...(suggestion === undefined ? {} : factsOf(suggestion)),
      ...(decision === undefined ? {} : decidedOf(decision)),
      ...(decision?.state === 'accepted' ? { standing: standings.get(text) ?? 'homeless' } : {}),
    }
  }
  return [
    ...suggestions.map(suggestion => show(suggestion, suggestion)),
    ...rest.map(decision => show(decision, undefined)),
  ]
}

const factsOf = ({ value, typical, highest, confidence, why }: Suggestion) => ({
  ...{ suggested: value, typical, highest, confidence, why },
})

const decidedOf = ({ state, value, at, by }: Decision) => ({
  ...(state === 'accepted' ? { accepted: value } : {}),
  decidedAt: new Date(at).toISOString(),
  decidedBy: by,
})
