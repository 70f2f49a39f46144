// Thresholds that switch countermeasures by themselves: asks once a second how much comes to each profile that has one.

import type { CountermeasureName } from '#6-policy/countermeasure.ts'
import type { ConfiguredProfile } from '#7-mitigation/protection/configured-profile.ts'
import { type Holders, NEEDS_MAX, type Need, switchKey } from '#7-mitigation/protection/holders.ts'
import { CALM, measured, type Threshold, type ThresholdState } from '#7-mitigation/protection/thresholds.ts'

export interface PrefixTraffic {
  /** Per second, towards them. */
  readonly packets: number
  readonly bits: number
}

/** One for each list of prefixes, in their order; rejects when the engine does not answer. */
export type TrafficOf = (prefixes: readonly (readonly string[])[]) => Promise<readonly PrefixTraffic[]>

export interface ThresholdRoomOptions {
  readonly holders: Holders
  readonly trafficOf: TrafficOf
  readonly maximumSeconds: () => number
  /** Told in words what a threshold has switched. */
  readonly changed: (profile: string, text: string) => void
  readonly now: () => number
}

interface Standing {
  readonly state: ThresholdState
  readonly now: number | undefined
}

const keyOf = (profile: string, name: CountermeasureName): string => `threshold ${switchKey(profile, name)}`

export class ThresholdRoom {
  readonly #options: ThresholdRoomOptions
  readonly #standing = new Map<string, Standing>()
  #isAsking = false

  constructor(options: ThresholdRoomOptions) {
    this.#options = options
  }

  /** What they kept on in an earlier run. */
  adopt(needs: readonly Need[]): void {
    for (const { profile, countermeasure } of needs)
      this.#standing.set(keyOf(profile, countermeasure), { state: { ...CALM, isOver: true }, now: undefined })
  }

  /** Its need had its longest time: it is measured anew. */
  expired(profile: string, name: CountermeasureName): void {
    this.#standing.delete(keyOf(profile, name))
  }

  standingOf(profile: string): ReadonlyMap<CountermeasureName, { isOver: boolean; now: number | undefined }> {
    const start = keyOf(profile, 'acl').slice(0, -'acl'.length)
    return new Map(
      [...this.#standing]
        .filter(([key]) => key.startsWith(start))
        .map(([key, { state, now }]) => [
          key.slice(start.length) as CountermeasureName,
          { isOver: state.isOver, now },
        ]),
    )
  }

  async second(profiles: readonly ConfiguredProfile[]): Promise<void> {
    const watched = profiles.filter(({ thresholds }) => Object.keys(thresholds).length > 0)
    this.#forgetAllBut(watched)
    if (watched.length === 0 || this.#isAsking) return
    this.#isAsking = true
    try {
      const traffic = await this.#options.trafficOf(watched.map(({ prefixes }) => prefixes))
      for (const [at, profile] of watched.entries()) {
        const now = traffic[at]
        if (now !== undefined) this.#measure(profile, now)
      }
    } catch {
      // The engine does not answer: the next second asks again, and its end is told elsewhere.
    } finally {
      this.#isAsking = false
    }
  }

  #measure(profile: ConfiguredProfile, traffic: PrefixTraffic): void {
    for (const [word, threshold] of Object.entries(profile.thresholds)) {
      const name = word as CountermeasureName
      const key = keyOf(profile.id, name)
      const before = this.#standing.get(key)?.state ?? CALM
      const now = traffic[threshold.metric]
      const state = measured(before, now, threshold)
      this.#standing.set(key, { state, now })
      if (state.isOver !== before.isOver) this.#switch(profile, name, { threshold, now, isOn: state.isOver })
    }
  }

  #switch(
    profile: ConfiguredProfile,
    name: CountermeasureName,
    { threshold, now, isOn }: { readonly threshold: Threshold; readonly now: number; readonly isOn: boolean },
  ): void {
    const { holders, now: clock, maximumSeconds, changed } = this.#options
    const { metric, on, off } = threshold
    const key = keyOf(profile.id, name)
    const cause = `${metric} ${isOn ? 'above' : 'below'} ${isOn ? on : off} per second`
    const need: Need = {
      ...{ key, by: 'threshold', cause, target: profile.id, profile: profile.id, countermeasure: name },
      ...{ rules: [], sinceMs: clock(), untilMs: clock() + maximumSeconds() * 1000, tags: ['threshold'] },
    }
    const isHeld = isOn && holders.hold(need)
    if (!isOn) holders.release(key)
    const what = isOn && !isHeld ? `has no room among ${NEEDS_MAX} needs` : `goes ${isOn ? 'on' : 'off'}`
    changed(profile.id, `${name} ${what}: ${cause}, ${Math.round(now)} now`)
  }

  #forgetAllBut(watched: readonly ConfiguredProfile[]): void {
    const known = new Set(
      watched.flatMap(({ id, thresholds }) =>
        Object.keys(thresholds).map(name => keyOf(id, name as CountermeasureName)),
      ),
    )
    for (const key of this.#standing.keys()) {
      if (known.has(key)) continue
      this.#standing.delete(key)
      this.#options.holders.release(key)
    }
  }
}
