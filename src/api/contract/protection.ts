// Protection: profiles with their countermeasures, who holds them, and what they did; as people and programs see them.

import { z } from 'zod'
import { count, moment, prefixes, speed } from './values.ts'

/** In the order in which packets meet them. */
export const COUNTERMEASURES = [
  'whitelist',
  'blacklist',
  'temporary-blacklist',
  'geo',
  'header-sanity',
  'fragments',
  'acl',
  'source-limit',
  'syn-proxy',
  'connection-rate',
  'connection-limit',
  'rate-limit',
  'target-rate-limit',
  'filter',
] as const
export const COUNTERMEASURE_MODES = ['on', 'monitor', 'off'] as const
export const BACK_ENDS = ['nftables', 'mitigator'] as const
export const CARRIED_STATES = ['in-place', 'waiting', 'dry-run'] as const

export const countermeasureName = z.enum(COUNTERMEASURES)
export const countermeasureMode = z
  .enum(COUNTERMEASURE_MODES)
  .describe('monitor: what would be dropped is counted and passes.')
const carried = z
  .enum(CARRIED_STATES)
  .describe(
    'in-place: carried out as wanted. waiting: tried until it is, and problems say why it is not. dry-run: not armed.',
  )
const problems = z.array(z.string()).describe('Why it is not in place, or what of it is not carried out.')

export const profileId = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/, { error: 'expected the id of a profile such as web' })
  .describe('Id of the profile in the configuration.')

const holderSchema = z.object({
  by: z.enum(['attack', 'threshold', 'operator']),
  who: z
    .string()
    .describe('Id of the attack, the threshold in words, or who switched it, as the audit calls him.'),
  target: z.string().optional().describe('Of an attack: what is protected.'),
  mode: countermeasureMode,
  since: moment,
  until: moment.optional().describe('Missing: until somebody switches again.'),
  tags: z.array(z.string()),
})
const holders = z.array(holderSchema)

export const countermeasureCountersSchema = z.object({
  inputPackets: count.describe('That it looked at, since it was first applied.'),
  passedPackets: count,
  droppedPackets: count.describe('In monitor mode: that it would have dropped.'),
  droppedBytes: count,
  sources: count.optional().describe('On its list now; missing: it has none.'),
  unmeasuredPackets: count.optional().describe('That found a set full; above 0 the sizes are too small.'),
  inputPacketsPerSecond: speed,
  droppedPacketsPerSecond: speed,
  readAt: moment,
})

const countermeasureSchema = z.object({
  name: countermeasureName,
  mode: countermeasureMode.describe('As it is wanted now; it does something only while the profile is on.'),
  configuredMode: countermeasureMode.describe('While nobody needs it and nobody has switched it.'),
  parameters: z.json().optional().describe('As the reference of the configuration describes them.'),
  holders: holders.describe('Who keeps it on, and who switched it.'),
  threshold: z
    .object({
      metric: z.string(),
      on: speed,
      off: speed,
      history: count,
      severity: count,
      isOver: z.boolean(),
      now: speed.optional().describe('The newest measurement.'),
    })
    .optional(),
  counters: countermeasureCountersSchema.optional().describe('Missing: it is not in place, or not read yet.'),
})

export const profileSchema = z
  .object({
    id: z.string(),
    backEnd: z.enum(BACK_ENDS).describe('Who carries it out: this machine, or a scrubber.'),
    prefixes,
    isDefault: z.boolean().describe('It also covers what no other profile does.'),
    tags: z.array(z.string()),
    isOn: z.boolean(),
    isConfiguredOn: z.boolean().describe('While nobody needs it and nobody has switched it.'),
    since: moment.optional().describe('When it was switched on or off; missing: before this run.'),
    holders: holders.describe('Everyone who needs one of its countermeasures, and who switched it.'),
    countermeasures: z.array(countermeasureSchema).describe('In the order in which packets meet them.'),
    carried,
    problems,
  })
  .describe('A protection profile.')

export const protectionSchema = z.object({
  isArmed: z.boolean().describe('False: what would be done is told, and nothing is.'),
  defaultProfile: z.string().optional().describe('Missing: nothing protects what no profile covers.'),
  backEnds: z.array(
    z.object({
      name: z.enum(BACK_ENDS),
      place: z.string().describe('Where profiles are carried out.'),
      carried,
      problems,
      owed: count.describe('Things that could not be undone yet.'),
    }),
  ),
  warnings: z.array(z.string()).describe('A sentence each: what somebody has to look at.'),
  profiles: z.array(profileSchema).describe('In the order of the configuration.'),
})

export type Protection = z.infer<typeof protectionSchema>
export type Profile = z.infer<typeof profileSchema>
export type Countermeasure = Profile['countermeasures'][number]
