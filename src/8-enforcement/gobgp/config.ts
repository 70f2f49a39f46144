// Settings of the GoBGP client.

import { z } from 'zod'
import { parseListenAddress } from '#lib/listen-address.ts'
import { announcementSettings, deadlineSeconds } from '../bgp/config.ts'

export const gobgpSchema = z
  .strictObject({
    address: z
      .string()
      .refine(text => (parseListenAddress(text)?.port ?? 0) > 0, {
        error: 'expected an address and port such as 127.0.0.1:50051',
      })
      .meta({ title: 'an address and port' })
      .default('127.0.0.1:50051')
      .describe(
        'The gRPC port of gobgpd. It has no authentication: keep it on the loopback or in a management network.',
      ),
    ...announcementSettings,
    deadlineSeconds,
    reconcileSeconds: z
      .number()
      .min(1)
      .max(3600)
      .default(10)
      .describe('So often gobgpd is asked which of our routes it holds; what is missing is announced again.'),
  })
  .describe('Announcements by gobgpd, through its gRPC interface.')

export type GobgpConfig = z.infer<typeof gobgpSchema>
