// Settings of the state: where it is kept, and for how long.

import { z } from 'zod'

const bounds = (days: number, rows: number, what: string) =>
  z
    .strictObject({
      days: z.number().min(0.01).max(36_500).default(days).describe('Older ones are deleted.'),
      rows: z
        .int()
        .min(100)
        .max(100_000_000)
        .default(rows)
        .describe('Of more than so many the oldest are deleted.'),
    })
    .prefault({})
    .describe(what)

const postgresSchema = z
  .strictObject({
    url: z
      .string()
      .max(1024)
      .optional()
      .describe('Where the database is, without a password; with one it is refused.')
      .meta({ examples: ['postgresql:///floodwarden?host=/var/run/postgresql'] }),
    urlFile: z
      .string()
      .startsWith('/', { error: 'expected an absolute path' })
      .meta({ title: 'an absolute path' })
      .optional()
      .describe('File with the address of the database, password and all. Read for each connection.')
      .meta({ examples: ['/etc/floodwarden/postgres-url'] }),
    urlEnv: z
      .string()
      .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, { error: 'expected the name of an environment variable' })
      .optional()
      .describe('Name of an environment variable that holds the address.')
      .meta({ examples: ['FLOODWARDEN_POSTGRES_URL'] }),
  })
  .describe('PostgreSQL instead of a file: one of url, urlFile and urlEnv.')

export const storeSchema = z
  .strictObject({
    postgres: postgresSchema.optional(),
    retention: z
      .strictObject({
        events: bounds(30, 200_000, 'Reports of foreign detectors.'),
        attacks: bounds(365, 20_000, 'Attacks that are over.'),
        audit: bounds(365, 200_000, 'Who did what; a checkpoint of what was deleted stays.'),
      })
      .prefault({})
      .describe('How long things are kept that only tell what was.'),
  })
  .describe(
    'The state that survives a restart. Without postgres it is the file state.db in the state directory.',
  )

export type StoreConfig = z.infer<typeof storeSchema>

/** What an empty configuration means. */
export const DEFAULT_STORE: StoreConfig = storeSchema.parse({})
