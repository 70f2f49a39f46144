// What somebody does not want to be shown as it happens, and when: each has his own.

import { z } from 'zod'
import { ALERT_EVENTS } from '#7-mitigation/alert-events.ts'

const hour = z.int().min(0).max(23)

const quietHours = z
  .object({ from: hour, to: hour.describe('Not included; before from: on the next day.') })
  .describe('Nothing is shown between these hours, by the clock that the console shows.')

const mutedEvents = z
  .array(z.enum(ALERT_EVENTS))
  .max(ALERT_EVENTS.length)
  .describe('Of these nothing is shown. Webhooks and notifications tell them all the same.')

export const preferencesSchema = z.object({
  mutedEvents,
  quietHours: quietHours.optional().describe('Missing: there are none.'),
})

export const preferencesInput = z.strictObject({
  mutedEvents: mutedEvents.default([]),
  quietHours: z.strictObject(quietHours.shape).optional().describe('Missing: there are none.'),
})

export type Preferences = z.infer<typeof preferencesSchema>
