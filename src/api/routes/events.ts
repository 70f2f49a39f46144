// Events: what foreign detectors report is taken and listed.

import { ROUTES } from '../contract/routes.ts'
import type { ReportDesk } from '../resources.ts'
import type { Router } from '../route.ts'
import { answerOf } from './answer-of.ts'

export function addEventRoutes(router: Router, desk: ReportDesk): void {
  router.add(ROUTES.events, async (query, caller) => answerOf(await desk.list(query, caller)))
  router.add(ROUTES.event, async ({ id }, caller) => answerOf(await desk.get(id, caller)))
  router.add(ROUTES.report, async (event, caller) => answerOf(await desk.receive(event, caller)))
}
