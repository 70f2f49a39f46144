// Settings of the traffic screen: what it shows before somebody presses a key.

import { z } from 'zod'

const path = z
  .string()
  .startsWith('/', { error: 'expected an absolute path' })
  .meta({ title: 'an absolute path' })
  .optional()

const filesSchema = z
  .strictObject({
    ipv4: path
      .describe('The file of the IPv4 screen, drawn anew as often as the screen. Without it there is none.')
      .meta({ examples: ['/tmp/fastnetmon.dat'] }),
    ipv6: path
      .describe('The file of the IPv6 screen. Without it there is none.')
      .meta({ examples: ['/tmp/fastnetmon_ipv6.dat'] }),
  })
  .describe('The screen as files in the form of FastNetMon, for its console client and for scripts.')

export const screenSchema = z
  .strictObject({
    sort: z
      .enum(['packets', 'bytes', 'flows'])
      .default('packets')
      .describe('What the lists of hosts are sorted by.'),
    rows: z.int().min(1).max(1000).default(7).describe('Hosts in each list.'),
    redrawSeconds: z.number().min(0.1).max(60).default(1).describe('The screen is drawn anew after so long.'),
    files: filesSchema.prefault({}),
  })
  .describe('The traffic screen, and what top shows at first.')

export type ScreenConfig = z.infer<typeof screenSchema>
