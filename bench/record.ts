// What a bench prints is recorded too, one line of JSON for each table and gate, when the environment names a file.

import { appendFileSync } from 'node:fs'
import { z } from 'zod'

/** Name of the environment variable with the file's path. */
export const RECORD_VARIABLE = 'FLOODWARDEN_BENCH_RECORD'

const tableSchema = z.strictObject({
  kind: z.literal('table'),
  title: z.string(),
  /** By column; a number that could not be taken is null. */
  rows: z.array(z.record(z.string(), z.union([z.string(), z.number(), z.null()]))),
})
const gateSchema = z.strictObject({
  kind: z.literal('gate'),
  what: z.string(),
  measured: z.string(),
  isMet: z.boolean(),
})
const entrySchema = z.discriminatedUnion('kind', [tableSchema, gateSchema])
export type RecordEntry = z.infer<typeof entrySchema>

/** Adds a table or a gate to the record, if one is kept. */
export function record(entry: RecordEntry): void {
  const file = process.env[RECORD_VARIABLE]
  if (file !== undefined) appendFileSync(file, `${JSON.stringify(entry)}\n`)
}

/** Reads what a bench has recorded. */
export const entriesOf = (text: string): RecordEntry[] =>
  text
    .split('\n')
    .filter(line => line !== '')
    .map(line => entrySchema.parse(JSON.parse(line)))
