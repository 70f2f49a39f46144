// The preset of a protection profile: what makes the usual choice of countermeasures worth switching on, as MITIGATOR's page has it.

import type { ResolvedConfig } from '../config/config.ts'
import { withSection } from '../config/replace-section.ts'

const ICMP = { verdict: 'drop', match: 'protocol =icmp' } as const

/** By countermeasure: what is put there, and in words. */
const PRESET = {
  acl: { settings: { rules: [ICMP] }, text: 'acl: drop icmp' },
  'source-limit': {
    settings: { packetsPerSecond: 100, ttlSeconds: 60 },
    text: 'source-limit: 100 packets/s of each source, then it is blocked until 60 s after its last packet',
  },
  'temporary-blacklist': {
    settings: { ttlSeconds: 60 },
    text: 'temporary-blacklist: sources that people and programs put there, for 60 s',
  },
} as const
type PresetName = keyof typeof PRESET
const NAMES = Object.keys(PRESET) as PresetName[]

export interface PresetPart {
  readonly name: PresetName
  /** There: nothing is changed of it. */
  readonly state: 'there' | 'missing'
  readonly text: string
}

export type Presetting =
  | { readonly kind: 'parts'; readonly parts: readonly PresetPart[] }
  | { readonly kind: 'refused'; readonly error: string }

/** What stands under a name in the configuration, and nothing that every object has. */
const profileOf = ({ protection: { profiles } }: ResolvedConfig, name: string) =>
  Object.hasOwn(profiles, name) ? profiles[name] : undefined

/** What of it a profile has; a profile that is not there has nothing of it, and would be general protection. */
export function presetParts(config: ResolvedConfig, profile: string): Presetting {
  const own = profileOf(config, profile)
  if (own?.backEnd === 'mitigator')
    return {
      kind: 'refused',
      error: `parameters of ${profile} stand at MITIGATOR: floodwarden mitigator preset`,
    }
  const parts = NAMES.map((name): PresetPart => {
    const has = own?.countermeasures[name]
    const rules = has !== undefined && 'rules' in has ? has.rules : undefined
    const isThere =
      rules === undefined
        ? has !== undefined
        : rules.some(({ match, verdict }) => match === ICMP.match && verdict === 'drop')
    return { name, state: isThere ? 'there' : 'missing', text: `${profile}: ${PRESET[name].text}` }
  })
  return { kind: 'parts', parts }
}

/** The text of the configuration with what is missing in it; throws when the text is no YAML. */
export function withPreset(
  text: string,
  config: ResolvedConfig,
  profile: string,
  parts: readonly PresetPart[],
): string {
  const { profiles } = config.protection
  const own = profileOf(config, profile)
  let changed = text
  // Of several profiles one is the default already, or whoever wrote them wants none.
  if (own === undefined && Object.keys(profiles).length === 0)
    changed = withSection(changed, ['protection', 'profiles', profile, 'isDefault'], true)
  for (const { name, state } of parts) {
    if (state === 'there') continue
    const path = ['protection', 'profiles', profile, 'countermeasures', name]
    const rules = name === 'acl' ? own?.countermeasures.acl?.rules : undefined
    changed =
      rules === undefined
        ? withSection(changed, path, PRESET[name].settings)
        : withSection(changed, [...path, 'rules'], [...rules, ICMP])
  }
  return changed
}
