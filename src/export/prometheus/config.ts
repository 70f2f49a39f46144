// Settings of the Prometheus endpoint.

import { z } from 'zod'
import { parseListenAddress } from '#lib/listen-address.ts'

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
  })
  .describe('Numbers for Prometheus.')

export type MetricsConfig = z.infer<typeof metricsSchema>
