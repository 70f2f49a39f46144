// Every key of the files of prefixd (0.10.1 to 0.19) and what becomes of it here.

import { SETTINGS_KEYS } from './key-table-settings.ts'

export const PREFIXD_FILES = ['prefixd.yaml', 'inventory.yaml', 'playbooks.yaml', 'alerting.yaml'] as const
export type PrefixdFile = (typeof PREFIXD_FILES)[number]

/**
 * Honoured: does here what it does there, or what prefixd says that it does. Translated: serves the same end in another
 * way. Kept: read and checked, and where it is written is known; nothing uses it. Not carried: has no effect.
 */
export const KEY_STATES = ['honoured', 'translated', 'kept', 'not-carried'] as const
export type KeyState = (typeof KEY_STATES)[number]

export interface PrefixdKey {
  readonly file: PrefixdFile
  /** With `[]` for elements of lists and `*` for names of the operator: `customers[].prefixes`. */
  readonly key: string
  readonly state: KeyState
  /** The native setting it becomes; empty when there is none. */
  readonly setting: string
  readonly note: string
  /** Not carried, and in prefixd it does something. */
  readonly isMissed: boolean
  /** Not carried, and with this value nobody misses anything. */
  readonly silentAt: unknown
}

type Row = readonly [key: string, state: KeyState, setting: string, note?: string]

const rowsOf = (file: PrefixdFile, rows: readonly Row[]): PrefixdKey[] =>
  rows.map(([key, state, setting, note = '']) => ({
    ...{ file, key, state, setting, note },
    ...{ isMissed: false, silentAt: undefined },
  }))

const SECRET = 'A secret: only where it is written is kept, and it is read there.'

const INVENTORY: readonly Row[] = [
  ['customers[].customer_id', 'honoured', 'inventory.customers[].id'],
  ['customers[].name', 'honoured', 'inventory.customers[].name'],
  [
    'customers[].prefixes',
    'honoured',
    'inventory.customers[].prefixes',
    'The longest prefix decides, not the first. They are also the networks that are watched and may be acted for.',
  ],
  [
    'customers[].policy_profile',
    'honoured',
    'inventory.customers[].escalation',
    'As documented: later steps of a playbook follow after half (strict) or twice (relaxed) their seconds. Nothing that runs in prefixd reads it.',
  ],
  ['customers[].services[].service_id', 'honoured', 'inventory.customers[].services[].id'],
  [
    'customers[].services[].name',
    'honoured',
    'inventory.customers[].services[].name',
    'May be missing, as in the example of prefixd.',
  ],
  [
    'customers[].services[].allowed_ports.udp',
    'translated',
    'inventory.customers[].services[].allowedPorts.udp',
    'As documented: rules leave these ports out while the flood goes to others. prefixd matches just these ports.',
  ],
  [
    'customers[].services[].allowed_ports.tcp',
    'translated',
    'inventory.customers[].services[].allowedPorts.tcp',
    'As documented, see udp.',
  ],
  ['customers[].services[].assets[].ip', 'honoured', 'inventory.customers[].assets[].prefix'],
  [
    'customers[].services[].assets[].range_end',
    'honoured',
    'inventory.customers[].assets[].prefix',
    'As documented: the whole range. prefixd ignores it.',
  ],
  ['customers[].services[].assets[].role', 'honoured', 'inventory.customers[].assets[].role'],
  [
    'customers[].services[].assets[].interface',
    'honoured',
    'inventory.customers[].assets[].interface',
    'Signals that name it are matched by it.',
  ],
]

const PLAYBOOKS: readonly Row[] = [
  ['playbooks[].name', 'honoured', 'playbooks[].name'],
  [
    'playbooks[].match.vector',
    'translated',
    'playbooks[].match.vectors',
    'ack_flood is the vector ack-flood, the others are types. Playbooks for unknown come last, because that type holds ack floods too.',
  ],
  ['playbooks[].match.require_top_ports', 'translated', 'playbooks[].match.requirePorts'],
  [
    'playbooks[].match.source',
    'not-carried',
    '',
    'prefixd documents and ignores it; here playbooks[].match.sources does it.',
  ],
  [
    'playbooks[].match.protocol',
    'not-carried',
    '',
    'prefixd documents and ignores it; the vector has the protocol.',
  ],
  ['playbooks[].steps[].action', 'translated', 'playbooks[].steps[].actions', 'police is rate-limit.'],
  [
    'playbooks[].steps[].rate_bps',
    'honoured',
    'playbooks[].steps[].actions[].bitsPerSecond',
    'Of a discard it is ignored, as in prefixd.',
  ],
  [
    'playbooks[].steps[].ttl_seconds',
    'honoured',
    'playbooks[].steps[].ttlSeconds',
    '0 is timers.default_ttl_seconds, as in prefixd.',
  ],
  [
    'playbooks[].steps[].require_confidence_at_least',
    'honoured',
    'playbooks[].steps[].escalateAfter.minimumConfidence',
    'As documented: at least escalation.min_confidence. prefixd never escalates.',
  ],
  [
    'playbooks[].steps[].require_persistence_seconds',
    'honoured',
    'playbooks[].steps[].escalateAfter.seconds',
    'As documented, since the attack began: at least escalation.min_persistence_seconds. prefixd never escalates.',
  ],
  [
    'playbooks[].correlation.min_sources',
    'honoured',
    'playbooks[].agreement.minSources',
    'Like all of correlation only while correlation.enabled.',
  ],
  ['playbooks[].correlation.confidence_threshold', 'honoured', 'playbooks[].agreement.threshold'],
  [
    'playbooks[].correlation.confidence_decay_half_life_seconds',
    'honoured',
    'playbooks[].agreement.halfLifeSeconds',
  ],
  [
    'default_playbook',
    'not-carried',
    '',
    'prefixd documents and ignores it; here a last playbook without match does it.',
  ],
]

const ALERTING: readonly Row[] = [
  [
    'destinations[].type',
    'honoured',
    'notify.webhooks.destinations[].type',
    'What is set by PUT /v1/config/alerting counts instead; so for all of it.',
  ],
  ['destinations[].webhook_url', 'honoured', 'notify.webhooks.destinations[].url', SECRET],
  ['destinations[].channel', 'honoured', 'notify.webhooks.destinations[].channel'],
  ['destinations[].bot_token', 'honoured', 'notify.webhooks.destinations[].botToken', SECRET],
  ['destinations[].chat_id', 'honoured', 'notify.webhooks.destinations[].chatId'],
  ['destinations[].routing_key', 'honoured', 'notify.webhooks.destinations[].routingKey', SECRET],
  ['destinations[].events_url', 'honoured', 'notify.webhooks.destinations[].eventsUrl'],
  ['destinations[].api_key', 'honoured', 'notify.webhooks.destinations[].apiKey', SECRET],
  ['destinations[].region', 'honoured', 'notify.webhooks.destinations[].region'],
  ['destinations[].url', 'honoured', 'notify.webhooks.destinations[].url', SECRET],
  ['destinations[].secret', 'honoured', 'notify.webhooks.destinations[].secret', SECRET],
  ['destinations[].headers.*', 'honoured', 'notify.webhooks.destinations[].headers', SECRET],
  ['destinations[].events', 'honoured', 'notify.webhooks.destinations[].events'],
  ['events', 'honoured', 'notify.webhooks.events'],
]

export const PREFIXD_KEYS: readonly PrefixdKey[] = [
  ...SETTINGS_KEYS.map(row => ({
    ...{ file: 'prefixd.yaml' as const, isMissed: false, silentAt: undefined, note: '', setting: '' },
    ...row,
  })),
  ...rowsOf('inventory.yaml', INVENTORY),
  ...rowsOf('playbooks.yaml', PLAYBOOKS),
  ...rowsOf('alerting.yaml', ALERTING),
]
