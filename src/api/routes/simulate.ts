// Simulation of policy.

import { ROUTES } from '../contract/routes.ts'
import type { Control } from '../control.ts'
import type { Router } from '../route.ts'
import { answerOf } from './answer-of.ts'

export function addSimulateRoutes(router: Router, control: Control): void {
  router.add(ROUTES.simulate, async request => answerOf(await control.simulate(request)))
}
