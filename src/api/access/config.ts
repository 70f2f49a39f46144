// Settings of access: how callers say who they are, how long a session lasts, and how much one may ask.

import { z } from 'zod'
import { parsePrefix } from '#lib/ip/prefix.ts'
import { ROLES } from '../contract/access.ts'

export const ACCESS_MODES = ['none', 'bearer', 'credentials', 'mtls', 'hybrid'] as const
export type AccessMode = (typeof ACCESS_MODES)[number]

const ENVIRONMENT_NAME = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/
const HOUR_MINUTES = 60
const YEAR_HOURS = 8760
const DAY_SECONDS = 86_400

const prefix = z
  .string()
  .refine(text => parsePrefix(text) !== undefined, {
    error: 'expected a prefix such as 10.0.0.0/8 or 2001:db8::/32, or an address',
  })
  .meta({ title: 'a prefix or address' })

/** What a browser calls where a page came from (RFC 6454). */
export const originSetting = z
  .string()
  .refine(text => URL.canParse(text) && new URL(text).origin === text, {
    error: 'expected an origin such as https://floodwarden.example.org, without a path',
  })
  .meta({ title: 'an origin such as https://floodwarden.example.org' })

const certificateSchema = z.strictObject({
  name: z
    .string()
    .min(1)
    .max(200)
    .describe('Common name of the certificate, or one of its alternative names (DNS, e-mail, URI, IP).'),
  role: z.enum(ROLES).describe('What its holder may do.'),
  customers: z
    .array(z.string().min(1))
    .min(1)
    .optional()
    .describe('Customers of the inventory to which its holder is confined.'),
  networks: z
    .array(
      z
        .string()
        .refine(text => parsePrefix(text) !== undefined, { error: 'expected a prefix such as 192.0.2.0/24' })
        .meta({ title: 'a prefix such as 192.0.2.0/24' }),
    )
    .min(1)
    .max(1000)
    .optional()
    .describe('Prefixes to which its holder is confined.'),
})

const rateSchema = (perSecond: number, burst: number) =>
  z
    .strictObject({
      perSecond: z
        .number()
        .positive()
        .max(1_000_000)
        .default(perSecond)
        .describe('Requests per second that may go on for ever.'),
      burst: z
        .int()
        .min(1)
        .max(1_000_000)
        .default(burst)
        .describe('Requests that may come at once after a pause.'),
    })
    .prefault({})

const loginsSchema = z
  .strictObject({
    attempts: z
      .int()
      .min(1)
      .max(1000)
      .default(5)
      .describe('So many may fail at once. The next is refused unseen, with the right password too.'),
    everySeconds: z.int().min(1).max(DAY_SECONDS).default(12).describe('One more may be made after so long.'),
  })
  .prefault({})
  .describe(
    'Attempts to log in to one account from one address. As DDPS has it: attempts 2, everySeconds 120.',
  )

export const accessSchema = z
  .strictObject({
    mode: z
      .enum(ACCESS_MODES)
      .default('hybrid')
      .describe(
        'hybrid: tokens, sessions of users and client certificates side by side. bearer: tokens and sessions. credentials: sessions alone, no tokens. mtls: client certificates alone. none: whoever asks is admin; only on a loopback address.',
      ),
    bearerTokenEnv: z
      .string()
      .regex(ENVIRONMENT_NAME, { error: 'expected the name of an environment variable' })
      .optional()
      .describe(
        'Environment variable with a shared bearer token, as prefixd has one: its holder is operator under the name bearer-token.',
      ),
    bearerTokenFile: z
      .string()
      .min(1)
      .optional()
      .describe('The same from a file, which only its owner may read. The variable counts first.'),
    certificates: z
      .array(certificateSchema)
      .max(1000)
      .default([])
      .describe('Roles of client certificates by name.'),
    otherCertificates: z
      .enum(['viewer', 'operator', 'admin', 'refused'])
      .default('viewer')
      .describe('Role of a verified client certificate that is not named.'),
    sessionIdleMinutes: z
      .int()
      .min(1)
      .max(YEAR_HOURS * HOUR_MINUTES)
      .default(8 * HOUR_MINUTES)
      .describe('A session ends when nothing was asked in it for so long.'),
    sessionHours: z
      .int()
      .min(1)
      .max(YEAR_HOURS)
      .default(7 * 24)
      .describe('A session ends so long after its log-in, whatever was asked.'),
    logins: loginsSchema,
    origins: z
      .array(originSetting)
      .max(100)
      .default([])
      .describe('Origins of browsers that are ours besides the one under which we are asked.'),
    trustedProxies: z
      .array(prefix)
      .max(1000)
      .default([])
      .describe('Reverse proxies whose X-Forwarded-For and X-Forwarded-Proto are believed.'),
    // A detector that reports a carpet of ten thousand hosts must not be told to wait.
    perIdentity: rateSchema(5000, 20_000).describe('Requests of one user, token or certificate.'),
    perAddress: rateSchema(50, 200).describe(
      'Requests of one address that do not say who they are, or wrongly.',
    ),
  })
  .superRefine(({ mode, certificates }, context) => {
    const seen = new Set<string>()
    for (const [index, { name }] of certificates.entries()) {
      if (seen.has(name))
        context.addIssue({
          code: 'custom',
          path: ['certificates', index, 'name'],
          message: `${name} has a role already`,
        })
      seen.add(name)
    }
    if (mode !== 'mtls' && mode !== 'hybrid' && certificates.length > 0)
      context.addIssue({
        code: 'custom',
        path: ['certificates'],
        message: `mode ${mode} takes no certificates: expected mode mtls or hybrid, or none listed`,
      })
  })
  .describe('Who may ask over the network.')

export type AccessConfig = z.infer<typeof accessSchema>
