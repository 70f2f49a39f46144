// The safelist: what is never touched.

import { ROUTES } from '../contract/routes.ts'
import type { SafelistDesk } from '../resources.ts'
import type { Router } from '../route.ts'
import { answerOf } from './answer-of.ts'

export function addSafelistRoutes(router: Router, desk: SafelistDesk): void {
  router.add(ROUTES.safelist, (_, caller) => ({ kind: 'ok', value: desk.list(caller) }))
  router.add(ROUTES.addSafe, async (entry, caller) => answerOf(await desk.add(entry, caller)))
  router.add(ROUTES.removeSafe, async ({ prefix }, caller) => answerOf(await desk.remove(prefix, caller)))
}
