// One example of each answer, for the reference and for tests of whoever shows them.

import type { Arming } from './arming.ts'
import type { Attack, AttackReport } from './attack.ts'
import type { AuditEntry, AuditVerdict } from './audit.ts'
import type { Ban } from './ban.ts'
import type { Explanation } from './explain.ts'
import type { Exporters } from './exporters.ts'
import type { Health } from './health.ts'
import type { LearnedLimit, Limits } from './limits.ts'
import type { Reload } from './reload.ts'
import type { Simulation } from './simulate.ts'
import type { Status } from './status.ts'
import type { Traffic } from './traffic.ts'

const OPENED_AT = '2026-11-20T10:11:49.533Z'
const WHY =
  'incoming packets at 34,434 packets/s went over the general limit of 20,000 packets/s (more than its budget, 0.6 s after the first tick above it)'

export const EXAMPLE_STATUS: Status = {
  version: '0.1.0',
  pid: 4711,
  startedAt: '2026-11-20T08:00:00.000Z',
  uptimeSeconds: 7909,
  mode: 'budget',
  armed: false,
  origin: { kind: 'native', file: '/etc/floodwarden.yaml' },
  stateDirectory: '/var/lib/floodwarden',
  networks: 2,
  capture: [
    { worker: 0, interface: 'eth1', link: 'up', packets: 1_200_345, dropped: 0, droppedPercent: 0 },
    { worker: 1, interface: 'eth2', link: 'down', packets: 8000, dropped: 12, droppedPercent: 0.15 },
  ],
  telemetry: [
    {
      ...{ listen: '0.0.0.0:2055', worker: 0, isListening: true, exporters: 1 },
      ...{ datagrams: 48_112, dropped: 0, records: 1_154_688, lostDatagrams: 3, lostRecords: 0 },
    },
  ],
  enforcers: [
    { name: 'notify-script', actions: ['script'], isVerifiable: false, sessions: [] },
    {
      ...{ name: 'gobgp', actions: ['blackhole', 'divert', 'filter'], isVerifiable: true },
      sessions: [
        {
          ...{ address: '192.0.2.253', asn: 65_001, state: 'established' },
          ...{ since: '2026-11-20T08:00:04.000Z', families: ['ipv4-unicast', 'ipv4-flowspec'] },
        },
      ],
    },
  ],
  packetsReceived: 1_208_345,
  packetsDropped: 12,
  droppedPercent: 0.001,
  exemptPackets: 0,
  hosts: { tracked: 512, evicted: 0, refused: 0 },
  activeAttacks: 1,
  ticks: 79_090,
  warnings: ['eth2 is down'],
}

export const EXAMPLE_ATTACK: Attack = {
  id: 'mi7kq3l9-1',
  host: '10.99.1.1',
  scope: 'host',
  prefixes: ['10.99.1.1/32'],
  family: 4,
  state: 'open',
  origin: 'detected',
  hostgroup: 'global',
  direction: 'incoming',
  type: 'udp_flood',
  protocol: 'udp',
  power: 34_434,
  peak: 40_117,
  openedAt: OPENED_AT,
  banSeconds: 1900,
  isOver: true,
  crossing: {
    limit: 'packets',
    direction: 'incoming',
    value: 34_434,
    threshold: 20_000,
    hostgroup: 'global',
    mode: 'budget',
    overSeconds: 0.6,
  },
  finding: {
    parts: [
      {
        vector: 'dns-amplification',
        share: 0.981,
        reasons: [
          '98 % of the packets and 98 % of the bytes',
          'from UDP port 53 (DNS), mean length 1,254 bytes',
          'payload shows response bit in 100 % of its answers',
          'the host sent no request to that port',
        ],
      },
    ],
    confidence: 0.968,
    packets: 812,
  },
  why: WHY,
  decision:
    'dry run, nothing is done for 10.99.1.1; armed it would be: call /usr/local/bin/notify_about_attack.sh',
  mitigations: [
    {
      id: 'mi7kq3l9-1-1',
      enforcer: 'dry-run',
      action: 'script',
      isDryRun: true,
      state: 'announced',
      does: 'call the script /usr/local/bin/notify',
      reason: 'playbook default, step 1: call the script',
      createdAt: OPENED_AT,
      expiresAt: '2026-11-20T10:43:29.533Z',
      ttlSeconds: 86_400,
      isStanding: false,
    },
  ],
  proposed: {
    at: '2026-11-20T10:11:50.233Z',
    result: 'rules',
    text: 'destination 10.99.1.1/32 protocol =udp source-port =53 packet-length >=1000&<=65535 then discard (takes 98.1 % of 1024 packets seen during the attack and 0.0 % of 611 calm ones)',
    targets: ['10.99.1.1/32'],
    rules: [
      {
        rule: 'destination 10.99.1.1/32 protocol =udp source-port =53 packet-length >=1000&<=65535 then discard',
        attack: { share: 0.981, low: 0.971, high: 0.988, matched: 1005, of: 1024 },
        normal: { share: 0, low: 0, high: 0.006, matched: 0, of: 611 },
        because: ['source-port =53: 98 % of what came during the attack, 0 % of normal traffic'],
      },
    ],
    attack: { share: 0.981, low: 0.971, high: 0.988, matched: 1005, of: 1024 },
    normal: { share: 0, low: 0, high: 0.006, matched: 0, of: 611 },
    alternatives: [
      {
        text: 'protocol =udp source-port =53',
        attack: 0.99,
        normal: 0.11,
        why: 'it takes 11 % of normal traffic',
      },
    ],
  },
}

export const EXAMPLE_BAN: Ban = {
  host: '10.99.1.1',
  scope: 'host',
  prefixes: ['10.99.1.1/32'],
  family: 4,
  attackId: 'mi7kq3l9-1',
  origin: 'detected',
  direction: 'incoming',
  peak: 40_117,
  openedAt: OPENED_AT,
  endsAt: '2026-11-20T10:43:29.533Z',
  why: WHY,
  decision: 'dry run, nothing is done for 10.99.1.1',
}

export const EXAMPLE_TRAFFIC: Traffic = {
  version: '0.1.0',
  mode: 'budget',
  armed: false,
  interfaces: ['eth1', 'eth2'],
  at: '2026-11-20T10:11:52.000Z',
  sort: 'packets',
  limit: 7,
  redrawSeconds: 1,
  incoming: {
    packets: 136_539,
    bits: 218_000_000,
    flows: 49_128,
    hosts: [
      { host: '10.99.1.1', packets: 34_434, bits: 55_000_000, flows: 13_068, banned: true },
      { host: '2001:db8:99::1', packets: 1200, bits: 9_600_000, flows: 12, banned: false },
    ],
  },
  outgoing: {
    packets: 34_147,
    bits: 54_000_000,
    flows: 14_288,
    hosts: [{ host: '10.99.1.5', packets: 34_389, bits: 55_000_000, flows: 11_401, banned: false }],
  },
  internal: { packets: 12, bits: 96_000 },
  other: { packets: 0, bits: 0 },
  packetsReceived: 1_208_345,
  packetsDropped: 12,
  droppedPercent: 0.001,
  exemptPackets: 0,
  unparsedPerSecond: 0,
  calculationMicroseconds: 372,
  bansTotal: 1,
  bans: [
    {
      ...{ host: '10.99.1.1', scope: 'host', prefixes: ['10.99.1.1/32'] },
      ...{ direction: 'incoming', peak: 40_117, openedAt: OPENED_AT },
    },
  ],
}

export const EXAMPLE_SIMULATION: Simulation = {
  host: '10.99.1.1',
  attack: '10.99.1.1, incoming udp_flood: incoming packets at 100,000 packets/s went over the limit',
  moments: [
    {
      ...{ atSeconds: 0, kind: 'dry-run', playbook: 'reflections', step: 'filter', ttlSeconds: 300 },
      actions: [
        'announce by gobgp the rule destination 10.99.1.1/32 protocol =udp source-port =53 then discard',
      ],
      text: 'dry run, nothing is done for 10.99.1.1',
    },
  ],
  rails: [
    { rail: 'whitelist', allowed: true, reason: '10.99.1.1/32 touches none of 0 whitelisted prefixes' },
  ],
}

export const EXAMPLE_ARMING: Arming = {
  armed: false,
  from: 'configuration',
  enforcers: ['notify-script', 'gobgp'],
  changes: [
    {
      host: '10.99.1.1',
      attackId: 'mi7kq3l9-1',
      announce: ['announce 10.99.1.1/32 by gobgp with next hop 192.0.2.66 and 65001:666'],
      withdraw: [],
      refused: [],
    },
  ],
  total: 1,
}

export const EXAMPLE_RELOAD: Reload = {
  at: OPENED_AT,
  changed: ['networks (1 added, 0 removed)', 'policy.bansMax (100 -> 200)'],
  overruled: [],
  needsRestart: ['capture.workers (rings and capture workers are laid out at the start)'],
  endedBans: 1,
  problems: [],
}

export const EXAMPLE_AUDIT: AuditEntry = {
  at: OPENED_AT,
  who: 'uid:1000',
  what: 'withdraw',
  target: '10.99.1.1',
  attackId: 'mi7kq3l9-1',
  mitigationId: 'mi7kq3l9-1-1',
  outcome: 'done',
  reason: 'an operator asked for it',
}

export const EXAMPLE_VERDICT: AuditVerdict = {
  verdict: 'intact',
  entries: 700,
  first: { sequence: 1801, at: OPENED_AT },
  last: { sequence: 2500, at: OPENED_AT },
  checkpoint: { sequence: 1800, at: OPENED_AT },
  hasHeadFile: true,
}

export const EXAMPLE_EXPORTERS: Exporters = {
  listeners: [
    {
      ...{ listen: '0.0.0.0:2055', worker: 0, receiver: 'batch', datagrams: 48_112, dropped: 0 },
      ...{ queueBytes: 33_554_432, queuedBytes: 0, stray: 0 },
    },
  ],
  exporters: [
    {
      ...{ address: '192.0.2.1', name: 'edge-1', site: 'fra', countOnly: 'ingress', lastSeen: OPENED_AT },
      ...{ datagrams: 48_112, records: 1_154_688, counted: 1_154_600, notCounted: 0, malformed: 0 },
      ...{ unknownProtocol: 0, unknownTemplates: 2, waiting: 0, lostSets: 0, templates: 4 },
      ...{ lostDatagrams: 3, lostRecords: 0, rateChanges: 1 },
      domains: [
        {
          ...{ protocol: 'netflow9', id: 7, lastSeen: OPENED_AT, templates: 4 },
          ...{ samplingRate: 1000, samplingRateFrom: 'told', samplers: [{ sampler: 1, samplingRate: 1000 }] },
          ...{ lostDatagrams: 3, lostRecords: 0, late: 0, repeated: 0, restarts: 0 },
          ...{ skewSeconds: 0.4, activeTimeoutSeconds: 60, longestSeconds: 60.1 },
        },
      ],
      looked: {
        ...{ records: 2480, incoming: 1512, outgoing: 902, internal: 3, other: 63 },
        ...{ incomingIngress: 1512, incomingEgress: 0, outgoingIngress: 902, outgoingEgress: 0 },
        ...{ bothWays: 0, alsoFrom: [] },
      },
    },
  ],
  total: 1,
  isRestricted: true,
  refused: [{ address: '198.51.100.9', datagrams: 12 }],
  refusedDatagrams: 12,
  overflowDatagrams: 0,
  beyondPackets: 0,
}

export const EXAMPLE_HEALTH: Health = {
  ok: true,
  checks: [{ name: 'capture', ok: true, detail: 'eth1: 1,200,345 packets' }],
}

export const EXAMPLE_LIMIT: LearnedLimit = {
  place: 'caches/host/incoming/packets',
  ...{ scope: 'caches', subject: 'host', direction: 'incoming', limit: 'packets', state: 'accepted' },
  ...{ suggested: 80_000, accepted: 80_000, now: 80_000 },
  source: 'learned, accepted by uid:0 on 2026-11-20',
  standing: 'applied',
  ...{ typical: 38_214, highest: 51_877, confidence: 0.93 },
  why: '95 % of 166 hours the busiest host had at most 38,214 packets/s, times 2, no minute was above it, 2 hours with attacks are left out',
  decidedAt: OPENED_AT,
  decidedBy: 'uid:0',
}

export const EXAMPLE_LIMITS: Limits = {
  ...{ enabled: true, days: 7, minimumHours: 24 },
  scopes: [
    { name: 'global', kind: 'global', hours: 12.5, excludedHours: 0 },
    { name: 'caches', kind: 'hostgroup', hours: 166, excludedHours: 2 },
  ],
  scopesRefused: 0,
  limits: [EXAMPLE_LIMIT],
  total: 1,
}

export const EXAMPLE_EXPLANATION: Explanation = {
  subject: '10.99.1.5',
  verdict:
    '10.99.1.5 went over its limit of incoming packets 3.4 s ago and has used 1.71 of its budget of 13.80 limit-seconds (suspicion 2 %)',
  now: {
    host: '10.99.1.5',
    mode: 'budget',
    hostgroup: 'global',
    isJudged: true,
    hasTraffic: true,
    incoming: { packets: 30_102, bits: 340_000_000, flows: 9 },
    outgoing: { packets: 15_200, bits: 6_400_000, flows: 9 },
    limits: [
      {
        limit: 'packets',
        direction: 'incoming',
        threshold: 20_000,
        value: 30_102,
        excessSeconds: 1.71,
        overSeconds: 3.4,
        source: 'learned, accepted by uid:0 on 2026-11-20',
      },
    ],
    isSuspect: true,
    budgetSeconds: 13.8,
    suspicion: {
      weight: 0.02,
      packets: 412,
      features: [
        {
          name: 'answers',
          value: 1,
          weight: -0.6,
          reason: '100 % of the packets are of peers the host exchanges packets with both ways',
        },
      ],
    },
    calmSamples: 1024,
    bursts: [
      {
        limit: 'packets',
        direction: 'incoming',
        value: 61_200,
        threshold: 20_000,
        overSeconds: 1.2,
        excessSeconds: 0.82,
        budgetSeconds: 12.1,
        endedAt: OPENED_AT,
        why: 'incoming packets at 61,200 over 20,000 for 1.2 s: burst, tolerated, because 0.82 of a budget of 12.10 limit-seconds was used up, and nothing was known of its packets',
      },
    ],
  },
}

export const EXAMPLE_REPORT: AttackReport = {
  version: 1,
  attack: { id: EXAMPLE_ATTACK.id, host: '10.99.1.1' },
}
