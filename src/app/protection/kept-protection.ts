// What protection keeps for the next run, as one document: how operators have switched, what thresholds keep on, and incidents.

import { z } from 'zod'
import { COUNTERMEASURES, PROTECTORS } from '#6-policy/countermeasure.ts'
import type { KeptHolders } from '#7-mitigation/protection/holders.ts'
import type { Incident } from '#7-mitigation/protection/incident.ts'

export const PROTECTION_KEY = 'protection'

const text = z.string().max(1024)
const name = z.enum(COUNTERMEASURES)
const moment = z.number()

const switchSchema = z.object({
  ...{ profile: text, countermeasure: name.optional(), mode: z.enum(['off', 'monitor', 'on']), who: text },
  ...{ sinceMs: moment, untilMs: moment.optional() },
})
const needSchema = z.object({
  ...{
    key: text,
    by: z.literal('threshold'),
    cause: text,
    target: text,
    profile: text,
    countermeasure: name,
  },
  ...{ rules: z.array(text), sinceMs: moment, untilMs: moment.optional(), tags: z.array(text) },
})
const incidentSchema = z.object({
  ...{ id: text, profile: text, beganAt: moment, endedAt: moment.optional().transform(at => at) },
  ...{ causes: z.array(text), countermeasures: z.array(name), tags: z.array(text) },
  ...{ droppedPackets: z.number(), droppedBytes: z.number() },
})
const keptSchema = z.object({
  switches: z.array(switchSchema),
  needs: z.array(needSchema),
  incidents: z.array(incidentSchema),
  /** Back ends at which something of ours may be. */
  inPlace: z.array(z.enum(PROTECTORS)).default([]),
})

export interface KeptProtection extends KeptHolders {
  readonly incidents: readonly Incident[]
  readonly inPlace: readonly (typeof PROTECTORS)[number][]
}

/** `undefined`: there is none, or it is none of ours. */
export function readKept(document: unknown): KeptProtection | undefined {
  const parsed = keptSchema.safeParse(document)
  return parsed.success ? parsed.data : undefined
}
