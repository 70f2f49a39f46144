// Settings of the numbers for Graphite.

import { z } from 'zod'
import { serverSchema } from '#lib/server-address.ts'

export const graphiteSchema = z
  .strictObject({
    server: serverSchema.describe('Where Carbon takes plaintext lines, such as 127.0.0.1:2003.'),
    prefix: z
      .string()
      .regex(/^[A-Za-z0-9_.-]{1,200}$/, { error: 'expected letters, digits, _, - and dots' })
      .default('fastnetmon')
      .describe('What every name begins with, such as fastnetmon.dc1.'),
    everySeconds: z.number().min(0.1).max(3600).default(10).describe('Time from push to push.'),
    form: z
      .enum(['classic', 'head'])
      .default('classic')
      .describe(
        'Names of hosts. classic: hosts.10_0_0_1.incoming.average.pps as FastNetMon 1.2.4 has them. head: without average, as its newest source does.',
      ),
    ipv6: z
      .boolean()
      .default(true)
      .describe(
        'Send IPv6 too, under total_ipv6, networks_ipv6 and hosts_ipv6. FastNetMon sends IPv4 only, as a fastnetmon.conf does here.',
      ),
  })
  .describe('Speeds for Graphite, as lines over TCP.')

export type GraphiteConfig = z.infer<typeof graphiteSchema>
