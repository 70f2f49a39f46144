// Which mitigations a list shows: cheap questions first, because all that is live is asked.

import { isActive, type Mitigation, type MitigationState, STATES } from '#7-mitigation/mitigation.ts'
import type { MitigationsQuery } from '#api/contract/mitigations.ts'
import type { Caller } from '#api/control.ts'
import { contains, parsePrefix } from '#lib/ip/prefix.ts'
import { isConfined, type Reach } from './reach.ts'

export interface MitigationFilter {
  readonly fits: (mitigation: Mitigation) => boolean
  readonly wantsLive: boolean
  readonly wantsEnded: boolean
  readonly since?: number
  readonly until?: number
}

const OVER: readonly MitigationState[] = ['withdrawn', 'expired', 'refused']

function statesOf(words: MitigationsQuery['state']): ReadonlySet<MitigationState> | undefined {
  if (words === undefined) return undefined
  return new Set(
    words.flatMap((word): readonly MitigationState[] => {
      if (word === 'ended') return OVER
      return word === 'live' ? STATES.filter(state => !OVER.includes(state)) : [word]
    }),
  )
}

type Condition = (mitigation: Mitigation) => boolean

/** `isNoted`: whether somebody noted that he has seen the attack. */
export function filterOf(
  query: MitigationsQuery,
  by: Caller,
  reach: Reach,
  isNoted: (attackId: string) => boolean,
): MitigationFilter {
  const states = statesOf(query.state)
  const since = query.since === undefined ? undefined : Date.parse(query.since)
  const until = query.until === undefined ? undefined : Date.parse(query.until)
  const { customer, enforcer, action, attack, acknowledged, target } = query
  const conditions: Condition[] = [
    ...(states === undefined ? [] : [({ state }: Mitigation) => states.has(state)]),
    ...(attack === undefined ? [] : [({ attackId }: Mitigation) => attackId === attack]),
    ...(since === undefined ? [] : [({ createdAt }: Mitigation) => createdAt >= since]),
    ...(until === undefined ? [] : [({ createdAt }: Mitigation) => createdAt < until]),
    ...(enforcer === undefined ? [] : [(each: Mitigation) => each.enforcer === enforcer]),
    ...(action === undefined ? [] : [(each: Mitigation) => each.action.kind === action]),
    ...(customer === undefined ? [] : [(each: Mitigation) => each.customer === customer]),
    ...(acknowledged === undefined ? [] : [(each: Mitigation) => isNoted(each.attackId) === acknowledged]),
    ...(target === undefined ? [] : [withinOf(target)]),
    ...(isConfined(by) ? [(each: Mitigation) => reach.sees(by, each.target)] : []),
  ]
  return {
    fits: mitigation => conditions.every(holds => holds(mitigation)),
    wantsLive: states === undefined || STATES.some(state => !OVER.includes(state) && states.has(state)),
    wantsEnded: states === undefined || OVER.some(state => states.has(state)),
    ...(since === undefined ? {} : { since }),
    ...(until === undefined ? {} : { until }),
  }
}

/** One address is compared as text: no other target lies within it. */
function withinOf(text: string): Condition {
  const around = parsePrefix(text)
  if (around === undefined || !text.includes('/')) return ({ target }) => target === text
  return ({ target }) => {
    const prefix = parsePrefix(target)
    return prefix !== undefined && contains(around, prefix)
  }
}

/** Whether it can be taken back: it is not over, and nobody did yet. */
export const canBeTakenBack = (mitigation: Mitigation): boolean =>
  isActive(mitigation) && mitigation.state !== 'withdrawing'
