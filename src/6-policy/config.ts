// Settings of policy: the rails no action may cross.

import { z } from 'zod'
import { prefixText } from '#3-traffic/config.ts'
import { USUAL_ADDRESSES_MAX, USUAL_BOUNDS } from './bounds.ts'
import { groupsSchema } from './groups-config.ts'
import { ENFORCING_ROUTERS } from './router-fit.ts'

const length = (bits: 32 | 128, usual: number) =>
  z
    .int()
    .min(8)
    .max(bits)
    .default(usual)
    .describe(`Of IPv${bits === 32 ? 4 : 6}: a larger number is narrower.`)

const lengths = (what: string, { ipv4, ipv6 }: { readonly ipv4: number; readonly ipv6: number }) =>
  z
    .strictObject({ ipv4: length(32, ipv4), ipv6: length(128, ipv6) })
    .prefault({})
    .describe(what)

const { prefixLengths, ttlSeconds, portsMax } = USUAL_BOUNDS

const boundsSchema = z
  .strictObject({
    prefixLengths: z
      .strictObject({
        host: lengths('Of a blackhole of a host.', prefixLengths.host),
        network: lengths('Of a blackhole of a network.', prefixLengths.network),
        rule: lengths(
          'Of the target of a FlowSpec rule; of its source too when only that is ours.',
          prefixLengths.rule,
        ),
        order: lengths(
          'Of the target of a FlowSpec rule that a person writes; of its source there is none.',
          prefixLengths.order,
        ),
        divert: lengths('Of a route to a scrubber.', prefixLengths.divert),
      })
      .prefault({})
      .describe('The shortest prefix lengths, by what is done; what is wider is refused.'),
    ttlSeconds: z
      .strictObject({
        minimum: z
          .int()
          .min(1)
          .max(31_536_000)
          .default(ttlSeconds.minimum)
          .describe('A step of a playbook lasts at least so long.'),
        maximum: z
          .int()
          .min(1)
          .max(31_536_000)
          .default(ttlSeconds.maximum)
          .describe('And at most so long; never longer than mitigation.maximumSeconds.'),
      })
      .prefault({})
      .describe('How long a step of a playbook may last.'),
    portsMax: z
      .int()
      .min(1)
      .max(64)
      .default(portsMax)
      .describe('Ranges of ports in one FlowSpec rule; a rule with more is refused.'),
    addressesMax: z
      .int()
      .min(1)
      .max(4_294_967_296)
      .optional()
      .describe(
        `Addresses (IPv6: networks of /64) that what is done for one attack may touch together. Missing: ${USUAL_ADDRESSES_MAX} for a configured playbook, any number for the announcements of the built-in one.`,
      )
      .meta({ examples: [USUAL_ADDRESSES_MAX] }),
  })
  .refine(({ ttlSeconds: { minimum, maximum } }) => minimum <= maximum, {
    error: 'expected a minimum that is not above the maximum',
    path: ['ttlSeconds'],
  })
  .prefault({})
  .describe('How wide and how long any one thing may be.')

const quota = (what: string) =>
  z
    .strictObject({
      activeMax: z
        .int()
        .min(1)
        .max(1_000_000)
        .optional()
        .describe('Announcements at the same time. Missing: no limit of its own.')
        .meta({ examples: [500] }),
      newPerMinute: z
        .int()
        .min(1)
        .max(100_000)
        .optional()
        .describe('Announcements that begin within any minute. Missing: no limit of its own.')
        .meta({ examples: [60] }),
    })
    .prefault({})
    .describe(what)

const quotasSchema = z
  .strictObject({
    global: quota('For all together.'),
    customer: quota('For each customer of the inventory.'),
    pop: quota('For each POP of the inventory.'),
    rulesMax: z
      .int()
      .min(1)
      .max(100_000)
      .default(1000)
      .describe('FlowSpec rules that one enforcer holds; routers have room for few thousands.'),
  })
  .prefault({})
  .describe(
    'How many routes and rules are announced, beside bansMax and bansPerMinute, which count hosts. What finds no room waits for it.',
  )

const share = z.number().min(0).max(1)

const correlationSchema = z
  .strictObject({
    windowSeconds: z
      .int()
      .min(1)
      .max(86_400)
      .default(300)
      .describe('Reports about one target belong to one attack when each follows another within so long.'),
    weights: z
      .record(z.string().min(1).max(128), share)
      .default({})
      .describe('How far each detector is trusted, by its name; floodwarden is ours.')
      .meta({ examples: [{ radar: 0.8 }] }),
    usualWeight: share.default(1).describe('How far a detector is trusted that has no weight.'),
    groups: groupsSchema,
  })
  .refine(
    ({ windowSeconds, groups: { halfLifeSeconds, windowSeconds: own = windowSeconds } }) =>
      halfLifeSeconds <= own * 10,
    { path: ['groups', 'halfLifeSeconds'], error: 'expected at most ten windows' },
  )
  .prefault({})
  .describe('How the confidences of several detectors become one.')

const safelistEntry = z
  .strictObject({
    prefix: prefixText.describe('What is never touched.'),
    reason: z.string().max(256).optional().describe('Why; it stands in the refusal.'),
    until: z
      .string()
      .refine(text => !Number.isNaN(Date.parse(text)), {
        error: 'expected a date such as 2027-01-31 or 2027-01-31T18:00:00Z',
      })
      .meta({ title: 'a date such as 2027-01-31 or 2027-01-31T18:00:00Z' })
      .optional()
      .describe('The entry ends at this moment. Missing: never.'),
  })
  .describe('A prefix that is never touched.')

export const policySchema = z
  .strictObject({
    managementPrefixes: z
      .array(prefixText)
      .default([])
      .describe('Nothing is ever done to hosts in these prefixes: management, BGP sessions, resolvers.'),
    bansMax: z
      .int()
      .min(1)
      .max(100_000)
      .default(1000)
      .describe(
        'Hosts under action at the same time. Above it attacks are reported and nothing is done until there is room.',
      ),
    bansPerMinute: z
      .int()
      .min(1)
      .max(100_000)
      .default(120)
      .describe(
        'Hosts that come under action within any minute. Above it attacks are reported, and acted on in turn when there is room.',
      ),
    routers: z
      .array(prefixText)
      .max(4096)
      .default([])
      .describe('Addresses of our routers: no rule may match their BGP (TCP port 179), in either direction.'),
    safelist: z
      .array(safelistEntry)
      .max(65_536)
      .default([])
      .describe(
        'Prefixes that no action touches, each with a reason and, when it is meant for a while, an end.',
      )
      .meta({ examples: [[{ prefix: '192.0.2.53/32', reason: 'resolver', until: '2027-01-31' }]] }),
    correlation: correlationSchema,
    flowspecRouter: z
      .enum(ENFORCING_ROUTERS)
      .optional()
      .describe(
        'The routers that enforce FlowSpec rules. What they cannot express is refused when the configuration is read or the rule is made; a rate goes to the next step they have. Missing: rules are announced as they are meant.',
      )
      .meta({ examples: ['junos'] }),
    bounds: boundsSchema,
    quotas: quotasSchema,
  })
  .describe('What may be done, and to whom never.')

export type PolicyConfig = z.infer<typeof policySchema>
