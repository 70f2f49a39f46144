// What receiving flow telemetry counts: per socket, and per exporter for the busiest of them.

import type { MetricDeclaration } from '#lib/metrics/metric.ts'

const listener = ['listen', 'worker'] as const
const exporter = ['exporter'] as const

export const TELEMETRY_METRICS = {
  datagrams: {
    name: 'floodwarden_telemetry_datagrams_total',
    kind: 'counter',
    help: 'Datagrams of flow telemetry that were read.',
    labels: listener,
  },
  dropped: {
    name: 'floodwarden_telemetry_dropped_datagrams_total',
    kind: 'counter',
    help: 'Datagrams the kernel dropped because the queue of the socket was full: we were too slow.',
    labels: listener,
  },
  queued: {
    name: 'floodwarden_telemetry_queued_bytes',
    kind: 'gauge',
    help: 'What waits in the queue of the socket.',
    labels: listener,
  },
  stray: {
    name: 'floodwarden_telemetry_stray_datagrams_total',
    kind: 'counter',
    help: 'Datagrams of no protocol we know, from addresses that never sent another one.',
    labels: listener,
  },
  refused: {
    name: 'floodwarden_telemetry_refused_datagrams_total',
    kind: 'counter',
    help: 'Datagrams that were not decoded: their exporter is not in the list (unlisted), or beyond telemetry.exportersMax (overflow).',
    labels: ['why'],
  },
  listening: {
    name: 'floodwarden_telemetry_listening',
    kind: 'gauge',
    help: '1 while the socket is open, else 0.',
    labels: listener,
  },
  exporters: {
    name: 'floodwarden_telemetry_exporters',
    kind: 'gauge',
    help: 'Exporters that are listened to.',
    labels: [],
  },
  connections: {
    name: 'floodwarden_telemetry_connections',
    kind: 'gauge',
    help: 'Connections of exporters that are open (IPFIX over TCP).',
    labels: listener,
  },
  closedConnections: {
    name: 'floodwarden_telemetry_closed_connections_total',
    kind: 'counter',
    help: 'Connections that we closed: the exporter is not in the list (unlisted), there were too many (overflow), it sent something else than IPFIX (malformed), or nothing for ten minutes (idle).',
    labels: [...listener, 'why'],
  },
  unkept: {
    name: 'floodwarden_telemetry_unkept_exporters',
    kind: 'gauge',
    help: 'Exporters whose templates and rates found no room in exporters.json when it was last written: a restart waits for them.',
    labels: [],
  },
  beyond: {
    name: 'floodwarden_telemetry_beyond_packets_total',
    kind: 'counter',
    help: 'Packets of flows that lasted longer than telemetry.spreadSeconds, too long ago to count now.',
    labels: [],
  },
  spreadLines: {
    name: 'floodwarden_telemetry_spread_lines',
    kind: 'gauge',
    help: 'Hosts and classes whose records are being spread over the time they lasted.',
    labels: [],
  },
  spreadRefused: {
    name: 'floodwarden_telemetry_spread_refused_records_total',
    kind: 'counter',
    help: 'Records that were counted at once, because too many hosts had records to spread.',
    labels: [],
  },
  spreadLost: {
    name: 'floodwarden_telemetry_spread_lost_lines_total',
    kind: 'counter',
    help: 'Hosts that lost their place in the tables before all of their records was counted.',
    labels: [],
  },
  exporterDatagrams: {
    name: 'floodwarden_exporter_datagrams_total',
    kind: 'counter',
    help: 'Datagrams by exporter; those beyond the 256 busiest exporters together as "other".',
    labels: exporter,
  },
  exporterRecords: {
    name: 'floodwarden_exporter_records_total',
    kind: 'counter',
    help: 'Records of flows and samples of packets by exporter.',
    labels: exporter,
  },
  exporterMalformed: {
    name: 'floodwarden_exporter_malformed_total',
    kind: 'counter',
    help: 'Datagrams and parts of them that cannot be, by exporter.',
    labels: exporter,
  },
  exporterLostDatagrams: {
    name: 'floodwarden_exporter_lost_datagrams',
    kind: 'gauge',
    help: 'Datagrams that are missing by their sequence numbers; falls when one comes late.',
    labels: exporter,
  },
  exporterLostRecords: {
    name: 'floodwarden_exporter_lost_records',
    kind: 'gauge',
    help: 'Records that are missing by their sequence numbers; falls when some come late.',
    labels: exporter,
  },
  exporterUnknownTemplates: {
    name: 'floodwarden_exporter_unknown_template_sets_total',
    kind: 'counter',
    help: 'Sets of data whose template was not known when they came, by exporter.',
    labels: exporter,
  },
  exporterTemplates: {
    name: 'floodwarden_exporter_templates',
    kind: 'gauge',
    help: 'Templates held, by exporter.',
    labels: exporter,
  },
  exporterSilent: {
    name: 'floodwarden_exporter_silent_seconds',
    kind: 'gauge',
    help: 'Since the exporter was last heard; of "other" the one heard last.',
    labels: exporter,
  },
} as const satisfies Record<string, MetricDeclaration>

/** All of them, as the registry and the reference pages take them. */
export const METRICS: readonly MetricDeclaration[] = Object.values(TELEMETRY_METRICS)
