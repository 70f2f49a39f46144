// Examples of answers about protection.

import type { IncidentView } from './incidents.ts'
import type { Profile, Protection } from './protection.ts'
import type { PresetWritten, ProtectionPreset } from './protection-preset.ts'
import type {
  BlockedSource,
  BlockedSources,
  ProtectionBackup,
  ProtectionCounters,
  ProtectionPreview,
  SourcesBlocked,
  Switched,
} from './protection-requests.ts'

const SINCE = '2026-11-20T10:11:49.900Z'

const HOLDER: Profile['holders'][number] = {
  ...{ by: 'attack', who: 'mi7kq3l9-1', target: '10.99.1.1', mode: 'on', since: SINCE },
  tags: ['icmp_flood'],
}

const COUNTERS = {
  ...{ inputPackets: 1_204_500, passedPackets: 310, droppedPackets: 1_204_190, droppedBytes: 118_010_620 },
  ...{ inputPacketsPerSecond: 50_010, droppedPacketsPerSecond: 49_998, readAt: '2026-11-20T10:12:14.000Z' },
} as const

export const EXAMPLE_PROFILE: Profile = {
  ...{ id: 'web', backEnd: 'nftables', prefixes: ['10.99.0.0/16'], isDefault: false, tags: [] },
  ...{ isOn: true, isConfiguredOn: false, since: SINCE, holders: [HOLDER] },
  countermeasures: [
    {
      ...{ name: 'acl', mode: 'on', configuredMode: 'off' },
      parameters: { rules: [{ verdict: 'drop', match: 'protocol =icmp' }] },
      ...{ holders: [HOLDER], counters: COUNTERS },
    },
    {
      ...{ name: 'source-limit', mode: 'off', configuredMode: 'off', holders: [] },
      parameters: { packetsPerSecond: 100, per: 'source', ttlSeconds: 60 },
      threshold: {
        ...{ metric: 'packets', on: 50_000, off: 25_000, history: 5, severity: 3 },
        ...{ isOver: false, now: 50_012 },
      },
    },
  ],
  ...{ carried: 'in-place', problems: [] },
}

export const EXAMPLE_PROTECTION: Protection = {
  isArmed: true,
  defaultProfile: 'general',
  backEnds: [
    {
      ...{ name: 'nftables', place: 'the hook prerouting of this machine', carried: 'in-place' },
      ...{ problems: [], owed: 0 },
    },
  ],
  warnings: [],
  profiles: [EXAMPLE_PROFILE],
}

export const EXAMPLE_SWITCHED: Switched = {
  profile: EXAMPLE_PROFILE,
  notes: ['web stays on for attack mi7kq3l9-1 on 10.99.1.1; withdraw their mitigations to end it now'],
}

export const EXAMPLE_BLOCKED_SOURCE: BlockedSource = {
  ...{ profile: 'web', countermeasure: 'temporary-blacklist', source: '192.0.2.7', remainingSeconds: 300 },
}
export const EXAMPLE_BLOCKED: BlockedSources = { sources: [EXAMPLE_BLOCKED_SOURCE], total: 1 }
export const EXAMPLE_SOURCES_BLOCKED: SourcesBlocked = { sources: [EXAMPLE_BLOCKED_SOURCE], notes: [] }

export const EXAMPLE_PROTECTION_COUNTERS: ProtectionCounters = {
  counters: [{ profile: 'web', countermeasure: 'acl', mode: 'on', ...COUNTERS }],
}

export const EXAMPLE_PROTECTION_PREVIEW: ProtectionPreview = {
  text: 'table inet floodwarden_protect\ndelete table inet floodwarden_protect\ntable inet floodwarden_protect {\n}\n',
  notes: [],
}

export const EXAMPLE_PROTECTION_BACKUP: ProtectionBackup = {
  ...{ version: 1, madeAt: SINCE, profiles: { web: ['acl', 'source-limit'] } },
  switches: [
    { profile: 'web', countermeasure: 'acl', mode: 'monitor', who: 'user:ann', sinceMs: 1_763_633_509_900 },
  ],
}

export const EXAMPLE_INCIDENT: IncidentView = {
  ...{ id: 'web-17', profile: 'web', beganAt: SINCE, endedAt: '2026-11-20T10:16:49.900Z' },
  ...{ causes: ['mi7kq3l9-1'], countermeasures: ['acl'], tags: ['icmp_flood'] },
  ...{ droppedPackets: 1_204_190, droppedBytes: 118_010_620 },
}

export const EXAMPLE_PRESET: ProtectionPreset = {
  profile: 'web',
  parts: [
    { name: 'acl', state: 'there', text: 'web: acl: drop icmp' },
    {
      ...{ name: 'source-limit', state: 'missing' },
      text: 'web: source-limit: 100 packets/s of each source, then it is blocked until 60 s after its last packet',
    },
  ],
}
export const EXAMPLE_PRESET_WRITTEN: PresetWritten = {
  added: ['source-limit'],
  file: '/etc/floodwarden/floodwarden.yaml',
  backup: '/etc/floodwarden/floodwarden.yaml.bak',
}
