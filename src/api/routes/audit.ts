// The audit.

import { ROUTES } from '../contract/routes.ts'
import type { Control } from '../control.ts'
import type { Router } from '../route.ts'
import { answerOf } from './answer-of.ts'

export function addAuditRoutes(router: Router, control: Control): void {
  router.add(ROUTES.audit, async query => ({ kind: 'ok', value: await control.audit(query) }))
  router.add(ROUTES.verifyAudit, async () => answerOf(await control.verifyAudit()))
}
