// Who needs what of which profile, and how operators have switched it: what is desired follows from that alone.
//
// Attacks and thresholds need; each by its own key, so that the end of one never ends what another still needs. Operators switch:
// their word takes the place of the configured one until they take it back. So what is desired is the stronger of the two, and
// when nobody needs anything any more all is as it was. `monitor` by an operator is a ceiling: he wants to see, not to drop.

import type { CountermeasureName } from '#6-policy/countermeasure.ts'
import { type ConfiguredProfile, countermeasuresOf } from './configured-profile.ts'
import type { CountermeasureMode, DesiredProfile } from './profile.ts'

/** What an attack or a threshold keeps on: the profile, and one countermeasure of it. */
export interface Need {
  /** The mitigation's id, or that of the threshold: one of its own for everything that can end by itself. */
  readonly key: string
  readonly by: 'attack' | 'threshold'
  /** Id of the attack; of a threshold its number in words. */
  readonly cause: string
  /** What is protected; of a threshold the id of the profile. */
  readonly target: string
  readonly profile: string
  readonly countermeasure: CountermeasureName
  /** Of `filter`: canonical FlowSpec text. */
  readonly rules: readonly string[]
  readonly sinceMs: number
  /** Wall clock; of an attack missing: its mitigation has the end, and is taken back then. */
  readonly untilMs?: number | undefined
  /** How the flood comes, where a scrubber chooses by it. */
  readonly protocol?: 'tcp' | 'udp' | 'icmp' | undefined
  readonly tags: readonly string[]
}

/** How an operator has switched a profile as a whole, or one of its countermeasures. */
export interface Switch {
  readonly profile: string
  /** Missing: the profile as a whole. */
  readonly countermeasure?: CountermeasureName | undefined
  readonly mode: CountermeasureMode
  readonly who: string
  readonly sinceMs: number
  /** Missing: until somebody switches again. */
  readonly untilMs?: number | undefined
}

/** What has to live on when the process ends; needs of attacks are in their mitigations. */
export interface KeptHolders {
  readonly switches: readonly Switch[]
  readonly needs: readonly Need[]
}

export const NEEDS_MAX = 65_536
export const SWITCHES_MAX = 4096

export const switchKey = (profile: string, countermeasure?: CountermeasureName): string =>
  countermeasure === undefined ? profile : `${profile}/${countermeasure}`

export class Holders {
  readonly #needs = new Map<string, Need>()
  /** The same by profile, in the order in which they came: lists are asked for each second. */
  readonly #byProfile = new Map<string, Map<string, Need>>()
  readonly #switches = new Map<string, Switch>()

  /** False: there are too many, and it is not held. Holding again takes the place of what was held by this key. */
  hold(need: Need): boolean {
    if (!this.#needs.has(need.key) && this.#needs.size >= NEEDS_MAX) return false
    const before = this.#needs.get(need.key)
    if (before !== undefined && before.profile !== need.profile) this.release(need.key)
    this.#needs.set(need.key, need)
    const own = this.#byProfile.get(need.profile) ?? new Map<string, Need>()
    this.#byProfile.set(need.profile, own.set(need.key, need))
    return true
  }

  /** Gives whether it was held. */
  release(key: string): boolean {
    const need = this.#needs.get(key)
    if (need === undefined) return false
    this.#needs.delete(key)
    const own = this.#byProfile.get(need.profile)
    own?.delete(key)
    if (own?.size === 0) this.#byProfile.delete(need.profile)
    return true
  }

  /** False: there are too many. */
  switch(order: Switch): boolean {
    const key = switchKey(order.profile, order.countermeasure)
    if (!this.#switches.has(key) && this.#switches.size >= SWITCHES_MAX) return false
    this.#switches.set(key, order)
    return true
  }

  /** From now on it is as configured again; gives how it was switched. */
  unswitch(profile: string, countermeasure?: CountermeasureName): Switch | undefined {
    const key = switchKey(profile, countermeasure)
    const before = this.#switches.get(key)
    this.#switches.delete(key)
    return before
  }

  /** Ends what nobody has held anew in time; gives what ended. */
  expire(nowMs: number): { readonly needs: readonly Need[]; readonly switches: readonly Switch[] } {
    const needs = [...this.#needs.values()].filter(({ untilMs = Infinity }) => untilMs <= nowMs)
    const switches = [...this.#switches.values()].filter(({ untilMs = Infinity }) => untilMs <= nowMs)
    for (const { key } of needs) this.release(key)
    for (const { profile, countermeasure } of switches)
      this.#switches.delete(switchKey(profile, countermeasure))
    return { needs, switches }
  }

  need(key: string): Need | undefined {
    return this.#needs.get(key)
  }

  /** Of one countermeasure, or of all of a profile, in the order in which they came. */
  needsOf(profile: string, countermeasure?: CountermeasureName): readonly Need[] {
    const own = [...(this.#byProfile.get(profile)?.values() ?? [])]
    return countermeasure === undefined ? own : own.filter(need => need.countermeasure === countermeasure)
  }

  /** How many things of a profile are needed. */
  countOf(profile: string): number {
    return this.#byProfile.get(profile)?.size ?? 0
  }

  switchOf(profile: string, countermeasure?: CountermeasureName): Switch | undefined {
    return this.#switches.get(switchKey(profile, countermeasure))
  }

  get switches(): readonly Switch[] {
    return [...this.#switches.values()]
  }

  /** What is told to whoever keeps it for the next run. */
  kept(): KeptHolders {
    const needs = [...this.#needs.values()].filter(({ by }) => by === 'threshold')
    return { switches: this.switches, needs }
  }

  /** Takes up what an earlier run kept; gives what it could not hold. */
  adopt({ switches, needs }: KeptHolders): number {
    const held = [...switches.map(one => this.switch(one)), ...needs.map(one => this.hold(one))]
    return held.filter(isHeld => !isHeld).length
  }

  /** What is to be carried out of these profiles now. */
  desired(profiles: readonly ConfiguredProfile[]): DesiredProfile[] {
    return profiles.map(profile => this.#desiredOf(profile, this.needsOf(profile.id)))
  }

  #desiredOf(profile: ConfiguredProfile, needs: readonly Need[]): DesiredProfile {
    const whole = this.switchOf(profile.id)
    const isOn = (whole === undefined ? profile.isOn : whole.mode !== 'off') || needs.length > 0
    const needed = new Set(needs.map(({ countermeasure }) => countermeasure))
    const modes = countermeasuresOf(profile).map(name => {
      const own = this.switchOf(profile.id, name)
      const isNeeded = needed.has(name)
      const base = own?.mode ?? profile.modes[name] ?? 'off'
      // A whitelist drops nothing: whoever only watches passes its sources all the same.
      const isWatched = own?.mode === 'monitor' || (whole?.mode === 'monitor' && name !== 'whitelist')
      const mode = isNeeded ? 'on' : base
      return [name, isWatched && mode === 'on' ? 'monitor' : mode] as const
    })
    const { id, prefixes, traffic } = profile
    const covers = traffic === undefined ? { prefixes } : { prefixes, traffic }
    const shown = { id, ...covers, parameters: withRules(profile, needs) }
    return { profile: shown, isOn, modes: Object.fromEntries(modes) }
  }
}

/** Rules of attacks stand behind those of the configuration. */
function withRules({ parameters }: ConfiguredProfile, needs: readonly Need[]) {
  const added = needs.flatMap(({ rules }) => rules)
  if (added.length === 0) return parameters
  return { ...parameters, filter: { rules: [...new Set([...(parameters.filter?.rules ?? []), ...added])] } }
}
