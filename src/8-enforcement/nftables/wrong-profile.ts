// What is wrong with profiles and with their place, before anything is made of them: nothing that is not checked here
// comes into a ruleset.

import { COUNTERMEASURES } from '#6-policy/countermeasure.ts'
import type { DesiredProfile, ProtectionProfile } from '#7-mitigation/protection/profile.ts'
import { isNameable } from './names.ts'
import type { ProtectionPlace } from './place.ts'

/** Every packet is held against all of them. */
export const PROFILES_MAX = 256
export const PREFIXES_MAX = 250_000
const RULES_MAX = 1000
const DEVICES_MAX = 64
/** A day: what blocks longer is for the blacklist. */
const TTL_SECONDS_MAX = 86_400
const SOURCES_MAX = 4_194_304
const DEVICE = /^[A-Za-z0-9_.:@-]{1,15}$/

export function wrongPlace({ hook, devices, managementPrefixes, sourcesMax }: ProtectionPlace): string[] {
  return [
    ...(hook === 'ingress' && devices.length === 0
      ? ['the hook ingress is one of devices: name at least one']
      : []),
    ...(devices.length > DEVICES_MAX ? [`there are more than ${DEVICES_MAX} devices`] : []),
    ...devices.filter(device => !DEVICE.test(device)).map(device => `"${device}" is no name of a device`),
    ...tooMany('the management prefixes', managementPrefixes),
    ...wrongNumber('sourcesMax', sourcesMax, 1, SOURCES_MAX),
  ]
}

export function wrongProfile(desired: readonly DesiredProfile[]): string[] {
  const ids = desired.map(({ profile }) => profile.id)
  return [
    ...(desired.length > PROFILES_MAX ? [`there are more than ${PROFILES_MAX} profiles`] : []),
    ...ids.filter((id, at) => ids.indexOf(id) !== at).map(id => `there are two profiles called ${id}`),
    ...desired.flatMap(({ profile, modes }) => [
      ...wrongOne(profile),
      ...COUNTERMEASURES.filter(
        name => (modes[name] ?? 'off') !== 'off' && profile.parameters[name] === undefined,
      ).map(name => `profile ${profile.id}: ${name} is switched on and has no parameters`),
    ]),
  ]
}

function wrongOne({ id, prefixes, traffic = [], parameters }: ProtectionProfile): string[] {
  if (!isNameable(id))
    return [`"${id}" cannot be the name of a profile: use letters, digits, - and _, 63 at most`]
  const { whitelist, blacklist, acl, filter, fragments } = parameters
  const source = parameters['source-limit']
  const proxy = parameters['syn-proxy']
  const rates = [source, parameters['rate-limit'], parameters['target-rate-limit']]
  const ttl = [source, parameters['connection-rate'], parameters['temporary-blacklist']]
  const problems = [
    ...(prefixes.length === 0 ? ['covers no prefix'] : []),
    ...tooMany('its prefixes', prefixes),
    ...(traffic.length > RULES_MAX ? [`its traffic is told by more than ${RULES_MAX} rules`] : []),
    ...tooMany('its countries', parameters.geo?.prefixes ?? []),
    ...tooMany('its whitelist', whitelist?.prefixes ?? []),
    ...tooMany('its blacklist', blacklist?.prefixes ?? []),
    ...(acl !== undefined && acl.rules.length > RULES_MAX
      ? [`its acl has more than ${RULES_MAX} rules`]
      : []),
    ...(filter !== undefined && filter.rules.length > RULES_MAX
      ? [`its filter has more than ${RULES_MAX} rules`]
      : []),
    ...wrongNumber('packetsPerSecond of fragments', fragments?.packetsPerSecond, 0, 1e9),
    ...rates.flatMap(rate => [
      ...wrongNumber('packetsPerSecond', rate?.packetsPerSecond, 1, 1e9),
      ...wrongNumber('bitsPerSecond', rate?.bitsPerSecond, 8, 1e13),
    ]),
    ...ttl.flatMap(one => wrongNumber('ttlSeconds', one?.ttlSeconds, 1, TTL_SECONDS_MAX)),
    ...wrongNumber('perSecond', parameters['connection-rate']?.perSecond, 1, 1e9),
    ...wrongNumber('connections', parameters['connection-limit']?.connections, 1, 1e9),
    ...wrongNumber('mss', proxy?.mss, 1, 65_535),
    ...wrongNumber('windowScale', proxy?.windowScale, 0, 14),
    ...(proxy?.ports ?? []).flatMap(port => wrongNumber('a port of syn-proxy', port, 1, 65_535)),
  ]
  return problems.map(problem => `profile ${id}: ${problem}`)
}

/** Whether each is a prefix is found out when they are read: there may be very many. */
const tooMany = (what: string, texts: readonly string[]): string[] =>
  texts.length > PREFIXES_MAX ? [`${what}: there are more than ${PREFIXES_MAX}`] : []

function wrongNumber(what: string, value: number | undefined, least: number, most: number): string[] {
  if (value === undefined || (Number.isInteger(value) && value >= least && value <= most)) return []
  return [`${what} is a whole number from ${least} to ${most}, not ${value}`]
}
