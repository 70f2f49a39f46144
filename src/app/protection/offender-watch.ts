// Who comes back after having been blocked: of profiles whose block times grow.

import type { CountermeasureName } from '#6-policy/countermeasure.ts'
import { Offenders } from '#7-mitigation/protection/block-time.ts'
import type { ConfiguredProfile } from '#7-mitigation/protection/configured-profile.ts'
import type { Listed } from './back-end.ts'

export interface Again {
  readonly source: string
  readonly seconds: number
}

const USUAL_SECONDS = 60
/** So many are blocked longer at once; the rest at the next look. */
const AT_ONCE_MAX = 1000

export class OffenderWatch {
  readonly #of = new Map<string, Offenders>()
  #forgottenBefore = 0

  /** How long sources are blocked that are put onto the temporary blacklist now. */
  blocked(profile: ConfiguredProfile, sources: readonly string[], nowMs: number): number[] {
    const base = profile.parameters['temporary-blacklist']?.ttlSeconds ?? USUAL_SECONDS
    const { blockTimes } = profile
    if (blockTimes === undefined) return sources.map(() => base)
    const offenders = this.#offendersOf(profile.id)
    return sources.map(source => offenders.blocked(source, base, nowMs, blockTimes).seconds)
  }

  /** Of what is blocked now, who has to be blocked longer than his list does. */
  listed(profile: ConfiguredProfile, all: readonly Listed[], nowMs: number): Again[] {
    const { id, blockTimes, parameters } = profile
    if (blockTimes === undefined) return []
    const offenders = this.#offendersOf(id)
    const again: Again[] = []
    for (const { profile: of, countermeasure, source, remainingSeconds } of all) {
      if (of !== id || again.length >= AT_ONCE_MAX) continue
      const base = secondsOf(parameters, countermeasure)
      const { seconds, isNew } = offenders.blocked(source, base, nowMs, blockTimes)
      if (!isNew) offenders.seen(source, remainingSeconds, nowMs)
      else if (seconds > Math.max(base, remainingSeconds)) again.push({ source, seconds })
    }
    offenders.expire(nowMs, blockTimes)
    return again
  }

  forget(profile: string, sources: readonly string[]): void {
    for (const source of sources) this.#of.get(profile)?.forget(source)
  }

  /** Of profiles that are gone nothing is remembered but how many were forgotten. */
  forgetAllBut(profiles: ReadonlySet<string>): void {
    for (const [id, { forgotten }] of this.#of) {
      if (profiles.has(id)) continue
      this.#forgottenBefore += forgotten
      this.#of.delete(id)
    }
  }

  get forgotten(): number {
    return [...this.#of.values()].reduce((sum, { forgotten }) => sum + forgotten, this.#forgottenBefore)
  }

  #offendersOf(id: string): Offenders {
    const offenders = this.#of.get(id) ?? new Offenders()
    this.#of.set(id, offenders)
    return offenders
  }
}

function secondsOf(parameters: ConfiguredProfile['parameters'], name: CountermeasureName): number {
  const own = parameters[name]
  return own !== undefined && 'ttlSeconds' in own ? own.ttlSeconds : USUAL_SECONDS
}
