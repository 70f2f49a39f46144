// Reading the configuration again.

import { ROUTES } from '../contract/routes.ts'
import type { Control } from '../control.ts'
import type { Router } from '../route.ts'

export function addReloadRoutes(router: Router, control: Control): void {
  router.add(ROUTES.reload, async (_, caller) => {
    const done = await control.reload(caller)
    return done.kind === 'done' ? { kind: 'ok', value: done.value } : done
  })
}
