// Reading the configuration again.

import { ROUTES } from '../contract/routes.ts'
import type { Control } from '../control.ts'
import type { Router } from '../route.ts'
import { answerOf } from './answer-of.ts'

export function addReloadRoutes(router: Router, control: Control): void {
  router.add(ROUTES.reload, async (_, caller) => answerOf(await control.reload(caller)))
}
