// All routes of prefixd's API over one desk.

import type { AttackIds } from '../ids.ts'
import { accessRoutes } from './access-routes.ts'
import { auditRoutes } from './audit-routes.ts'
import type { PrefixdDesk } from './desk.ts'
import { eventRoutes } from './event-routes.ts'
import { factRoutes } from './fact-routes.ts'
import { feedRoute } from './feed.ts'
import { metricsRoute, type PrefixdMetrics } from './metrics.ts'
import { mitigationRoutes } from './mitigation-routes.ts'
import { openapiRoute } from './openapi.ts'
import type { OwnMetrics } from './own-figures.ts'
import { reportRoutes } from './report-routes.ts'
import type { DialectRoute } from './route.ts'
import { safelistRoutes } from './safelist-routes.ts'

/** `more`: routes of other desks, which the description names too. */
export function dialectRoutes(
  desk: PrefixdDesk,
  ids: AttackIds,
  metrics: PrefixdMetrics,
  own: () => Promise<OwnMetrics>,
  more: readonly DialectRoute[] = [],
): readonly DialectRoute[] {
  const routes = [
    ...factRoutes({ desk, ids }),
    ...eventRoutes(desk, ids, metrics),
    ...mitigationRoutes(desk, ids),
    ...safelistRoutes(desk),
    ...auditRoutes(desk),
    ...reportRoutes({ desk, ids }),
    metricsRoute(desk, metrics, own),
    ...(desk.feed === undefined ? [] : [feedRoute({ desk, ids })]),
    ...(desk.access === undefined ? [] : accessRoutes(desk.access)),
    ...more,
  ]
  return [...routes, openapiRoute(routes, () => desk.facts.version().version)]
}
