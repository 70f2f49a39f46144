// prefixd's view of groups of reports, over the desk that keeps them.

import { weightOf } from '#6-policy/signal-groups.ts'
import type { MitigationLedger } from '#7-mitigation/mitigation-ledger.ts'
import type { Identity } from '#api/contract/access.ts'
import { shapeOf } from '#compat/prefixd/api/correlation-body.ts'
import type { CorrelationDesk } from '#compat/prefixd/api/correlation-routes.ts'
import { actorOf } from '../actor.ts'
import type { IntakeRoom } from '../intake/intake-room.ts'
import type { Reach } from '../resources/reach.ts'
import { callerOf } from './event-room.ts'

export interface CorrelationDeskOptions {
  readonly intake: Pick<IntakeRoom, 'groups' | 'groupRules'>
  readonly store: Pick<MitigationLedger, 'record'>
  readonly reach: Reach
  readonly now: () => number
}

export function correlationDesk({ intake, store, reach, now }: CorrelationDeskOptions): CorrelationDesk {
  const { groups, groupRules } = intake
  const audited = async (by: Identity, reason: string, change: () => Promise<unknown>) => {
    const before = shapeOf(groupRules.rules)
    await change()
    store.record({
      ...{ at: now(), who: actorOf(callerOf(by)), what: 'configure', target: 'correlation', attackId: '' },
      ...{ mitigationId: undefined, outcome: 'done', before, after: shapeOf(groupRules.rules), reason },
    })
  }
  return {
    rules: () => groupRules.rules,
    loadedAt: () => groupRules.loadedAt,
    change: (rules, by) => audited(by, 'how detectors have to agree was set', () => groupRules.change(rules)),
    forget: by => audited(by, 'detectors have to agree as the configuration says', () => groupRules.forget()),
    groups: by => groups.list().filter(({ host }) => reach.sees(callerOf(by), host)),
    corroborate: told => groups.corroborate(told),
    activity: since => groups.activity(since),
    waiting: () => groups.waiting,
    weightOf: source => weightOf(source, groupRules.rules),
    now,
  }
}
