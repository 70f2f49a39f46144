// Settings of requests to addresses that people configure.

import { z } from 'zod'

export const outgoingSchema = z
  .strictObject({
    allow: z
      .array(
        z.string().regex(/^[A-Za-z0-9.:/_-]{1,253}$/, { error: 'expected a host, an address or a prefix' }),
      )
      .max(256)
      .default([])
      .describe(
        'Hosts and prefixes of our own network that webhooks may reach: a name, an address, or a prefix. All others must be on the Internet.',
      )
      .meta({ examples: [['10.0.0.0/24', 'chat.example.net']] }),
    plainHttp: z
      .boolean()
      .default(false)
      .describe('Whether what is listed under allow may be reached by http:// as well.'),
    timeoutSeconds: z.number().min(1).max(60).default(10).describe('How long a request may take.'),
  })
  .describe('Requests to webhooks.')

export type OutgoingConfig = z.output<typeof outgoingSchema>
