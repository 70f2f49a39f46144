// Examples of answers about mitigations, events, the safelist, the configuration and the history of traffic.

import type { Course } from './course.ts'
import type { EventAnswer, EventView } from './events.ts'
import { EXAMPLE_ATTACK, EXAMPLE_RELOAD } from './examples.ts'
import type { ExporterInterfaces } from './exporters.ts'
import type { LiveMessage } from './live.ts'
import type { ManyOutcome, MitigationView, OrderOutcome } from './mitigations.ts'
import type { Preferences } from './preferences.ts'
import type { RulePreview } from './rule-preview.ts'
import type { PackMade, Templates } from './rule-templates.ts'
import type { Panic, RuleMade, RuleView } from './rules.ts'
import type { SafeEntry } from './safelist.ts'
import type {
  Configuration,
  SectionCheck,
  SectionHistory,
  SectionVersion,
  SectionView,
  SectionWritten,
} from './sections.ts'
import type { HostgroupsTraffic, NetworksTraffic, TrafficHistory } from './traffic-history.ts'
import type { WhatIf } from './what-if.ts'

export const EXAMPLE_MITIGATION: MitigationView = {
  id: 'mi7kq3l9-1.0',
  attackId: EXAMPLE_ATTACK.id,
  target: '10.99.1.1',
  customer: 'acme',
  enforcer: 'gobgp',
  action: 'filter',
  isDryRun: false,
  state: 'announced',
  does: 'announce by gobgp the rule destination 10.99.1.1/32 protocol =udp then rate 625000 bytes/s',
  playbook: 'udp',
  step: 0,
  reason: 'playbook udp, step limit: rate-limit',
  createdAt: EXAMPLE_ATTACK.openedAt,
  expiresAt: '2026-11-20T10:16:49.533Z',
  ttlSeconds: 300,
  isStanding: false,
}

export const EXAMPLE_ORDERED: OrderOutcome = {
  ...{ outcome: 'opened', attackId: 'mi7kq3l9-9000000001' },
  mitigations: [{ ...EXAMPLE_MITIGATION, id: 'mi7kq3l9-9000000001.0', attackId: 'mi7kq3l9-9000000001' }],
}

export const EXAMPLE_MANY: ManyOutcome = {
  results: [
    { id: EXAMPLE_MITIGATION.id, outcome: 'withdrawn' },
    { id: 'mi7kq3l9-2.0', outcome: 'unknown' },
  ],
  done: 1,
}

export const EXAMPLE_EVENT: EventView = {
  id: '0193f7a2-5a3d-7c11-8f0a-1f2e3d4c5b6a',
  receivedAt: '2026-11-20T10:11:49.700Z',
  outcome: 'accepted',
  attackId: 'mi7kq3l9-9000000002',
  source: 'fastnetmon',
  externalId: 'fnm-4711',
  at: '2026-11-20T10:11:49.000Z',
  action: 'ban',
  host: '10.99.1.1',
  direction: 'incoming',
  vector: 'udp_flood',
  bitsPerSecond: 410_000_000,
  packetsPerSecond: 34_434,
  ports: [53],
  confidence: 0.9,
}

export const EXAMPLE_EVENT_ANSWER: EventAnswer = {
  ...{ outcome: 'accepted', eventId: EXAMPLE_EVENT.id, attackId: 'mi7kq3l9-9000000002' },
  isDryRun: false,
}

export const EXAMPLE_SAFE: SafeEntry = {
  ...{ prefix: '10.99.0.53/32', from: 'added', reason: 'resolver' },
  ...{ addedBy: 'user:ann', addedAt: '2026-11-20T09:00:00.000Z', expiresAt: '2026-12-01T00:00:00.000Z' },
}

export const EXAMPLE_SECTION: SectionView = {
  section: 'inventory',
  value: { customers: [{ id: 'acme', prefixes: ['10.99.0.0/16'] }] },
  text: 'customers:\n  - id: acme\n    prefixes: [10.99.0.0/16]\n',
  etag: '"4c9b1c0e6f0d2a35"',
  origin: 'native',
  file: '/etc/floodwarden.yaml',
}

export const EXAMPLE_WRITTEN: SectionWritten = {
  ...{ section: 'inventory', value: EXAMPLE_SECTION.value, etag: EXAMPLE_SECTION.etag },
  ...{ backup: '/etc/floodwarden.yaml.bak', reload: EXAMPLE_RELOAD },
}

export const EXAMPLE_CHECK: SectionCheck = {
  ...{ section: 'inventory', verdict: 'refused', value: { customers: [{ id: 7 }] } },
  ...{ text: 'customers:\n  - id: 7\n', before: EXAMPLE_SECTION.text, etag: EXAMPLE_SECTION.etag },
  problems: [
    {
      ...{ severity: 'error', at: 'inventory.customers[0].id', problem: 'expected text' },
      ...{ line: 2, column: 9 },
    },
  ],
}

const VERSION = {
  ...{ id: 'v1795860709533', section: 'inventory' as const, at: '2026-11-20T10:11:49.533Z' },
  ...{ by: 'user:ann', reason: 'new customer', etag: EXAMPLE_SECTION.etag, bytes: 53 },
}
export const EXAMPLE_VERSIONS: SectionHistory = { versions: [VERSION], nextCursor: '1795860709533' }
export const EXAMPLE_VERSION: SectionVersion = {
  ...{ ...VERSION, text: EXAMPLE_SECTION.text, before: 'customers: []\n' },
}

const COUNTED = { packets: 48_112, bytes: 61_000_000, packetsPerSecond: 812.5, bitsPerSecond: 8_400_000 }
export const EXAMPLE_INTERFACES: ExporterInterfaces = {
  ...{ address: '192.0.2.1', name: 'edge-1', total: 1, unlistedPackets: 0 },
  interfaces: [
    {
      ...{ index: 512, incoming: COUNTED, outgoing: COUNTED },
      counters: {
        ...{ at: '2026-11-20T10:11:49.533Z', isUp: true, isAdministrativelyUp: true, type: 6 },
        ...{ speedBitsPerSecond: 10_000_000_000, duplex: 'full', inBytes: 4_711_000_000, outBytes: 815_000 },
        ...{ inBitsPerSecond: 8_500_000, outBitsPerSecond: 1200 },
      },
    },
  ],
}

export const EXAMPLE_CONFIGURATION: Configuration = {
  ...{ origin: 'native', file: '/etc/floodwarden.yaml' },
  settings: { networks: ['10.99.0.0/16'], screen: { sort: 'packets' } },
}

const RATES = { packets: [1200, null], bits: [9_600_000, null], flows: [80, null] }

export const EXAMPLE_HISTORY: TrafficHistory = {
  ...{ series: 'network:10.99.0.0/16', from: '2026-11-20T10:00:00.000Z', stepSeconds: 10, points: 2 },
  ...{ incoming: RATES, outgoing: RATES },
}

const SPEEDS = { packets: [34_434, 31_002], bits: [410_000_000, 380_000_000], flows: [1200, 1100] }
const TALLY = { distinct: 1, packets: 812, top: [{ value: '53', share: 1, packets: 812 }] }

export const EXAMPLE_COURSE: Course = {
  attack: EXAMPLE_ATTACK,
  speeds: {
    ...{ from: EXAMPLE_ATTACK.openedAt, stepSeconds: 1, points: 2 },
    average: { ...SPEEDS, crossed: SPEEDS.packets },
    highest: { ...SPEEDS, crossed: SPEEDS.packets },
  },
  limits: [{ limit: 'packets', threshold: 20_000 }],
  moments: [
    { at: EXAMPLE_ATTACK.openedAt, kind: 'opened', text: EXAMPLE_ATTACK.why },
    {
      ...{ at: '2026-11-20T10:11:49.700Z', kind: 'mitigation', mitigationId: EXAMPLE_MITIGATION.id },
      text: `in force: ${EXAMPLE_MITIGATION.does}`,
    },
  ],
  momentsLeftOut: 0,
  isWhole: true,
  tallies: {
    packets: 812,
    of: {
      ...{ sources: TALLY, targets: TALLY, protocols: TALLY, sourcePorts: TALLY, targetPorts: TALLY },
      ...{ lengths: TALLY, tcpFlags: TALLY, fragments: TALLY },
    },
  },
}

export const EXAMPLE_WHAT_IF: WhatIf = {
  ...{ scope: 'all', subject: 'hosts', direction: 'incoming', limit: 'packets', threshold: 10_000 },
  ...{ now: 20_000, source: 'configured for all hosts', looked: 212 },
  ...{ from: '2026-11-20T09:12:00.000Z', to: '2026-11-20T10:12:00.000Z' },
  bans: [
    {
      ...{ target: '10.99.1.1', at: EXAMPLE_ATTACK.openedAt, peak: 34_434, isSure: true },
      attackId: EXAMPLE_ATTACK.id,
    },
  ],
  ...{ total: 1, sure: 1, targets: 1 },
  observed: { target: '10.99.1.5', seconds: 3600, p50: 1200, p95: 4100, p99: 5200, highest: 6100 },
  suggested: 10_000,
  cannotKnow: ['Bursts shorter than a second are told as the mean of that second.'],
}

const RATES_NOW = { packets: 34_434, bits: 410_000_000, flows: 1200 }

export const EXAMPLE_NETWORKS: NetworksTraffic = {
  at: '2026-11-20T10:00:00.000Z',
  networks: [{ network: '10.99.0.0/16', incoming: RATES_NOW, outgoing: RATES_NOW }],
}

export const EXAMPLE_HOSTGROUPS: HostgroupsTraffic = {
  at: '2026-11-20T10:00:00.000Z',
  hostgroups: [{ hostgroup: 'web', incoming: RATES_NOW, outgoing: RATES_NOW }],
}

export const EXAMPLE_LIVE: LiveMessage = { kind: 'mitigation-changed', mitigation: EXAMPLE_MITIGATION }

export const EXAMPLE_RULE: RuleView = {
  ...{ id: 'mi7kq3l9-r1', kind: 'filter', state: 'active', target: '10.99.1.1' },
  rule: 'destination 10.99.1.1/32 protocol =udp source-port =123 then discard',
  ...{ action: 'discard', reason: 'ticket 4711', createdAt: '2026-11-20T10:11:49.533Z' },
  ...{ createdBy: 'user:ann', via: 'api', customer: 'acme' },
  ...{ startsAt: '2026-11-20T10:11:49.533Z', endsAt: '2026-11-20T11:11:49.533Z', renews: false },
  ...{ dryRun: false, attackId: 'mi7kq3l9-9000000001' },
}

export const EXAMPLE_RULE_MADE: RuleMade = { outcome: 'created', rule: EXAMPLE_RULE }

export const EXAMPLE_PANIC: Panic = {
  ...{ rules: 3, mitigations: 5, stillHeld: 0, armed: false, liftedBy: 'floodwarden arm' },
}

const MATCHED = { share: 0.97, low: 0.96, high: 0.98, matched: 970, of: 1000 }

export const EXAMPLE_PREVIEW = {
  rule: EXAMPLE_RULE.rule,
  allowed: false,
  refusals: [{ by: 'duplicate-rule', reason: 'rule mi7kq3l9-r1 matches the same' }],
  underAttack: true,
  traffic: {
    ...{ seconds: 42, packets: MATCHED, bits: { ...MATCHED, share: 0.99 } },
    friends: { share: 0, low: 0, high: 0.09, matched: 0, of: 40 },
  },
  routers: [
    {
      ...{ router: 'slx', name: 'Extreme SLX-OS', fit: 'as-is', rule: EXAMPLE_RULE.rule, reasons: [] },
      ...{ note: 'Rates go by steps of 22 kbit/s.', evidence: 'documented' },
    },
  ],
  words: [
    {
      format: 'gobgp',
      text: "gobgp global rib add -a ipv4-flowspec match destination 10.99.1.1/32 protocol '==17' source-port '==123' then discard\n",
    },
  ],
} satisfies RulePreview

export const EXAMPLE_TEMPLATES: Templates = {
  templates: [
    {
      ...{ name: 'web', what: 'a web server' },
      rules: [{ what: 'all fragments', match: { fragment: 'is-fragment+first+last' }, action: 'discard' }],
    },
  ],
}

export const EXAMPLE_PACK: PackMade = {
  results: [
    { what: 'chargen', target: '10.99.0.0/16', outcome: 'created', rule: EXAMPLE_RULE },
    {
      ...{ what: 'GRE', target: '10.99.0.0/16', outcome: 'refused', code: 'duplicate-rule' },
      problem: 'rule mi7kq3l9-r1 matches the same and lasts until 2026-11-20T11:11:49.533Z',
    },
  ],
  made: 1,
}

export const EXAMPLE_PREFERENCES: Preferences = {
  mutedEvents: ['mitigation.expired'],
  quietHours: { from: 22, to: 6 },
}
