// The archive of a backup: lines of JSON, compressed by gzip. The first says what it is, the last how many rows there are
// and the SHA-256 of all before it; between them the configuration and the rows of each table.
//
// It knows nothing of the back end it came from: what was saved from SQLite goes into PostgreSQL and the other way.

import { z } from 'zod'
import type { Tables } from './tables.ts'

/** Raised when a reader of the version before would read the archive wrongly. */
export const ARCHIVE_VERSION = 1

export const headSchema = z.object({
  archive: z.literal('floodwarden'),
  version: z.int().min(1),
  /** Of the tables. */
  schema: z.int().min(1),
  program: z.string(),
  backEnd: z.string(),
  /** When it was made, ISO 8601. */
  at: z.string(),
})
export type ArchiveHead = z.infer<typeof headSchema>

export const configSchema = z.object({ file: z.string(), text: z.string() })
/** The operator's configuration as it was written, with what secrets he wrote into it. */
export type ArchivedConfig = z.infer<typeof configSchema>

export const endSchema = z.object({ rows: z.int().nonnegative(), sha256: z.string() })

type Column = 'text' | 'number' | 'bytes'
export type ArchivedTable =
  | 'attacks'
  | 'mitigations'
  | 'audit_chain'
  | 'marks'
  | 'events'
  | 'past_attacks'
  | 'past_mitigations'
  | 'documents'
  | 'learned'
  | 'limit_samples'
  | 'traffic_days'
  | 'set_aside'

interface Layout {
  /** Rows are read in the order of this column, or page by page in the order of several. */
  readonly key: string | readonly [string, string]
  readonly columns: Readonly<Record<string, Column>>
}

const body = { body: 'text' } as const

export const LAYOUT: Readonly<Record<ArchivedTable, Layout>> = {
  attacks: {
    key: 'id',
    columns: {
      ...{ id: 'text', state: 'text', host: 'text', opened_at: 'number', boot: 'text' },
      ...{ opened_uptime: 'number', ...body },
    },
  },
  mitigations: {
    key: 'id',
    columns: {
      ...{ id: 'text', attack_id: 'text', state: 'text', enforcer: 'text', expires_at: 'number', ...body },
    },
  },
  audit_chain: {
    key: 'sequence',
    columns: {
      ...{ sequence: 'number', at: 'number', who: 'text', what: 'text', target: 'text', outcome: 'text' },
      ...{ ...body, hash: 'text' },
    },
  },
  marks: { key: 'name', columns: { name: 'text', sequence: 'number', hash: 'text', at: 'number' } },
  events: {
    key: 'number',
    columns: {
      ...{ number: 'number', id: 'text', source: 'text', external_id: 'text', at: 'number' },
      ...{ host: 'text', outcome: 'text', attack_id: 'text', ...body },
    },
  },
  past_attacks: {
    key: 'number',
    columns: { number: 'number', id: 'text', host: 'text', opened_at: 'number', at: 'number', ...body },
  },
  past_mitigations: {
    key: 'number',
    columns: {
      ...{ number: 'number', id: 'text', attack_id: 'text', created_at: 'number', at: 'number', ...body },
    },
  },
  documents: { key: ['kind', 'id'], columns: { kind: 'text', id: 'text', ...body } },
  learned: { key: 'key', columns: { key: 'text', value: 'text' } },
  limit_samples: { key: ['scope', 'hour'], columns: { scope: 'text', hour: 'number', body: 'bytes' } },
  traffic_days: { key: ['series', 'day'], columns: { series: 'text', day: 'number', body: 'bytes' } },
  set_aside: {
    key: 'number',
    columns: {
      ...{ number: 'number', at: 'number', aggregate: 'text', id: 'text', ...body, problem: 'text' },
    },
  },
} satisfies Record<ArchivedTable, Layout> & Partial<Record<keyof Tables, Layout>>

export const ARCHIVED_TABLES: readonly ArchivedTable[] = [
  'attacks',
  'mitigations',
  'audit_chain',
  'marks',
  'events',
  'past_attacks',
  'past_mitigations',
  'documents',
  'learned',
  'limit_samples',
  'traffic_days',
  'set_aside',
]

export type Cell = string | number | Uint8Array
export type Row = Readonly<Record<string, Cell>>

/** A row as a line: its table and its cells in the order of the layout, bytes in base64. */
export function lineOfRow(table: ArchivedTable, row: Readonly<Record<string, unknown>>): string {
  const cells = Object.keys(LAYOUT[table].columns).map(name => {
    const cell = row[name]
    return cell instanceof Uint8Array ? Buffer.from(cell).toString('base64') : cell
  })
  return JSON.stringify({ table, cells })
}

const rowSchema = z.object({
  table: z.string(),
  cells: z.array(z.union([z.string(), z.number()])),
})

/** The row of a line; `undefined` when it is none of ours. */
export function rowOfLine(value: unknown): { readonly table: ArchivedTable; readonly row: Row } | undefined {
  const read = rowSchema.safeParse(value).data
  const table = ARCHIVED_TABLES.find(name => name === read?.table)
  if (read === undefined || table === undefined) return undefined
  const columns = Object.entries(LAYOUT[table].columns)
  if (columns.length !== read.cells.length) return undefined
  const row: Record<string, Cell> = {}
  for (const [at, [name, type]] of columns.entries()) {
    const cell = cellOf(type, read.cells[at])
    if (cell === undefined) return undefined
    row[name] = cell
  }
  return { table, row }
}

function cellOf(type: Column, cell: string | number | undefined): Cell | undefined {
  switch (type) {
    case 'number':
      return typeof cell === 'number' ? cell : undefined
    case 'text':
      return typeof cell === 'string' ? cell : undefined
    case 'bytes':
      return typeof cell === 'string' ? Uint8Array.from(Buffer.from(cell, 'base64')) : undefined
  }
}
