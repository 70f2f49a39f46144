// Tokens: listed, made and revoked.

import type { AccessDesk } from '../access/desk.ts'
import { ROUTES } from '../contract/routes.ts'
import type { Router } from '../route.ts'
import { answerOf } from './answer-of.ts'

export function addTokenRoutes(router: Router, { tokens }: AccessDesk): void {
  router.add(ROUTES.tokens, (_input, caller) => ({ kind: 'ok', value: { tokens: tokens.list(caller) } }))
  router.add(ROUTES.addToken, async (request, caller) => answerOf(await tokens.add(request, caller)))
  router.add(ROUTES.revokeToken, async ({ id }, caller) => answerOf(await tokens.revoke(id, caller)))
}
