// The JSON Schemas of the native configuration, for editors that complete and check YAML, of the JSON report, and of what is
// distilled.

import { z } from 'zod'
import { DISTILLED_SCHEMA, distilledSchema } from '#5-evidence/distill/distilled-json.ts'
import { REPORT_SCHEMA, reportSchema } from '#5-evidence/report-json.ts'
import { configSchema } from '#app/config/config.ts'
import { jsonSchemaOf } from '#lib/schema/settings.ts'

export function jsonSchemaText(): string {
  const schema = allowEmptySections(jsonSchemaOf(configSchema))
  const titled = { $schema: '', title: 'Floodwarden configuration', ...(isTree(schema) ? schema : {}) }
  return `${JSON.stringify(titled, null, 2)}\n`
}

/** What a script reads on standard input with `report: json`, and what the API answers about an attack. */
export function reportSchemaText(): string {
  const schema = z.toJSONSchema(reportSchema, { io: 'output' })
  return `${JSON.stringify({ $schema: '', title: REPORT_SCHEMA, ...schema }, null, 2)}\n`
}

/** What `floodwarden distill --format json` prints. */
export function distilledSchemaText(): string {
  const schema = z.toJSONSchema(distilledSchema, { io: 'output' })
  return `${JSON.stringify({ $schema: '', title: DISTILLED_SCHEMA, ...schema }, null, 2)}\n`
}

/** A section whose keys are all commented out is null in YAML, and Floodwarden takes it for an empty one. */
function allowEmptySections(shape: unknown): unknown {
  if (Array.isArray(shape)) return shape.map(allowEmptySections)
  if (!isTree(shape)) return shape
  const entries = Object.entries(shape).map(([key, value]) => [key, allowEmptySections(value)])
  const copy: Record<string, unknown> = Object.fromEntries(entries)
  const mayBeEmpty =
    copy['type'] === 'object' && copy['required'] === undefined && copy['$schema'] === undefined
  return mayBeEmpty ? { ...copy, type: ['object', 'null'] } : copy
}

const isTree = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
