// Settings of FastNetMon's gRPC interface, offered here.

import { z } from 'zod'
import { parseListenAddress } from '#lib/listen-address.ts'

export const fastnetmonApiSchema = z
  .strictObject({
    listen: z
      .string()
      .refine(text => text === 'off' || parseListenAddress(text) !== undefined, {
        error: 'expected off, or an address and port such as 127.0.0.1:50052',
      })
      .meta({ title: 'off, or an address and port' })
      .default('off')
      .describe(
        'Where the gRPC interface of FastNetMon listens, for fastnetmon_api_client: ban list, ban, unban, totals. It has no authentication, so beyond the loopback everybody who reaches it may ban.',
      )
      .meta({ examples: ['127.0.0.1:50052'] }),
  })
  .describe("FastNetMon's gRPC interface.")
