// What somebody does not want his console to show, and when: kept for each, and heeded by ours as by prefixd's dashboard.
// Destinations of alerts belong to all, so that nobody's preferences take anything from them.

import { z } from 'zod'
import { ALERT_EVENTS } from '#7-mitigation/alert-events.ts'
import type { Identity } from '#api/contract/access.ts'
import { readBody } from './reading.ts'
import type { DialectRoute } from './route.ts'

const hour = z.int().min(0).max(23).nullish()

export const preferencesSchema = z
  .object({
    muted_events: z.array(z.enum(ALERT_EVENTS)).max(ALERT_EVENTS.length).default([]),
    quiet_hours_start: hour,
    quiet_hours_end: hour,
  })
  .refine(({ quiet_hours_start: start, quiet_hours_end: end }) => (start == null) === (end == null), {
    path: ['quiet_hours_end'],
    error: 'quiet hours need a start and an end',
  })
export type Preferences = z.output<typeof preferencesSchema>

export interface PreferencesDesk {
  /** Missing: nothing was said. */
  preferences(by: Identity): unknown
  keep(preferences: Preferences, by: Identity): Promise<void>
}

export const preferencesRoutes = (desk: PreferencesDesk): readonly DialectRoute[] => [
  {
    ...{ method: 'GET', path: '/v1/preferences', role: 'viewer', reach: 'customers', success: 200 },
    summary: 'What the caller does not want his console to show.',
    handle: async request => {
      const kept = preferencesSchema.safeParse(desk.preferences(request.identity)).data
      return {
        muted_events: kept?.muted_events ?? [],
        quiet_hours_start: kept?.quiet_hours_start ?? null,
        quiet_hours_end: kept?.quiet_hours_end ?? null,
      }
    },
  },
  {
    ...{ method: 'PUT', path: '/v1/preferences', role: 'viewer', reach: 'customers', success: 200 },
    summary: 'Sets what the caller does not want his console to show; webhooks tell it all the same.',
    body: preferencesSchema,
    handle: async request => {
      await desk.keep(readBody(request, preferencesSchema), request.identity)
      return undefined
    },
  },
]
