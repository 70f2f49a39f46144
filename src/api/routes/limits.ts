// Learned limits.

import { ROUTES } from '../contract/routes.ts'
import type { Control } from '../control.ts'
import type { Router } from '../route.ts'
import { answerOf } from './answer-of.ts'

export function addLimitRoutes(router: Router, control: Control): void {
  router.add(ROUTES.limits, async query => answerOf(await control.limits(query)))
  router.add(ROUTES.decideLimits, async (request, caller) =>
    answerOf(await control.decideLimits(request, caller)),
  )
}
