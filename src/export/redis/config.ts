// Settings of attacks in Redis.

import { z } from 'zod'
import { serverSchema } from '#lib/server-address.ts'

const secret = z.string().min(1).max(1024)

export const redisSchema = z
  .strictObject({
    server: serverSchema.describe('Where Redis is, such as 127.0.0.1:6379.'),
    prefix: z
      .string()
      .max(200)
      .default('')
      .describe('What every key begins with; an underscore is put behind it. Empty: nothing.'),
    database: z.int().min(0).max(65_535).default(0).describe('Number of the database.'),
    user: secret
      .optional()
      .describe('Logs in as this user; without it as the default one, if there is a password.')
      .meta({ examples: ['floodwarden'] }),
    passwordFile: z
      .string()
      .startsWith('/', { error: 'expected an absolute path' })
      .meta({ title: 'an absolute path' })
      .optional()
      .describe('File with the password. Read for each connection.')
      .meta({ examples: ['/etc/floodwarden/redis-password'] }),
    expireSeconds: z
      .int()
      .min(0)
      .max(31_536_000)
      .default(0)
      .describe('Keys go away after so long. 0: never, as with FastNetMon.'),
    prefixes: z
      .boolean()
      .default(false)
      .describe(
        'Write attacks on prefixes, networks and hostgroups too, with the first prefix (10.10.16.0/20) where the address stands.',
      ),
    form: z
      .enum(['classic', 'head'])
      .default('classic')
      .describe(
        'classic: keys as FastNetMon 1.2.4 has them, packets as text. head: packets in the JSON of IP_information, as its newest source does.',
      ),
    waitingMax: z
      .int()
      .min(1)
      .max(100_000)
      .default(1000)
      .describe('Keys that may wait for a server that does not answer; beyond them the oldest are dropped.'),
  })
  .describe('Attacks that are acted on, as keys in Redis.')

export type RedisConfig = z.infer<typeof redisSchema>
