// Simulation of policy.

import { ROUTES } from '../contract/routes.ts'
import type { Control } from '../control.ts'
import type { Router } from '../route.ts'

export function addSimulateRoutes(router: Router, control: Control): void {
  router.add(ROUTES.simulate, async request => {
    const done = await control.simulate(request)
    return done.kind === 'done' ? { kind: 'ok', value: done.value } : done
  })
}
