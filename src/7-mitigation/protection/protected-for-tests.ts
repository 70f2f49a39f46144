// Profiles as a configuration has them, for tests.

import type { CountermeasureName } from '#6-policy/countermeasure.ts'
import type { ConfiguredProfile } from './configured-profile.ts'
import type { Need, Switch } from './holders.ts'

export const WEB: ConfiguredProfile = {
  id: 'web',
  prefixes: ['10.0.0.0/24'],
  parameters: {
    whitelist: { prefixes: ['192.0.2.1/32'] },
    'temporary-blacklist': { ttlSeconds: 60, isProgressive: true },
    acl: { rules: [{ verdict: 'drop', match: 'protocol =icmp' }] },
    'source-limit': { packetsPerSecond: 100, per: 'source', ttlSeconds: 60 },
    filter: { rules: [] },
  },
  backEnd: 'nftables',
  isOn: false,
  modes: { whitelist: 'on', 'temporary-blacklist': 'on', acl: 'off', 'source-limit': 'off', filter: 'off' },
  thresholds: {},
  isDefault: false,
  tags: [],
}

export const GENERAL: ConfiguredProfile = {
  ...WEB,
  ...{ id: 'general', prefixes: ['10.0.0.0/8'], isOn: true, isDefault: true, backEnd: 'mitigator' },
  parameters: { 'header-sanity': {}, acl: { rules: [{ verdict: 'drop', match: 'protocol =47' }] } },
  modes: { 'header-sanity': 'on', acl: 'monitor' },
}

export const need = (key: string, countermeasure: CountermeasureName, more: Partial<Need> = {}): Need => ({
  ...{ key, by: 'attack', cause: `of-${key}`, target: '10.0.0.1', profile: 'web', countermeasure },
  ...{ rules: [], sinceMs: 1000, untilMs: 1_000_000, tags: [], ...more },
})

export const order = (
  mode: Switch['mode'],
  countermeasure?: CountermeasureName,
  more: Partial<Switch> = {},
): Switch => ({
  ...{ profile: 'web', countermeasure, mode, who: 'uid:1000', sinceMs: 2000, ...more },
})
