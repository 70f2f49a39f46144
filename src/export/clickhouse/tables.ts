// FastNetMon's tables: their names, columns and types.

import { CLASSES } from '../push/classes.ts'

export interface Table {
  readonly name: string
  /** What a row is about, and what rows are sorted by: `direction`, `network`, `host` or `name`. */
  readonly subject: string
  /** Columns behind the time and the subject, in the order rows are written in. */
  readonly columns: readonly string[]
}

const PAIRED = CLASSES.map(([name]) => name).filter(name => name !== 'dropped')

const sides = (name: string) => [`${name}_incoming`, `${name}_outgoing`]
const OF_CLASSES = PAIRED.flatMap(name => [...sides(`${name}_packets`), ...sides(`${name}_bits`)])

const TOTAL = [
  ...['packets', 'bits', 'flows'],
  ...CLASSES.flatMap(([name]) => [`${name}_packets`, `${name}_bits`]),
]
const NETWORK = [...sides('packets'), ...sides('bits'), ...OF_CLASSES]
const HOST = [...sides('packets'), ...sides('bits'), ...sides('flows'), ...OF_CLASSES]

const table = (name: string, subject: string, columns: readonly string[]): Table => ({
  ...{ name, subject, columns },
})

export const TABLES = {
  total: table('total_metrics', 'direction', TOTAL),
  totalIpv4: table('total_metrics_ipv4', 'direction', TOTAL),
  totalIpv6: table('total_metrics_ipv6', 'direction', TOTAL),
  network: table('network_metrics', 'network', NETWORK),
  networkIpv6: table('network_metrics_ipv6', 'network', NETWORK),
  host: table('host_metrics', 'host', HOST),
  hostIpv6: table('host_metrics_ipv6', 'host', HOST),
  system: table('system_metrics', 'name', ['type', 'value']),
} as const

/** Makes the table unless it is there. The date is of the server's time zone; a TTL of 0 days is none. */
export function createStatement(
  database: string,
  { name, subject, columns }: Table,
  ttlDays: number,
): string {
  const numbers = columns.map(column => `${column} ${column === 'type' ? 'String' : 'UInt64'}`)
  const all = [
    'metricDate Date DEFAULT toDate(metricDateTime)',
    'metricDateTime DateTime',
    `${subject} String`,
    ...numbers,
    'schema_version UInt8 DEFAULT 0',
  ]
  const ttl = ttlDays === 0 ? '' : ` TTL metricDate + toIntervalDay(${ttlDays})`
  return `CREATE TABLE IF NOT EXISTS ${database}.${name} (${all.join(', ')}) ENGINE = MergeTree PARTITION BY metricDate ORDER BY (${subject}, metricDateTime)${ttl} SETTINGS index_granularity = 8192`
}

export const insertStatement = (database: string, { name, subject, columns }: Table): string =>
  `INSERT INTO ${database}.${name} (metricDateTime, ${[subject, ...columns].join(', ')}) FORMAT TabSeparated`
