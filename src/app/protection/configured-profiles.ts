// From settings to protection profiles, as holders and enforcers know them, and as policy does.

import type { CountermeasureName, ProfileMeans } from '#6-policy/countermeasure.ts'
import { USUAL_BLOCK_TIMES } from '#7-mitigation/protection/block-time.ts'
import { type ConfiguredProfile, countermeasuresOf } from '#7-mitigation/protection/configured-profile.ts'
import type { CountermeasuresConfig } from '#7-mitigation/protection/countermeasures-config.ts'
import type { CountermeasureMode, Parameters } from '#7-mitigation/protection/profile.ts'
import type { Threshold } from '#7-mitigation/protection/thresholds.ts'
import { parsePrefix } from '#lib/ip/prefix.ts'
import type { ResolvedConfig } from '../config/config.ts'
import type { CountryPrefixes } from './country-database.ts'
import { targetsOf } from './profile-targets.ts'

/** Lists do nothing until somebody is on them; all else drops as soon as it is on. */
const USUALLY_ON: readonly CountermeasureName[] = ['whitelist', 'blacklist', 'temporary-blacklist', 'geo']

const NO_COUNTRIES: CountryPrefixes = () => []

/** In the order of the configuration. Without a database no country has a prefix. */
export const configuredProfiles = (
  config: Pick<ResolvedConfig, 'protection' | 'inventory' | 'networks'>,
  countries: CountryPrefixes = NO_COUNTRIES,
): ConfiguredProfile[] =>
  Object.entries(config.protection.profiles).map(([id, profile]) => {
    const { countermeasures, backEnd, isOn, isDefault, tags, policy } = profile
    const progressive = countermeasures['temporary-blacklist']?.progressive
    return {
      ...{ id, ...targetsOf(profile, config), backEnd, isOn, isDefault, tags },
      parameters: parametersOf(countermeasures, countries),
      modes: modesOf(countermeasures, name => (USUALLY_ON.includes(name) ? 'on' : 'off')),
      thresholds: thresholdsOf(countermeasures),
      ...(progressive === undefined ? {} : { blockTimes: { ...USUAL_BLOCK_TIMES, ...progressive } }),
      ...(policy === undefined ? {} : { policy }),
    }
  })

/** The same as policy has to know it. */
export const profileMeans = (profiles: readonly ConfiguredProfile[]): ProfileMeans[] =>
  profiles.map(profile => ({
    id: profile.id,
    enforcer: profile.backEnd,
    prefixes: profile.prefixes.flatMap(text => parsePrefix(text) ?? []),
    countermeasures: countermeasuresOf(profile),
    isDefault: profile.isDefault,
  }))

type Modes = Partial<Record<CountermeasureName, CountermeasureMode>>

const entriesOf = (settings: CountermeasuresConfig) =>
  Object.entries(settings) as [CountermeasureName, CountermeasuresConfig[CountermeasureName]][]

export const modesOf = (
  settings: CountermeasuresConfig,
  usual: (name: CountermeasureName) => CountermeasureMode,
): Modes =>
  Object.fromEntries(
    entriesOf(settings).flatMap(([name, one]) =>
      one === undefined ? [] : [[name, one.mode ?? usual(name)]],
    ),
  )

function thresholdsOf(settings: CountermeasuresConfig): Partial<Record<CountermeasureName, Threshold>> {
  return Object.fromEntries(
    entriesOf(settings).flatMap(([name, one]) => {
      const threshold = one?.threshold
      return threshold === undefined ? [] : [[name, { ...threshold, off: threshold.off ?? threshold.on / 2 }]]
    }),
  )
}

/** What each is set to, without what says when it is on. */
export function parametersOf(
  settings: CountermeasuresConfig,
  countries: CountryPrefixes = NO_COUNTRIES,
): Parameters {
  const { 'temporary-blacklist': temporary, geo, ...others } = settings
  const rest = Object.fromEntries(
    Object.entries(others).flatMap(([name, one]) => {
      if (one === undefined) return []
      const { mode: _mode, threshold: _threshold, ...parameters } = one
      return [[name, parameters]]
    }),
  )
  return {
    ...rest,
    ...(temporary === undefined
      ? {}
      : {
          'temporary-blacklist': {
            ttlSeconds: temporary.ttlSeconds,
            isProgressive: temporary.progressive !== undefined,
          },
        }),
    ...(geo === undefined ? {} : { geo: { verdict: geo.verdict, prefixes: countries(geo.countries) } }),
  }
}
