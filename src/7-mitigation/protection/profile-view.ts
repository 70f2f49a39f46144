// A profile as people are told of it: what is desired, who keeps it so, and what came of it.

import type { CountermeasureName } from '#6-policy/countermeasure.ts'
import { type ConfiguredProfile, countermeasuresOf } from './configured-profile.ts'
import type { CarriedState, CountermeasureView, CountersView, HolderView, ProfileView } from './desk.ts'
import type { Holders, Need, Switch } from './holders.ts'
import type { CountermeasureMode, DesiredProfile } from './profile.ts'

/** What whoever carries it out says of a profile. */
export interface ProfileFacts {
  readonly desired: DesiredProfile
  readonly sinceMs: number | undefined
  readonly carried: CarriedState
  readonly problems: readonly string[]
  readonly counters: ReadonlyMap<CountermeasureName, CountersView>
  /** When a need of an attack ends unless its attack goes on, by its key; missing: nobody knows. */
  readonly endOf?: (key: string) => number | undefined
  /** By countermeasure: whether its threshold is crossed, and the newest measurement. */
  readonly thresholds: ReadonlyMap<CountermeasureName, { isOver: boolean; now: number | undefined }>
}

export function profileView(profile: ConfiguredProfile, holders: Holders, facts: ProfileFacts): ProfileView {
  const { id, backEnd, prefixes, isDefault, tags, isOn: isConfiguredOn } = profile
  const { desired, sinceMs, carried, problems } = facts
  const whole = holders.switchOf(id)
  return {
    ...{ id, backEnd, prefixes, isDefault, tags, isConfiguredOn, sinceMs, carried, problems },
    isOn: desired.isOn,
    holders: [...ofOperator(whole), ...holders.needsOf(id).map(need => needView(need, facts))],
    countermeasures: countermeasuresOf(profile).map(name =>
      countermeasureView(profile, name, holders, facts),
    ),
  }
}

function countermeasureView(
  profile: ConfiguredProfile,
  name: CountermeasureName,
  holders: Holders,
  facts: ProfileFacts,
): CountermeasureView {
  const { desired, counters, thresholds } = facts
  const threshold = profile.thresholds[name]
  const stands = thresholds.get(name) ?? { isOver: false, now: undefined }
  const counted = counters.get(name)
  return {
    name,
    parameters: desired.profile.parameters[name],
    mode: desired.modes[name] ?? 'off',
    configuredMode: profile.modes[name] ?? 'off',
    holders: [
      ...ofOperator(holders.switchOf(profile.id, name)),
      ...holders.needsOf(profile.id, name).map(need => needView(need, facts)),
    ],
    ...(threshold === undefined ? {} : { threshold: { ...threshold, ...stands } }),
    ...(counted === undefined ? {} : { counters: counted }),
  }
}

function needView(need: Need, { endOf }: ProfileFacts): HolderView {
  const { key, by, cause, target, sinceMs, tags } = need
  const untilMs = need.untilMs ?? endOf?.(key)
  return { by, who: cause, target, mode: 'on', sinceMs, untilMs, tags }
}

const ofOperator = (own: Switch | undefined): HolderView[] =>
  own === undefined
    ? []
    : [{ by: 'operator', who: own.who, mode: own.mode, sinceMs: own.sinceMs, untilMs: own.untilMs, tags: [] }]

/** Why something is on although an operator has just switched it off, in words; `undefined`: it is off. */
export function stillHeldText(
  view: Pick<ProfileView, 'holders'>,
  what: string,
  mode: CountermeasureMode,
): string | undefined {
  const others = view.holders.filter(({ by }) => by !== 'operator')
  if (mode !== 'off' || others.length === 0) return undefined
  const names = others
    .slice(0, 5)
    .map(({ by, who, target }) => (by === 'attack' ? `attack ${who} on ${target}` : `the threshold ${who}`))
  const more = others.length > names.length ? ` and ${others.length - names.length} more` : ''
  return `${what} stays on for ${names.join(', ')}${more}; withdraw their mitigations to end it now`
}
