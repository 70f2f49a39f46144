// What the store counts: how far the disk is behind, and what went wrong with it.

import type { MetricDeclaration, MetricValue } from '#lib/metrics/metric.ts'
import { PRUNED, type Pruned } from './retention.ts'
import { SET_ASIDE_TABLES, type SetAsideRow } from './set-aside.ts'

export const METRICS = [
  {
    name: 'floodwarden_store_changes_written_total',
    kind: 'counter',
    help: 'Changes of attacks, mitigations and audit that are on disk.',
  },
  {
    name: 'floodwarden_store_changes_waiting',
    kind: 'gauge',
    help: 'Changes that are not on disk yet: a restart now would not know them.',
  },
  {
    name: 'floodwarden_store_behind_seconds',
    kind: 'gauge',
    help: 'Since when changes wait for the disk; 0 when none do.',
  },
  {
    name: 'floodwarden_store_failures_total',
    kind: 'counter',
    help: 'Times the state file or database could not be opened or written; it is tried again.',
  },
  {
    name: 'floodwarden_store_dropped_audit_entries_total',
    kind: 'counter',
    help: 'Audit entries that will not come to the disk because too many waited; the log has them.',
  },
  {
    name: 'floodwarden_store_rows_set_aside_total',
    kind: 'counter',
    help: 'Rows of the state file that could not be read and were moved out of the way.',
    labels: ['table'],
  },
  {
    name: 'floodwarden_store_connections',
    kind: 'gauge',
    help: 'The one connection to the state file or the database: busy while something is asked or written, else idle; both 0 while there is none.',
    labels: ['state'],
  },
  {
    name: 'floodwarden_store_files_replaced_total',
    kind: 'counter',
    help: 'State files that were broken or gone and were replaced by a new one.',
  },
  {
    name: 'floodwarden_store_refused_events_total',
    kind: 'counter',
    help: 'Events of foreign detectors that were refused because too many waited for the disk; their senders were told.',
  },
  {
    name: 'floodwarden_store_dropped_past_attacks_total',
    kind: 'counter',
    help: 'Attacks that are over and will not come into the history because too many waited for the disk; the log has them.',
  },
  {
    name: 'floodwarden_store_rows',
    kind: 'gauge',
    help: 'Rows of events, attacks that are over, and audit that are kept; counted once a minute.',
    labels: ['table'],
  },
  {
    name: 'floodwarden_store_pruned_rows_total',
    kind: 'counter',
    help: 'Rows of events, attacks that are over, and audit that retention deleted.',
    labels: ['table'],
  },
] as const satisfies readonly MetricDeclaration[]

export const setAsideValues = (counts: Readonly<Record<SetAsideRow['table'], number>>): MetricValue[] =>
  SET_ASIDE_TABLES.map(table => ({
    name: 'floodwarden_store_rows_set_aside_total',
    value: counts[table],
    labels: { table },
  }))

/** There is never more than one, to the file or the database. */
export type Connection = 'none' | 'busy' | 'idle'

export const connectionValues = (connection: Connection): MetricValue[] =>
  (['busy', 'idle'] as const).map(state => ({
    name: 'floodwarden_store_connections',
    value: connection === state ? 1 : 0,
    labels: { state },
  }))

export const rowValues = (
  rows: Readonly<Record<Pruned, number>>,
  pruned: Readonly<Record<Pruned, number>>,
): MetricValue[] =>
  PRUNED.flatMap(table => [
    { name: 'floodwarden_store_rows', value: rows[table], labels: { table } },
    { name: 'floodwarden_store_pruned_rows_total', value: pruned[table], labels: { table } },
  ])
