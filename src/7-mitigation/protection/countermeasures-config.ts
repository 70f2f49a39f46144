// Settings of the countermeasures of a protection profile.

import { z } from 'zod'
import { prefixText } from '#3-traffic/config.ts'
import { USUAL_BLOCK_TIMES } from './block-time.ts'
import { HISTORY_MAX, THRESHOLD_METRICS, USUAL_HISTORY, USUAL_SEVERITY } from './thresholds.ts'

const whole = (least: number, most: number) => z.int().min(least).max(most)
const RATE_MAX = 1_000_000_000
const BITS_MAX = 10_000_000_000_000
const DAY_SECONDS = 86_400

const packetsPerSecond = whole(1, RATE_MAX)
const prefixes = z.array(prefixText).max(250_000)
const ttlSeconds = whole(1, DAY_SECONDS)
  .default(60)
  .describe('A source is blocked for so long, and again with each packet that it sends meanwhile.')

const thresholdSchema = z
  .strictObject({
    metric: z
      .enum(THRESHOLD_METRICS)
      .default('packets')
      .describe('What is measured of all traffic to the profile.'),
    on: z
      .number()
      .positive()
      .max(BITS_MAX)
      .describe('Per second: above it the countermeasure is switched on.')
      .meta({ examples: [50_000] }),
    off: z
      .number()
      .positive()
      .max(BITS_MAX)
      .optional()
      .describe('Per second: below it, it is switched off again. Missing: half of `on`.')
      .meta({ examples: [20_000] }),
    history: whole(1, HISTORY_MAX)
      .default(USUAL_HISTORY)
      .describe('So many measurements are looked at; there is one each second.'),
    severity: whole(1, HISTORY_MAX)
      .default(USUAL_SEVERITY)
      .describe('So many of them have to be above, or below.'),
  })
  .describe(
    'Switches the countermeasure by itself, without an attack: by how much traffic comes to the profile.',
  )

const common = {
  mode: z
    .enum(['on', 'monitor', 'off'])
    .optional()
    .describe(
      'While nobody needs it: on; monitor: what it would drop is counted and passes; off: it stands ready. Missing: lists are on, all else is off.',
    )
    .meta({ examples: ['off'] }),
  threshold: thresholdSchema.optional(),
}
const rates = {
  packetsPerSecond: packetsPerSecond
    .optional()
    .describe('Packets per second.')
    .meta({ examples: [100] }),
  bitsPerSecond: whole(8, BITS_MAX)
    .optional()
    .describe('Bits per second.')
    .meta({ examples: [10_000_000] }),
}
const listed = prefixes.min(1).meta({ examples: [['192.0.2.0/24']] })

const progressiveSchema = z
  .strictObject({
    ratio: z
      .number()
      .min(1)
      .max(100)
      .default(USUAL_BLOCK_TIMES.ratio)
      .describe('Each further block lasts so many times as long as the one before.'),
    trackingSeconds: whole(1, DAY_SECONDS)
      .default(USUAL_BLOCK_TIMES.trackingSeconds)
      .describe('Who stays away for so long after a block begins anew.'),
    maximumSeconds: whole(1, DAY_SECONDS)
      .default(USUAL_BLOCK_TIMES.maximumSeconds)
      .describe('No block lasts longer.'),
  })
  .describe('Whoever is blocked again soon stays blocked longer. Missing: each block lasts ttlSeconds.')

const aclRule = z
  .strictObject({
    verdict: z
      .enum(['pass', 'drop'])
      .describe('pass: the other countermeasures still judge it.')
      .meta({ examples: ['drop'] }),
    match: z
      .string()
      .max(1000)
      .describe('What is matched, as a FlowSpec rule without target and action.')
      .meta({ examples: ['protocol =icmp'] }),
  })
  .describe('The first rule that matches decides.')

const synProxySchema = z.strictObject({
  ...common,
  ports: z
    .array(whole(1, 65_535))
    .max(1000)
    .default([])
    .describe('Ports of the targets. Empty: all.')
    .meta({ examples: [[80, 443]] }),
  mss: whole(536, 65_535)
    .default(1460)
    .describe('Maximum segment size that the targets announce (RFC 9293).'),
  windowScale: whole(0, 14).default(7).describe('Window scale of the targets (RFC 7323).'),
  timestamps: z.boolean().default(true).describe('Whether the targets use TCP timestamps (RFC 7323).'),
  sackPermitted: z
    .boolean()
    .default(true)
    .describe('Whether they permit selective acknowledgements (RFC 2018).'),
  ipv6: z
    .boolean()
    .default(false)
    .describe(
      'IPv6 as well: only where the network card checks the checksum of each packet, for the kernel drops all others.',
    ),
})

const geoSchema = z.strictObject({
  ...common,
  verdict: z
    .enum(['pass', 'drop'])
    .default('drop')
    .describe('drop: these countries do not get in. pass: nobody else does.'),
  countries: z
    .array(z.string().regex(/^[A-Z]{2}$/, 'expected a country code of two capital letters such as DE'))
    .min(1)
    .max(250)
    .describe('Codes of ISO 3166-1.')
    .meta({ examples: [['DE', 'AT']] }),
})

/** What is told: lists, and rules of headers. */
const told = {
  whitelist: z
    .strictObject({ ...common, prefixes: listed.describe('Sources.') })
    .optional()
    .describe('Sources that bypass all others.'),
  blacklist: z
    .strictObject({ ...common, prefixes: listed.describe('Sources.') })
    .optional()
    .describe('Sources that are always dropped.'),
  'temporary-blacklist': z
    .strictObject({ ...common, ttlSeconds, progressive: progressiveSchema.optional() })
    .optional()
    .describe(
      'Sources that are dropped for a time: people, programs and the other countermeasures put them there.',
    ),
  geo: geoSchema.optional().describe('Sources by country; needs protection.geo.database.'),
  'header-sanity': z.strictObject(common).optional().describe('Headers that no honest host sends.'),
  fragments: z
    .strictObject({
      ...common,
      packetsPerSecond: whole(0, RATE_MAX)
        .describe('Fragments that pass; 0: none.')
        .meta({ examples: [100] }),
    })
    .optional()
    .describe('Fragments of IP packets.'),
  acl: z
    .strictObject({
      ...common,
      rules: z
        .array(aclRule)
        .min(1)
        .max(1000)
        .describe('In their order.')
        .meta({ examples: [[{ verdict: 'drop', match: 'protocol =icmp' }]] }),
    })
    .optional()
    .describe('Rules of yours.'),
  filter: z
    .strictObject({
      ...common,
      rules: z
        .array(z.string().max(1000))
        .max(1000)
        .default([])
        .describe('FlowSpec rules with their actions, beside those that are distilled.'),
    })
    .optional()
    .describe('Rules that are distilled from an attack.'),
}

/** What is measured of sources, connections and targets. */
const measured = {
  'source-limit': z
    .strictObject({
      ...{ ...common, ...rates, ttlSeconds },
      per: z
        .enum(['source', 'source-and-target'])
        .default('source')
        .describe('What is measured: all that a source sends to the profile, or to each target.'),
    })
    .optional()
    .describe('Sources above it are blocked for a time.'),
  'syn-proxy': synProxySchema
    .optional()
    .describe('Answers in place of the targets; only who answers back gets through.'),
  'connection-rate': z
    .strictObject({
      ...common,
      perSecond: packetsPerSecond.describe('New connections of a source.').meta({ examples: [20] }),
      ttlSeconds,
    })
    .optional()
    .describe('Sources that open more connections are blocked for a time.'),
  'connection-limit': z
    .strictObject({
      ...common,
      connections: packetsPerSecond.describe('Of a source at the same time.').meta({ examples: [100] }),
    })
    .optional()
    .describe('Connections beyond it are not opened.'),
  'rate-limit': z
    .strictObject({ ...common, ...rates })
    .optional()
    .describe('Of the profile as a whole; the rest is dropped.'),
  'target-rate-limit': z
    .strictObject({ ...common, ...rates })
    .optional()
    .describe('Of each target; the rest is dropped.'),
}

/** Keys are the names of countermeasures; one that is not named is not there. */
export const countermeasuresSchema = z
  .strictObject({ ...told, ...measured })
  .describe('What stands ready for the profile. What is not named it does not have.')

export type CountermeasuresConfig = z.infer<typeof countermeasuresSchema>
