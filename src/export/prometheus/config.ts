// Settings of the Prometheus endpoint.

import { z } from 'zod'
import { parseListenAddress } from '#lib/listen-address.ts'

export const TOP_HOSTS_MAX = 1000
const SORTS = ['packets', 'bytes', 'flows'] as const

export const metricsSchema = z
  .strictObject({
    listen: z
      .string()
      .refine(text => text === 'off' || parseListenAddress(text) !== undefined, {
        error: 'expected ADDRESS:PORT such as 127.0.0.1:9209 or [::1]:9209, or off',
      })
      .meta({ title: 'ADDRESS:PORT such as 127.0.0.1:9209 or [::1]:9209, or off' })
      .default('127.0.0.1:9209')
      .describe('Where Prometheus asks for metrics, at the path /metrics. off: nowhere.'),
    topHosts: z
      .int()
      .min(0)
      .max(TOP_HOSTS_MAX)
      .default(0)
      .describe(
        'So many hosts with the most traffic, of each direction, have metrics of their own. 0: none, because each host that ever was among them is a series where metrics are kept.',
      ),
    topHostsBy: z.enum(SORTS).default('packets').describe('What these hosts are sorted by.'),
  })
  .describe('Numbers for Prometheus.')

export type MetricsConfig = z.infer<typeof metricsSchema>
