// The numbers of the traffic screen.

import { ROUTES } from '../contract/routes.ts'
import type { Control } from '../control.ts'
import type { Router } from '../route.ts'

export function addTrafficRoutes(router: Router, control: Control): void {
  router.add(ROUTES.traffic, async query => ({ kind: 'ok', value: await control.traffic(query) }))
}
