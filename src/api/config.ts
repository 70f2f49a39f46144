// Settings of the API on the network: where it listens, who may ask, and how much.

import { z } from 'zod'
import { parseListenAddress } from '#lib/listen-address.ts'
import { accessSchema, originSetting } from './access/config.ts'

const address = z
  .string()
  .refine(text => parseListenAddress(text) !== undefined, {
    error: 'expected ADDRESS:PORT such as 127.0.0.1:8080 or [::1]:8080',
  })
  .meta({ title: 'ADDRESS:PORT such as 127.0.0.1:8080' })

const file = (what: string) =>
  z
    .string()
    .startsWith('/', { error: 'expected an absolute path' })
    .meta({ title: 'an absolute path' })
    .describe(what)

const tlsSchema = z
  .strictObject({
    certificate: file('The certificate with its chain, PEM.').meta({
      examples: ['/etc/floodwarden/tls/fullchain.pem'],
    }),
    key: file('Its key, PEM; readable by its owner alone.').meta({
      examples: ['/etc/floodwarden/tls/key.pem'],
    }),
    clientAuthority: file(
      'Whose client certificates are taken, PEM. Missing: none are asked for.',
    ).optional(),
  })
  .describe('Served by TLS directly. Both files are read again when they change.')

export const apiSchema = z
  .strictObject({
    listen: z
      .union([z.literal('off'), address, z.array(address).min(1).max(16)])
      .default('127.0.0.1:8080')
      .describe('Where programs, people and prefixd clients ask. off: on the control socket alone.')
      .meta({ examples: [['127.0.0.1:8080', '[::1]:8080']] }),
    tls: tlsSchema.optional(),
    access: accessSchema.prefault({}),
    console: z.boolean().default(true).describe('The web console is served at / wherever the API listens.'),
    corsOrigin: originSetting
      .optional()
      .describe(
        'Pages of this one other origin may ask (CORS), with the cookie of their user when it is of the same site. Missing: none may.',
      )
      .meta({ examples: ['https://console.example.org'] }),
    bodyBytesMax: z
      .int()
      .min(1024)
      .max(64 << 20)
      .default(1 << 20)
      .describe('A larger body is refused with 413.'),
    connectionsMax: z.int().min(1).max(100_000).default(2048).describe('More at a time are closed at once.'),
    requestSeconds: z
      .number()
      .min(1)
      .max(300)
      .default(15)
      .describe('A request that takes longer to arrive whole is cut off.'),
  })
  .describe('The API on the network.')

export type ApiConfig = z.infer<typeof apiSchema>
