// How operators have switched profiles, as a document that can be put back: read as a whole, checked as a whole, and put back in
// the order in which nothing is on without what spares honest traffic.

import { z } from 'zod'
import { COUNTERMEASURES, type CountermeasureName } from '#6-policy/countermeasure.ts'
import { type ConfiguredProfile, countermeasuresOf } from './configured-profile.ts'
import type { Switch } from './holders.ts'

const switchSchema = z.strictObject({
  profile: z.string().min(1).max(63),
  countermeasure: z.enum(COUNTERMEASURES).optional(),
  mode: z.enum(['off', 'monitor', 'on']),
  who: z.string().max(256),
  sinceMs: z.number(),
  untilMs: z.number().optional(),
})

const backupSchema = z.strictObject({
  version: z.literal(1),
  madeAt: z.string().max(64),
  /** Ids of all profiles there were, with the countermeasures that each had. */
  profiles: z.record(z.string().max(63), z.array(z.enum(COUNTERMEASURES)).max(COUNTERMEASURES.length)),
  switches: z.array(switchSchema).max(4096),
})
export type ProtectionBackup = z.infer<typeof backupSchema>

/** Switches of what is no longer configured are left out: a backup fits the configuration it was made under. */
export const makeBackup = (
  profiles: readonly ConfiguredProfile[],
  switches: readonly Switch[],
  nowMs: number,
): ProtectionBackup => ({
  version: 1,
  madeAt: new Date(nowMs).toISOString(),
  profiles: Object.fromEntries(profiles.map(profile => [profile.id, [...countermeasuresOf(profile)]])),
  switches: switches.filter(one => problemOf(one, profiles).length === 0).map(one => ({ ...one })),
})

export type ReadBackup =
  | { readonly kind: 'read'; readonly switches: readonly Switch[]; readonly notes: readonly string[] }
  | { readonly kind: 'refused'; readonly problems: readonly string[] }

/** In the order in which it is to be put back; what is over by now is left out and told. */
export function readBackup(
  document: unknown,
  profiles: readonly ConfiguredProfile[],
  nowMs: number,
): ReadBackup {
  const parsed = backupSchema.safeParse(document)
  if (!parsed.success) {
    const problems = parsed.error.issues
      .slice(0, 10)
      .map(({ path, message }) => `${path.join('.')}: ${message}`)
    return { kind: 'refused', problems }
  }
  const { switches } = parsed.data
  const problems = switches.flatMap(one => problemOf(one, profiles))
  if (problems.length > 0) return { kind: 'refused', problems }
  const over = switches.filter(({ untilMs = Infinity }) => untilMs <= nowMs)
  return {
    kind: 'read',
    switches: switches.filter(one => !over.includes(one)).toSorted((a, b) => rank(a) - rank(b)),
    notes:
      over.length === 0 ? [] : [`${over.length} switches were for a time that is over, and are left out`],
  }
}

function problemOf(
  { profile: id, countermeasure }: Switch,
  profiles: readonly ConfiguredProfile[],
): string[] {
  const profile = profiles.find(one => one.id === id)
  if (profile === undefined) return [`there is no profile ${id}: add it to the configuration first`]
  if (countermeasure === undefined || countermeasuresOf(profile).includes(countermeasure)) return []
  return [`profile ${id} has no ${countermeasure}: add it to the configuration first`]
}

/** What spares, then what is told, then what measures; the profile last. */
const rank = ({ countermeasure }: Switch): number =>
  countermeasure === undefined
    ? COUNTERMEASURES.length
    : COUNTERMEASURES.indexOf(countermeasure satisfies CountermeasureName)
