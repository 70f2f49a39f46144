// Bans: listed, set and ended by operators.

import { ROUTES } from '../contract/routes.ts'
import type { Control } from '../control.ts'
import type { Router } from '../route.ts'
import { answerOf } from './answer-of.ts'

export function addBanRoutes(router: Router, control: Control): void {
  router.add(ROUTES.bans, async query => ({ kind: 'ok', value: await control.bans(query) }))
  router.add(ROUTES.ban, async (request, caller) => answerOf(await control.ban(request, caller)))
  router.add(ROUTES.unban, async ({ host, reason }, caller) =>
    answerOf(await control.unban(host, caller, reason)),
  )
}
