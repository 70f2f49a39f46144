// Settings of playbooks: which attacks they answer, and the ladder of steps by which they do.

import { z } from 'zod'
import { VECTORS } from '#4-detection/vectors.ts'
import { parseAddress } from '#lib/ip/address.ts'
import { ANNOUNCERS } from './action.ts'
import { COUNTERMEASURES, ELSE } from './countermeasure.ts'
import { HALF_LIFE_MAX } from './groups-config.ts'
import { SEVERITIES } from './severity.ts'
import { WEEKDAYS } from './weekday.ts'

export const STEP_ACTION_KINDS = [
  'observe',
  'rate-limit',
  'discard',
  'divert',
  'blackhole',
  'countermeasure',
  'script',
] as const
export type StepActionKind = (typeof STEP_ACTION_KINDS)[number]

/** FastNetMon's words for what an attack is. */
export const ATTACK_TYPES = ['syn_flood', 'icmp_flood', 'ip_fragmentation', 'udp_flood', 'unknown'] as const

const word = z.string().min(1).max(128)
const someWords = (what: string) => z.array(word).max(1024).default([]).describe(what)

const VECTOR_NAMES: ReadonlySet<string> = new Set([...VECTORS.map(({ name }) => name), ...ATTACK_TYPES])
const vectorText = z
  .string()
  .refine(text => VECTOR_NAMES.has(text), {
    error:
      'expected the name of a vector such as dns-amplification, or one of syn_flood, icmp_flood, ip_fragmentation, udp_flood, unknown',
  })
  .meta({ title: 'the name of a vector (docs/reference/vectors.md) or a type such as udp_flood' })

const share = z.number().min(0).max(1)

const matchSchema = z
  .strictObject({
    vectors: z
      .array(vectorText)
      .max(128)
      .default([])
      .describe('One of them is part of the attack, or its type. Empty: whatever it is.')
      .meta({ examples: [['dns-amplification', 'udp_flood']] }),
    origins: z
      .array(z.enum(['detected', 'manual', 'event']))
      .max(3)
      .default([])
      .describe('Who found it: we, an operator, or a foreign detector (event). Empty: whoever.'),
    sources: someWords('Names of foreign detectors that reported it. Empty: whichever, or none.'),
    customers: someWords('Ids of customers of the inventory. Empty: whoever it is.'),
    services: someWords('Ids of services of the inventory. Empty: whichever.'),
    pops: someWords('Ids of POPs of the inventory. Empty: wherever.'),
    hostgroups: someWords('Hostgroups of the attacked host; global: in none. Empty: whichever.'),
    directions: z
      .array(z.enum(['incoming', 'outgoing', 'other']))
      .max(3)
      .default([])
      .describe('Directions of the flood. Empty: whichever.'),
    scopes: z
      .array(z.enum(['host', 'network', 'hostgroup', 'prefix']))
      .max(4)
      .default([])
      .describe('What is attacked: a host, a network or hostgroup as a whole, or prefixes. Empty: whatever.'),
    severities: z
      .array(z.enum(SEVERITIES))
      .max(SEVERITIES.length)
      .default([])
      .describe(
        'How far over its limit it went when it opened: low below 2 times, medium below 5, high below 20, critical from there. What crossed no limit is medium. Empty: however far.',
      ),
    minimumConfidence: share
      .default(0)
      .describe(
        'So sure it must be what it is. By hand it is 1; while too few packets were seen to name it, it is 0.',
      )
      .meta({ examples: [0.7] }),
    requirePorts: z
      .boolean()
      .default(false)
      .describe('Only while it is known to which ports of the target the flood goes.'),
  })
  .describe(
    'Which attacks it answers: all that is named must hold. The first playbook of the list that fits answers.',
  )

const timeText = z
  .string()
  .regex(/^(?:[01]\d|2[0-3]):[0-5]\d$|^24:00$/, { error: 'expected a time such as 08:00, at most 24:00' })
  .meta({ title: 'a time such as 08:00' })

const windowSchema = z
  .strictObject({
    days: z
      .array(z.enum(WEEKDAYS))
      .max(7)
      .default([])
      .describe('Days on which the window begins. Empty: every day.')
      .meta({ examples: [['monday', 'friday']] }),
    from: timeText.default('00:00').describe('It begins at this time of day.'),
    to: timeText
      .default('24:00')
      .describe('It ends before this time of day; a time that is not after `from` is one of the next day.'),
    timeZone: z
      .string()
      .max(64)
      .refine(isTimeZone, { error: 'expected a time zone such as Europe/Vienna or UTC' })
      .meta({ title: 'a time zone such as Europe/Vienna or UTC' })
      .default('UTC')
      .describe('The clock it goes by, with its summer time.'),
  })
  .describe('A time of the week.')

function isTimeZone(text: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: text }) !== undefined
  } catch {
    return false
  }
}

const COMMUNITY = /^\d{1,10}:\d{1,10}(?::\d{1,10})?$/
const isCommunity = (text: string): boolean =>
  COMMUNITY.test(text) &&
  text.split(':').every((part, _, { length }) => Number(part) <= (length === 2 ? 65_535 : 0xffff_ffff))

const addressOf = (family: 4 | 6) =>
  z
    .string()
    .refine(text => parseAddress(text)?.family === family, { error: `expected an IPv${family} address` })
    .meta({ title: `an IPv${family} address`, examples: [family === 4 ? '192.0.2.67' : '100::2'] })
    .optional()

const TABLE_WORDS: ReadonlySet<string> = new Set([...VECTOR_NAMES, 'tcp', 'udp', 'icmp', ELSE])
const tableWord = z
  .string()
  .refine(text => TABLE_WORDS.has(text), {
    error: 'expected a vector such as dns-amplification, a type such as syn_flood, tcp, udp, icmp, or else',
  })
  .meta({ title: 'a vector (docs/reference/vectors.md), a type such as syn_flood, tcp, udp, icmp, or else' })

const actionSchema = z
  .strictObject({
    kind: z
      .enum(STEP_ACTION_KINDS)
      .describe(
        "observe: only watch. rate-limit, discard: a FlowSpec rule against what the attack is made of. divert: its traffic goes to a scrubber. blackhole: all of its traffic is dropped. countermeasure: of a protection profile. script: the operator's program.",
      ),
    bitsPerSecond: z
      .number()
      .positive()
      .max(1e13)
      .optional()
      .describe('rate-limit: so many bits pass in a second.')
      .meta({ examples: [5_000_000] }),
    packetsPerSecond: z
      .number()
      .positive()
      .max(1e10)
      .optional()
      .describe('rate-limit: so many packets pass in a second, in place of bits.'),
    rule: z
      .enum(['distilled', 'vector'])
      .optional()
      .describe(
        'rate-limit, discard: rules by what the packets of the attack have in common and calm ones have not (distilled), or by the vector alone. Missing: distilled, and by the vector where too few packets were seen.',
      )
      .meta({ examples: ['vector'] }),
    enforcer: z
      .enum(ANNOUNCERS)
      .optional()
      .describe('rate-limit, discard, divert: who announces it. Missing: the first that is configured.'),
    scope: z
      .enum(['host', 'network'])
      .optional()
      .describe(
        'blackhole: the attacked host or the longest of our networks around it; missing: host. divert: the attacked prefix or the network; missing: network.',
      ),
    nextHopIpv4: addressOf(4).describe('divert: the way to the scrubber for IPv4.'),
    nextHopIpv6: addressOf(6).describe('divert: the way to the scrubber for IPv6.'),
    communities: z
      .array(
        z
          .string()
          .refine(isCommunity, { error: 'expected a community such as 65001:777 or 64496:1:2' })
          .meta({ title: 'a community such as 65001:777 or 64496:1:2' }),
      )
      .max(32)
      .optional()
      .describe('divert: communities of the route.'),
    profile: word
      .optional()
      .describe('countermeasure: the protection profile. Missing: the one around the attacked host.')
      .meta({ examples: ['web'] }),
    countermeasure: z
      .enum(COUNTERMEASURES)
      .optional()
      .describe(
        'countermeasure: which one is switched on; filter: by rules that are distilled from the attack. Missing: byType says it.',
      )
      .meta({ examples: ['source-limit'] }),
    byType: z
      .record(tableWord, z.enum(COUNTERMEASURES))
      .optional()
      .describe(
        'countermeasure: what answers a vector, a type such as syn_flood, or a protocol (tcp, udp, icmp); else: whatever remains. What is missing is as with MITIGATOR: syn_flood and tcp syn-proxy, icmp_flood and icmp acl, else source-limit.',
      )
      .meta({ examples: [{ udp_flood: 'rate-limit' }] }),
  })
  .describe('One thing that is done.')

const stepSchema = z
  .strictObject({
    name: word.describe('What the step is called in reasons; once in a playbook.'),
    actions: z
      .array(actionSchema)
      .min(1)
      .max(16)
      .describe('What holds as long as the attack stands on this step; all of it at the same time.')
      .meta({ examples: [[{ kind: 'rate-limit', bitsPerSecond: 5_000_000 }, { kind: 'script' }]] }),
    ttlSeconds: z
      .int()
      .min(1)
      .max(31_536_000)
      .default(300)
      .describe('What it does ends after so long, unless the attack is still seen.'),
    escalateAfter: z
      .strictObject({
        seconds: z
          .int()
          .min(1)
          .max(86_400)
          .default(120)
          .describe('The attack stood on the step before for so long, and is still over its limit.'),
        minimumConfidence: share.default(0.7).describe('And so sure it must be what it is.'),
      })
      .optional()
      .describe('When the attack comes to this step from the one before; the first step has none.'),
  })
  .describe('A rung of the ladder.')

const agreementSchema = z
  .strictObject({
    minSources: z.int().min(1).max(64).optional().describe('So many detectors must say so.'),
    threshold: share.optional().describe('And be so sure together.'),
    halfLifeSeconds: z
      .int()
      .min(0)
      .max(HALF_LIFE_MAX)
      .optional()
      .describe('A report counts half after so long. 0: as much as when it came.'),
  })
  .describe(
    'How detectors have to agree on what it answers, while they have to (policy.correlation.groups.enabled). What is missing is as there.',
  )

export const playbookSchema = z
  .strictObject({
    name: word.describe('What the playbook is called in reasons; once in the list.'),
    dryRun: z.boolean().default(false).describe('Only shows what it would do, armed or not.'),
    match: matchSchema.prefault({}),
    windows: z
      .array(windowSchema)
      .max(64)
      .default([])
      .describe('When it answers; outside of them it is passed over. Empty: always.')
      .meta({ examples: [[{ days: ['monday'], from: '08:00', to: '18:00', timeZone: 'Europe/Vienna' }]] }),
    agreement: agreementSchema.optional().meta({ examples: [{ minSources: 2, threshold: 0.8 }] }),
    steps: z.array(stepSchema).min(1).max(16).describe('From the mildest to the hardest.'),
    deescalate: z
      .strictObject({
        belowShare: share.default(0.5).describe('Below this share of its peak the flood counts as shrunk.'),
        seconds: z.int().min(1).max(86_400).default(60).describe('And it stayed there for so long.'),
      })
      .optional()
      .describe('When the attack goes back one step. Missing: never before it ends.'),
  })
  .describe('How one kind of attack is answered.')

export const playbooksSchema = z
  .array(playbookSchema)
  .max(1024)
  .default([])
  .describe(
    'How attacks are answered. The first that fits answers; when none does, the script is called and the configured announcements are made.',
  )
  .meta({
    examples: [
      [
        {
          name: 'udp',
          match: { vectors: ['udp_flood'] },
          steps: [
            { name: 'limit', actions: [{ kind: 'rate-limit', bitsPerSecond: 5_000_000 }], ttlSeconds: 120 },
            { name: 'drop', actions: [{ kind: 'discard' }], escalateAfter: { seconds: 120 } },
          ],
        },
      ],
    ],
  })

export type PlaybookConfig = z.infer<typeof playbookSchema>
export type MatchConfig = PlaybookConfig['match']
export type WindowConfig = PlaybookConfig['windows'][number]
export type StepConfig = PlaybookConfig['steps'][number]
export type StepActionConfig = StepConfig['actions'][number]
