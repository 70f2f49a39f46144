// Settings of a MITIGATOR as an enforcer.

import { z } from 'zod'
import { prefixText } from '#3-traffic/config.ts'

const seconds = (most: number, usual: number) => z.number().min(1).max(most).default(usual)

export const mitigatorSchema = z
  .strictObject({
    server: z
      .string()
      .max(1024)
      .optional()
      .describe('Its address. Missing: there is none.')
      .meta({ title: 'an https URL', examples: ['https://mitigator.example.org'] }),
    user: z
      .string()
      .min(1)
      .max(256)
      .optional()
      .describe('The name of a user there.')
      .meta({ examples: ['floodwarden'] }),
    passwordFile: z
      .string()
      .min(1)
      .max(4096)
      .optional()
      .describe(
        'A file with the password alone, which its owner alone may read. Missing: the environment variable FLOODWARDEN_MITIGATOR_PASSWORD holds it.',
      )
      .meta({ examples: ['/etc/floodwarden/mitigator.password'] }),
    caFile: z
      .string()
      .min(1)
      .max(4096)
      .optional()
      .describe('PEM of an authority that is believed in place of those of the system.')
      .meta({ examples: ['/etc/floodwarden/mitigator-ca.pem'] }),
    verify: z.boolean().default(true).describe('false: whoever answers is believed, and hears the password.'),
    lookup: z
      .enum(['packet', 'off'])
      .default('packet')
      .describe('Whether the server is asked which policy a packet to the attacked host would meet.'),
    policies: z
      .record(prefixText, z.int().min(1).max(999_999_999))
      .default({})
      .describe('Policies by prefix, asked before the server; the longest prefix counts.')
      .meta({ examples: [{ '203.0.113.0/24': 7 }] }),
    fallbackPolicy: z
      .int()
      .min(1)
      .max(999_999_999)
      .optional()
      .describe('The policy of whatever nothing else names. Missing: nothing is switched for it.')
      .meta({ examples: [1] }),
    announces: z
      .boolean()
      .default(false)
      .describe('Whether the BGP diversion of a policy is switched with it.'),
    connectSeconds: seconds(60, 3).describe('A connection stands within this time.'),
    requestSeconds: seconds(300, 30).describe('A request is answered within this time.'),
    retries: z
      .int()
      .min(0)
      .max(10)
      .default(3)
      .describe('So often a request is repeated that was not answered.'),
    checkSeconds: seconds(3600, 60).describe(
      'So often what is not done yet is tried again, and switches of ours are looked at.',
    ),
  })
  .describe('Protection at a MITIGATOR.')

export type MitigatorConfig = z.infer<typeof mitigatorSchema>
