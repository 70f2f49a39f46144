// Settings of DDPS's API, offered here.

import { z } from 'zod'
import { parseListenAddress } from '#lib/listen-address.ts'
import { DDPS_ACTIONS, readAction } from '../words.ts'

const HOUR_MINUTES = 60

export const ddpsApiSchema = z
  .strictObject({
    enabled: z
      .boolean()
      .default(false)
      .describe('Whether it is served wherever the API listens: /signin, /addrule, /refresh and /rules.'),
    listen: z
      .string()
      .refine(text => text === 'off' || parseListenAddress(text) !== undefined, {
        error: 'expected off, or an address and port such as 127.0.0.1:9990',
      })
      .meta({ title: 'off, or an address and port' })
      .default('off')
      .describe(
        'An address of its own, where nothing else is served. On a loopback address it is plain HTTP, for a proxy that brings TLS; elsewhere it takes the TLS of the API.',
      )
      .meta({ examples: ['127.0.0.1:9990'] }),
    tokenMinutes: z
      .int()
      .min(1)
      .max(24 * HOUR_MINUTES)
      .default(10)
      .describe('A token ends so long after the sign-in.'),
    actions: z
      .array(
        z
          .string()
          .refine(text => readAction(text) !== undefined, {
            error: 'expected accept, discard, or rate-limit with bytes per second such as rate-limit 9600',
          })
          .meta({ title: 'accept, discard or rate-limit BYTES_PER_SECOND' }),
      )
      .min(1)
      .max(100)
      .default([...DDPS_ACTIONS])
      .describe('Actions that a rule may ask for. accept: the rule is shown and not announced.'),
  })
  .describe(
    "DDPS's API, for its clients: people and scripts who sign in with a name and a password and send rules.",
  )

export type DdpsApiConfig = z.infer<typeof ddpsApiSchema>
