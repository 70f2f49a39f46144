// prefixd's view of who is told of alerts.

import type { MitigationLedger } from '#7-mitigation/mitigation-ledger.ts'
import type { Identity } from '#api/contract/access.ts'
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
  const audited = async (by: Identity, reason: string, change: () => Promise<unknown>) => {
    const before = redacted(alerts.settings)
    await change()
    store.record({
      ...{
        at: now(),
        who: actorOf(callerOf(by)),
        what: 'configure',
        target: 'alerting',
        attackId: '',
        reason,
      },
      ...{ mitigationId: undefined, outcome: 'done', before, after: redacted(alerts.settings) },
    })
  }
  return {
    alerting: () => alerts.settings,
    change: (settings, by) => audited(by, 'who is told of alerts was set', () => alerts.change(settings)),
    forget: by => audited(by, 'who is told of alerts is what the configuration says', () => alerts.forget()),
    mayReach: url => alerts.mayReach(url),
    test: () => alerts.test(),
  }
}
