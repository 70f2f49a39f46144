// Who is told of what happens: shown without secrets, set, and tested.

import type { Identity } from '#api/contract/access.ts'
import { newUuid } from '#lib/uuid.ts'
import { alertingSchema, mergeAlerting, redacted, type StoredAlerting } from './alerting-body.ts'
import { readMalformed } from './reading.ts'
import { Refusal } from './refusal.ts'
import type { DialectRoute } from './route.ts'

export interface AlertingDesk {
  /** With its secrets. */
  alerting(): StoredAlerting
  /** In force afterwards; written into the audit without secrets. */
  change(alerting: StoredAlerting, by: Identity): Promise<void>
  /** As the configuration says from then on; written into the audit. */
  forget(by: Identity): Promise<void>
  /** Whether an address inside may be told all the same. */
  mayReach(url: string): boolean
  test(): Promise<readonly { readonly destination: string; readonly error?: string }[]>
}

export const alertingRoutes = (desk: AlertingDesk): readonly DialectRoute[] => [
  {
    ...{ method: 'GET', path: '/v1/config/alerting', role: 'viewer', reach: 'everything', success: 200 },
    summary: 'Who is told; secrets are ***.',
    handle: async () => redacted(desk.alerting()),
  },
  {
    ...{ method: 'PUT', path: '/v1/config/alerting', role: 'admin', reach: 'everything', success: 200 },
    summary: 'Sets who is told; *** keeps a secret.',
    body: alertingSchema,
    handle: async request => {
      const body = readMalformed(request, alertingSchema)
      const merged = mergeAlerting(body, desk.alerting(), newUuid, url => desk.mayReach(url))
      if (merged.kind === 'refused')
        throw new Refusal(400, 'invalid alerting settings', { errors: merged.errors })
      await desk.change(merged.alerting, request.identity)
      return redacted(desk.alerting())
    },
  },
  {
    ...{ method: 'DELETE', path: '/v1/config/alerting', role: 'admin', reach: 'everything', success: 200 },
    summary: 'Forgets what was set: who is told is what the configuration says.',
    handle: async request => {
      await desk.forget(request.identity)
      return redacted(desk.alerting())
    },
  },
  {
    ...{ method: 'POST', path: '/v1/config/alerting/test', role: 'admin', reach: 'everything', success: 200 },
    summary: 'Tells each destination that this is a test.',
    handle: async () => ({
      results: (await desk.test()).map(({ destination, error }) => ({
        ...{ destination, status: error === undefined ? 'ok' : 'error', error: error ?? null },
      })),
    }),
  },
]
