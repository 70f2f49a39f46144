// What an exporter taught us, as plain values for the disk: without it every restart would wait for templates and rates again.

import { z } from 'zod'
import { TEMPLATE_SET } from './elements/field.ts'
import { EXPORT_PROTOCOL } from './export-protocol.ts'
import type { ExporterState } from './exporter.ts'
import { RATES_MAX, TEMPLATES_MAX } from './join-archives.ts'
import { templateRecordBytes } from './sets.ts'
import { defineTemplate, TEMPLATE_ID_MIN } from './templates.ts'

const { netflow9, ipfixOptions } = TEMPLATE_SET
const DEFINITION_BYTES_MAX = 4200

const word = z.int().min(0).max(0xffff_ffff)

const archiveSchema = z.strictObject({
  templates: z
    .array(
      z.strictObject({
        version: z.int().min(0).max(255),
        domain: word,
        set: z.int().min(netflow9).max(ipfixOptions),
        usedMs: z.number(),
        /** The template record in hexadecimal. */
        definition: z
          .string()
          .regex(/^(?:[0-9a-f]{2})+$/)
          .max(2 * DEFINITION_BYTES_MAX),
      }),
    )
    .max(TEMPLATES_MAX),
  rates: z
    .array(
      z.strictObject({
        version: z.int().min(0).max(255),
        domain: word,
        sampler: z.number(),
        rate: z.number(),
      }),
    )
    .max(RATES_MAX),
})

export type ExporterArchive = z.infer<typeof archiveSchema>

/** The templates and rates of an exporter. Templates too long to be read back are left out. */
export function archiveExporter(exporter: ExporterState): ExporterArchive {
  // What was taught in a connection ends with it.
  const domains = [...exporter.domains.values()].filter(
    ({ version, agent }) => version !== EXPORT_PROTOCOL.ipfix || agent === 0,
  )
  return {
    templates: domains
      .flatMap(({ version, id: domain, templates }) =>
        [...templates.values()].map(({ set, usedMs, definition }) => ({
          version,
          domain,
          set,
          usedMs,
          definition: hexOf(definition),
        })),
      )
      .filter(({ definition }) => definition.length <= 2 * DEFINITION_BYTES_MAX)
      .slice(0, TEMPLATES_MAX),
    rates: domains
      .flatMap(({ version, id: domain, rates }) =>
        [...rates.bySampler].map(([sampler, rate]) => ({ version, domain, sampler, rate })),
      )
      .slice(0, RATES_MAX),
  }
}

/**
 * Teaches an exporter what an archive holds, within its limits and as old as it is. Returns how many templates were
 * taken; undefined when it is no archive, and nothing was changed. Call it before the first datagram.
 */
export function restoreExporter(
  exporter: ExporterState,
  archive: unknown,
  nowMs: number,
): number | undefined {
  const parsed = archiveSchema.safeParse(archive)
  if (!parsed.success) return undefined
  let taken = 0
  for (const { version, domain: id, set, usedMs, definition } of parsed.data.templates) {
    if (nowMs - usedMs > exporter.limits.templateMs || usedMs > nowMs) continue
    const view = viewOf(definition)
    const bytes = templateRecordBytes(view, 0, view.byteLength, set)
    if (bytes !== view.byteLength || view.getUint16(0) < TEMPLATE_ID_MIN) continue
    const domain = exporter.domain(version, id, nowMs)
    if (domain !== undefined && defineTemplate(domain, view, 0, bytes, set, usedMs) !== undefined) taken++
  }
  for (const { version, domain: id, sampler, rate } of parsed.data.rates) {
    exporter.domain(version, id, nowMs)?.rates.learn(sampler, rate)
  }
  return taken
}

const hexOf = (bytes: Uint8Array): string =>
  Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('')

function viewOf(hex: string): DataView {
  const bytes = new Uint8Array(hex.length / 2)
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16)
  return new DataView(bytes.buffer)
}
