// Arming and disarming.

import { ROUTES } from '../contract/routes.ts'
import type { Control } from '../control.ts'
import type { Router } from '../route.ts'
import { answerOf } from './answer-of.ts'

export function addArmingRoutes(router: Router, control: Control): void {
  router.add(ROUTES.arming, async query => answerOf(await control.arming(query)))
  router.add(ROUTES.arm, async (request, caller) => answerOf(await control.arm(request, caller)))
}
