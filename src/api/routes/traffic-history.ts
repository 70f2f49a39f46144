// Traffic as it was and is.

import { ROUTES } from '../contract/routes.ts'
import type { HistoryDesk } from '../resources.ts'
import type { Router } from '../route.ts'
import { answerOf } from './answer-of.ts'

export function addTrafficHistoryRoutes(router: Router, desk: HistoryDesk): void {
  router.add(ROUTES.trafficNetworks, async () => ({ kind: 'ok', value: desk.networks() }))
  router.add(ROUTES.trafficHostgroups, async () => ({ kind: 'ok', value: desk.hostgroups() }))
  router.add(ROUTES.trafficHistory, async query => answerOf(await desk.read(query)))
}
