// Settings of the numbers for OpenTelemetry.

import { z } from 'zod'

const path = z
  .string()
  .startsWith('/', { error: 'expected an absolute path' })
  .meta({ title: 'an absolute path' })
  .optional()

const expected =
  'an http or https URL without user and password such as http://127.0.0.1:4318/v1/metrics, or off'

export const otlpSchema = z
  .strictObject({
    url: z
      .string()
      .refine(text => text === 'off' || otlpUrl(text) !== undefined, { error: `expected ${expected}` })
      .meta({ title: expected })
      .default('off')
      .describe('Where metrics are posted by OTLP/HTTP as JSON, with the whole path.'),
    caFile: path
      .describe('Certificates the server is believed by, PEM. Without it those Node knows.')
      .meta({ examples: ['/etc/floodwarden/otlp-ca.pem'] }),
    headersFile: path
      .describe(
        'File with headers for each request, a line each, such as "Authorization: Bearer ...". Read for each push.',
      )
      .meta({ examples: ['/etc/floodwarden/otlp-headers'] }),
    everySeconds: z.number().min(1).max(3600).default(60).describe('Time from push to push.'),
    instance: z
      .string()
      .max(200)
      .optional()
      .describe('The resource attribute service.instance.id. Without it the name of this machine.')
      .meta({ examples: ['ams1-detector'] }),
  })
  .describe('All metrics for an OpenTelemetry collector.')

export type OtlpConfig = z.infer<typeof otlpSchema>

/** `undefined` when the text is none we can post to. */
export function otlpUrl(text: string): URL | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const isUsable =
    url !== undefined && /^https?:$/.test(url.protocol) && url.username === '' && url.password === ''
  return isUsable ? url : undefined
}

/** The server as it is shown: a query may hold a key. */
export const otlpServerText = ({ origin, pathname }: URL): string => `${origin}${pathname}`
