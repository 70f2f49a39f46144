// Sections of the configuration file that can be read and written over the API, and the settings in force.

import { z } from 'zod'
import { nextCursor, pageInput } from './paging.ts'
import { reloadSchema } from './reload.ts'
import { count, moment, reasonInput } from './values.ts'

export const SECTIONS = ['inventory', 'playbooks', 'hostgroups', 'safelist'] as const
export type SectionName = (typeof SECTIONS)[number]

const value = z.json().describe('As the reference of the configuration describes it.')

export const sectionSchema = z.object({
  section: z.enum(SECTIONS),
  value: value.describe('As it is written, without what was left out; null: nothing is written.'),
  text: z.string().describe('The same as YAML, with its comments. Empty: nothing is written.'),
  etag: z.string().describe('Of this value, also in the header ETag; a change sends it as If-Match.'),
  origin: z
    .enum(['defaults', 'native', 'fastnetmon', 'prefixd'])
    .describe('Kind of configuration; only a native one can be written.'),
  file: z.string().optional(),
})

const TEXT_CHARACTERS_MAX = 1_048_576

const written = {
  value: z.json().optional().describe('As the reference of the configuration describes it; null: nothing.'),
  text: z
    .string()
    .max(TEXT_CHARACTERS_MAX)
    .optional()
    .describe('The same as YAML, in place of value; its comments are kept. Empty: nothing.'),
}

function oneForm(
  { value: asked, text }: { readonly value?: unknown; readonly text?: string | undefined },
  context: z.RefinementCtx,
): void {
  if ((asked === undefined) === (text === undefined))
    context.addIssue({ code: 'custom', path: ['value'], message: 'expected value or text' })
}

/** Replaces the section as a whole. */
export const sectionInput = z.strictObject({ ...written, reason: reasonInput }).superRefine(oneForm)

export const sectionCheckInput = z
  .strictObject({ section: z.enum(SECTIONS), ...written })
  .superRefine(oneForm)

export const sectionCheckSchema = z
  .object({
    section: z.enum(SECTIONS),
    verdict: z.enum(['accepted', 'refused', 'unchanged']),
    value: value.describe('What was asked for; null: nothing, or it cannot be read.'),
    text: z.string().describe('The same as YAML, as it was asked for; lines of problems are its own.'),
    after: z
      .string()
      .optional()
      .describe('What would be written, with the comments that are kept. Missing: refused.'),
    before: z.string().describe('What is written now, as YAML.'),
    etag: z.string().describe('Of what is written now.'),
    problems: z.array(
      z.object({
        severity: z.enum(['error', 'warning', 'notice']),
        at: z.string().describe('The setting, such as inventory.customers[0].id.'),
        problem: z.string(),
        line: count.optional().describe('In the text that was asked for, from 1.'),
        column: count.optional(),
      }),
    ),
  })
  .describe('What would come of writing a section. Nothing is written.')

const versionFacts = {
  id: z.string(),
  section: z.enum(SECTIONS),
  at: moment.describe('When it was written; of what was found in the file, when it was found.'),
  by: z.string().describe('As the audit calls whoever wrote it; file: it was written into the file by hand.'),
  reason: z.string().optional(),
  etag: z.string(),
  bytes: count.describe('Of its text.'),
}

export const sectionHistoryInput = z.strictObject({
  section: z.enum(SECTIONS).optional().describe('Missing: of all.'),
  ...pageInput,
})
export const sectionHistorySchema = z.object({
  versions: z.array(z.object(versionFacts)).describe('Newest first.'),
  nextCursor,
})
export const sectionVersionInput = z.strictObject({ id: z.string().min(1).max(80) })
export const sectionVersionSchema = z
  .object({
    ...versionFacts,
    text: z.string().describe('As YAML. Empty: nothing was written.'),
    before: z.string().optional().describe('The text of the version before; missing: none is kept.'),
  })
  .describe('A section as it was once.')

const name = z.string().min(1).max(128)

/** By their keys: ids of customers and POPs, names of playbooks and hostgroups, prefixes of the safelist. */
export const sectionChangeInput = z.strictObject({
  put: z
    .json()
    .optional()
    .describe('Entries to add, or to put in place of those of the same key, shaped as the section is.'),
  remove: z
    .union([z.array(name).max(65_536), z.record(name, z.array(name).max(65_536))])
    .optional()
    .describe('Keys of entries to take out; of the inventory by list: {"customers": ["acme"]}.'),
  reason: reasonInput,
})

export const sectionWrittenSchema = z.object({
  section: z.enum(SECTIONS),
  value,
  etag: z.string(),
  backup: z.string().optional().describe('The file as it was before. Missing: nothing was written.'),
  reload: reloadSchema.optional().describe('What came of it. Missing: nothing was written.'),
})

export const configurationSchema = z.object({
  origin: sectionSchema.shape.origin,
  file: z.string().optional(),
  settings: z
    .record(z.string(), z.json())
    .describe('All settings in force, with defaults; secrets are shown as "(secret)".'),
})

export type SectionView = z.infer<typeof sectionSchema>
export type SectionRequest = z.infer<typeof sectionInput>
export type SectionCheckRequest = z.infer<typeof sectionCheckInput>
export type SectionCheck = z.infer<typeof sectionCheckSchema>
export type SectionHistoryQuery = z.infer<typeof sectionHistoryInput>
export type SectionHistory = z.infer<typeof sectionHistorySchema>
export type SectionVersion = z.infer<typeof sectionVersionSchema>
export type SectionChange = z.infer<typeof sectionChangeInput>
export type SectionWritten = z.infer<typeof sectionWrittenSchema>
export type Configuration = z.infer<typeof configurationSchema>
