// From the profiles that are desired to one table of nftables.

import type { CountermeasureName } from '#6-policy/countermeasure.ts'
import type { CountermeasureMode, DesiredProfile, Parameters } from '#7-mitigation/protection/profile.ts'
import type { Prefix } from '#lib/ip/prefix.ts'
import {
  addBlacklist,
  addGeo,
  addTemporaryBlacklist,
  type WhiteSet,
  whitelistRules,
} from './address-lists.ts'
import { addConnectionHooks, addConnectionLimit, addSynProxy } from './connections.ts'
import { Draft, type Family, Measure } from './draft.ts'
import { addAcl, addFilter, coveredBy } from './flow-rules.ts'
import { addHeaderSanity } from './header-sanity.ts'
import { ofProfile } from './names.ts'
import type { ProtectionPlace } from './place.ts'
import { addFragments, addRateLimit, addTargetRateLimit } from './rates.ts'
import type { Ruleset } from './ruleset.ts'
import { addConnectionRate, addSourceLimit } from './source-rates.ts'
import { addSpared } from './spared.ts'
import { wrongPlace, wrongProfile } from './wrong-profile.ts'

export type Compiled =
  | {
      readonly kind: 'compiled'
      readonly ruleset: Ruleset
      /** What of it cannot be carried out here, in words. */
      readonly notes: readonly string[]
      /** A SYN proxy is on, with timestamps or without; it needs settings of the kernel. */
      readonly synProxy: 'none' | 'plain' | 'with-timestamps'
    }
  | { readonly kind: 'refused'; readonly problems: readonly string[] }

/** `isSynProxyLeftOut`: the kernel is not set for it; connections are followed all the same. */
export function compile(
  desired: readonly DesiredProfile[],
  place: ProtectionPlace,
  isSynProxyLeftOut = false,
): Compiled {
  const wrong = [...wrongPlace(place), ...wrongProfile(desired)]
  if (wrong.length > 0) return { kind: 'refused', problems: wrong }
  const draft = new Draft()
  const active = desired.filter(({ isOn }) => isOn).map(one => new ActiveProfile(one, place, draft))
  const isFollowing = desired.some(({ profile }) => profile.parameters['syn-proxy'] !== undefined)
  const spared = addSpared(
    draft,
    active.length > 0 || isFollowing ? draft.read('the management prefixes', place.managementPrefixes) : [],
  )
  const written = active.map(profile => profile.write(isSynProxyLeftOut))
  if (draft.refusals.length > 0) return { kind: 'refused', problems: draft.refusals }
  const isConnected = isFollowing || written.some(({ chains }) => chains.length > 0)
  if (isConnected) addConnectionHooks(draft, spared.rules, written)
  if (written.length > 0)
    draft.addChain({
      name: 'm/judge',
      base: baseOf(place),
      rules: [
        ...(place.hook === 'ingress' ? [] : onlyDevices(place.devices)),
        ...(place.hook === 'ingress' ? spared.ingress : spared.rules),
        ...written.flatMap(({ covered, chain }) => covered.map(match => `${match} jump ${chain}`)),
      ],
    })
  const { ruleset, notes } = draft
  return { kind: 'compiled', ruleset, notes, synProxy: synProxyOf(active) }
}

/** Before the kernel puts fragments together (-400), which no rule could tell afterwards. */
function baseOf({ hook, devices }: ProtectionPlace): string {
  switch (hook) {
    case 'prerouting':
      return 'type filter hook prerouting priority -450; policy accept;'
    case 'forward':
      return 'type filter hook forward priority -10; policy accept;'
    case 'ingress':
      return `type filter hook ingress devices = { ${devices.map(quoted).join(', ')} } priority -500; policy accept;`
  }
}

const quoted = (text: string): string => `"${text}"`

const onlyDevices = (devices: readonly string[]): string[] =>
  devices.length === 0 ? [] : [`iifname != { ${devices.map(quoted).join(', ')} } accept`]

function synProxyOf(active: readonly ActiveProfile[]): 'none' | 'plain' | 'with-timestamps' {
  const proxies = active.flatMap(profile => profile.synProxy ?? [])
  if (proxies.length === 0) return 'none'
  return proxies.some(({ timestamps }) => timestamps) ? 'with-timestamps' : 'plain'
}

/** Writes one countermeasure of a profile; gives its chain, if it has one. */
type Writer = (profile: ActiveProfile) => string | undefined

const writer =
  <Name extends CountermeasureName>(name: Name, write: (measure: Measure<Name>) => void): Writer =>
  profile =>
    profile.writeOne(name, write)

/** Told sources first, then what a header alone tells, then what is measured: the cheapest first. */
const WRITERS: readonly Writer[] = [
  writer('blacklist', addBlacklist),
  writer('temporary-blacklist', addTemporaryBlacklist),
  writer('geo', addGeo),
  writer('header-sanity', addHeaderSanity),
  writer('fragments', addFragments),
  writer('acl', addAcl),
  writer('filter', addFilter),
  writer('source-limit', addSourceLimit),
  writer('connection-rate', addConnectionRate),
  writer('target-rate-limit', addTargetRateLimit),
  writer('rate-limit', addRateLimit),
]

class ActiveProfile {
  readonly #desired: DesiredProfile
  readonly #place: ProtectionPlace
  readonly #draft: Draft
  readonly #prefixes: readonly Prefix[]
  readonly #families: readonly Family[]

  constructor(desired: DesiredProfile, place: ProtectionPlace, draft: Draft) {
    this.#desired = desired
    this.#place = place
    this.#draft = draft
    this.#prefixes = draft.read(`profile ${desired.profile.id}: its prefixes`, desired.profile.prefixes)
    this.#families = ([4, 6] as const).filter(family => this.#prefixes.some(one => one.family === family))
  }

  /** Parameters of the SYN proxy, when it is to answer. */
  get synProxy(): Parameters['syn-proxy'] {
    return this.#desired.modes['syn-proxy'] === 'on'
      ? this.#desired.profile.parameters['syn-proxy']
      : undefined
  }

  write(isSynProxyLeftOut: boolean) {
    const { id } = this.#desired.profile
    const targets = this.#draft.addPrefixes(ofProfile(id, 'targets'), this.#prefixes)
    const covered = coveredBy(this.#desired.profile, targets, this.#draft)
    const { rules, passing } = this.#writeWhitelist()
    for (const write of WRITERS) {
      const chain = write(this)
      if (chain !== undefined) rules.push(`jump ${chain}`)
    }
    this.#draft.addChain({ name: ofProfile(id), rules })
    const chains: { readonly name: string; readonly isNewOnly: boolean }[] = []
    const synProxy = isSynProxyLeftOut ? undefined : this.#measureOf('syn-proxy')
    if (synProxy !== undefined) {
      addSynProxy(synProxy, passing)
      chains.push({ name: synProxy.named(), isNewOnly: false })
    }
    const limit = this.#measureOf('connection-limit')
    if (limit !== undefined) {
      addConnectionLimit(limit, passing)
      chains.push({ name: limit.named(), isNewOnly: true })
    }
    return { covered, chain: ofProfile(id), syn: synProxy?.named('syn'), chains }
  }

  /** Its rules, and the sets whose sources pass by what needs connections as well. */
  #writeWhitelist(): { readonly rules: string[]; readonly passing: readonly WhiteSet[] } {
    const whitelist = this.#measureOf('whitelist')
    if (whitelist === undefined) return { rules: [], passing: [] }
    const sets = this.#draft
      .addPrefixes(whitelist.named('told'), whitelist.read(whitelist.parameters.prefixes))
      .filter(({ family }) => this.#families.includes(family))
    return { rules: whitelistRules(whitelist, sets), passing: whitelist.isMonitor ? [] : sets }
  }

  writeOne<Name extends CountermeasureName>(
    name: Name,
    write: (measure: Measure<Name>) => void,
  ): string | undefined {
    const measure = this.#measureOf(name)
    if (measure === undefined) return undefined
    write(measure)
    return this.#draft.ruleset.chains.find(chain => chain.name === measure.named())?.name
  }

  #measureOf<Name extends CountermeasureName>(name: Name): Measure<Name> | undefined {
    const { profile, modes } = this.#desired
    const mode: CountermeasureMode = modes[name] ?? 'off'
    const parameters = profile.parameters[name]
    if (mode === 'off' || parameters === undefined) return undefined
    return new Measure<Name>({
      ...{ draft: this.#draft, id: profile.id, name, parameters, place: this.#place },
      ...{ families: this.#families, isMonitor: mode === 'monitor' },
    })
  }
}
