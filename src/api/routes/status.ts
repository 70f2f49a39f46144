// Status and health.

import { ROUTES } from '../contract/routes.ts'
import type { Control } from '../control.ts'
import type { Router } from '../route.ts'

export function addStatusRoutes(router: Router, control: Control): void {
  router.add(ROUTES.status, async () => ({ kind: 'ok', value: await control.status() }))
  router.add(ROUTES.health, async () => {
    const value = await control.health()
    return { kind: 'ok', value, status: value.ok ? 200 : 503 }
  })
}
