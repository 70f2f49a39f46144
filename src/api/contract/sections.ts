// Sections of the configuration file that can be read and written over the API, and the settings in force.

import { z } from 'zod'
import { reloadSchema } from './reload.ts'

export const SECTIONS = ['inventory', 'playbooks', 'hostgroups', 'safelist'] as const
export type SectionName = (typeof SECTIONS)[number]

const value = z.json().describe('As the reference of the configuration describes it.')

export const sectionSchema = z.object({
  section: z.enum(SECTIONS),
  value: value.describe('As it is written, without what was left out; null: nothing is written.'),
  etag: z.string().describe('Of this value, also in the header ETag; a change sends it as If-Match.'),
  origin: z
    .enum(['defaults', 'native', 'fastnetmon', 'prefixd'])
    .describe('Kind of configuration; only a native one can be written.'),
  file: z.string().optional(),
})

/** Replaces the section as a whole. */
export const sectionInput = z.strictObject({ value })

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
export type SectionChange = z.infer<typeof sectionChangeInput>
export type SectionWritten = z.infer<typeof sectionWrittenSchema>
export type Configuration = z.infer<typeof configurationSchema>
