// Settings of the numbers for InfluxDB.

import { z } from 'zod'
import { serverSchema } from '#lib/server-address.ts'

const secret = z.string().min(1).max(1024)

export const influxdbSchema = z
  .strictObject({
    server: serverSchema.describe('InfluxDB 1.x, or whatever speaks its /write, such as 127.0.0.1:8086.'),
    tls: z.boolean().default(false).describe('Whether the server is spoken to by HTTPS.'),
    database: z
      .string()
      .min(1)
      .max(256)
      .default('fastnetmon')
      .describe('Name of the database. It must exist.'),
    user: secret
      .optional()
      .describe('Who we are to the server. Without it nobody.')
      .meta({ examples: ['fastnetmon'] }),
    password: secret
      .optional()
      .describe('The password in open text; passwordFile is the better place.')
      .meta({ examples: ['secret'] }),
    passwordFile: z
      .string()
      .startsWith('/', { error: 'expected an absolute path' })
      .meta({ title: 'an absolute path' })
      .optional()
      .describe('File with the password. Read for each push.')
      .meta({ examples: ['/etc/floodwarden/influxdb-password'] }),
    everySeconds: z.number().min(0.1).max(3600).default(10).describe('Time from push to push.'),
    form: z
      .enum(['classic', 'head'])
      .default('classic')
      .describe(
        'Fields. classic: packets, bits and flows, as FastNetMon 1.2.4 sends them. head: by protocol and kind of packet too, as its newest source does.',
      ),
  })
  .describe("Speeds for InfluxDB, in FastNetMon's measurements.")

export type InfluxdbConfig = z.infer<typeof influxdbSchema>
