// Settings of the numbers for ClickHouse.

import { z } from 'zod'
import { serverSchema } from '#lib/server-address.ts'

const secret = z.string().min(1).max(1024)

const path = z
  .string()
  .startsWith('/', { error: 'expected an absolute path' })
  .meta({ title: 'an absolute path' })
  .optional()

export const clickhouseSchema = z
  .strictObject({
    server: serverSchema.describe('The HTTP interface of ClickHouse, such as 127.0.0.1:8123.'),
    tls: z
      .boolean()
      .default(false)
      .describe('Whether the server is spoken to by HTTPS, whose usual port is 8443.'),
    caFile: path
      .describe('Certificates the server is believed by, PEM. Without it those Node knows.')
      .meta({ examples: ['/etc/floodwarden/clickhouse-ca.pem'] }),
    database: z
      .string()
      .regex(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/, {
        error: 'expected letters, digits and underscores, no digit first',
      })
      .meta({ title: 'letters, digits and underscores, no digit first' })
      .default('fastnetmon')
      .describe('Name of the database. It and its tables are made when they are missing.'),
    user: secret.default('default').describe('Who we are to the server.'),
    password: secret
      .optional()
      .describe('The password in open text; passwordFile is the better place.')
      .meta({ examples: ['secret'] }),
    passwordFile: path
      .describe('File with the password. Read for each push.')
      .meta({ examples: ['/etc/floodwarden/clickhouse-password'] }),
    everySeconds: z.number().min(0.1).max(3600).default(10).describe('Time from push to push.'),
    hosts: z
      .boolean()
      .default(true)
      .describe('Whether the speeds of each host are sent, and not only totals and networks.'),
    history: z
      .boolean()
      .default(true)
      .describe(
        'Whether traffic as it was is read there too, where what we keep ourselves has gaps: hosts beyond the busiest, and ten seconds of days ago.',
      ),
    retentionDays: z
      .int()
      .min(0)
      .max(3650)
      .default(7)
      .describe(
        'New tables forget rows after so many days, if the server knows TTL (ClickHouse 19.6 and later). 0: never.',
      ),
  })
  .describe("Speeds for ClickHouse, in FastNetMon's tables.")

export type ClickhouseConfig = z.infer<typeof clickhouseSchema>
