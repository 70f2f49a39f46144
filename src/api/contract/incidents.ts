// Incidents: from when a protection profile is first needed until nobody needs it any more.

import { z } from 'zod'
import { countermeasureName, profileId } from './protection.ts'
import { count, moment } from './values.ts'

const INCIDENTS_SHOWN_MAX = 1000
export const incidentSchema = z
  .object({
    id: z.string(),
    profile: z.string(),
    beganAt: moment,
    endedAt: moment.optional().describe('Missing: it goes on.'),
    causes: z.array(z.string()).describe('Ids of attacks, and thresholds in words.'),
    countermeasures: z.array(countermeasureName),
    tags: z.array(z.string()),
    droppedPackets: count,
    droppedBytes: count,
  })
  .describe('From when a profile is first needed until nobody needs it any more.')
export const incidentsInput = z.strictObject({
  limit: z.coerce.number<string | number>().int().min(1).max(INCIDENTS_SHOWN_MAX).default(100),
  profile: profileId.optional().describe('Only of this profile.'),
})
export const incidentsSchema = z.object({
  incidents: z.array(incidentSchema).describe('Those that go on, then the newest first.'),
})
export const tagIncidentInput = z.strictObject({
  id: z.string().min(1).max(80),
  tags: z.array(z.string().min(1).max(64)).min(1).max(32).describe('Letters, digits, and _ . : -'),
})

export type IncidentView = z.infer<typeof incidentSchema>
export type IncidentsQuery = z.infer<typeof incidentsInput>
export type Incidents = z.infer<typeof incidentsSchema>
export type TagRequest = z.infer<typeof tagIncidentInput>
