// prefixd's view of who is told of alerts.

import type { MitigationLedger } from '#7-mitigation/mitigation-ledger.ts'
import { redacted } from '#compat/prefixd/api/alerting-body.ts'
import type { AlertingDesk } from '#compat/prefixd/api/alerting-routes.ts'
import { actorOf } from '../actor.ts'
import type { AlertRoom } from '../alerts/alert-room.ts'
import { callerOf } from './event-room.ts'

export function alertingDesk(
  alerts: AlertRoom,
  store: Pick<MitigationLedger, 'record'>,
  now: () => number,
): AlertingDesk {
  return {
    alerting: () => alerts.settings,
    change: async (settings, by) => {
      const before = redacted(alerts.settings)
      await alerts.change(settings)
      store.record({
        ...{ at: now(), who: actorOf(callerOf(by)), what: 'configure', target: 'alerting' },
        ...{ attackId: '', mitigationId: undefined, outcome: 'done', before, after: redacted(settings) },
        reason: 'who is told of alerts was set',
      })
    },
    mayReach: url => alerts.mayReach(url),
    test: () => alerts.test(),
  }
}
