// Arming and disarming.

import { ROUTES } from '../contract/routes.ts'
import type { Control } from '../control.ts'
import type { Router } from '../route.ts'

export function addArmingRoutes(router: Router, control: Control): void {
  router.add(ROUTES.arming, async query => {
    const done = await control.arming(query)
    return done.kind === 'done' ? { kind: 'ok', value: done.value } : done
  })
  router.add(ROUTES.arm, async (request, caller) => {
    const done = await control.arm(request, caller)
    return done.kind === 'done' ? { kind: 'ok', value: done.value } : done
  })
}
